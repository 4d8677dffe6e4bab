"""Write the README's figures from `results/*.json`; with --check, fail where they differ.

python benchmarks/readme_figures.py [--check]
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from readme_cosal import cosal_text

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"(<!-- figures of (\w+): begin.*?-->\n).*?(<!-- figures: end -->)", re.DOTALL)


def cell(figure: dict[str, float], digits: int = 3) -> str:
    return f"{figure['value']:.{digits}f} [{figure['low']:.{digits}f}, {figure['high']:.{digits}f}]"


def met(is_met: bool) -> str:
    return "met" if is_met else "**not met**"


def read(name: str) -> Any:
    path = ROOT / "results" / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else None


def flowers_text(flowers: dict[str, Any], full: dict[str, Any], following: dict[str, Any]) -> str:
    errors, control, gates = flowers["ab_error"], flowers["control"], flowers["gates"]
    own, twin = errors["own_over_gray"], errors["own_over_twin"]
    lines = [
        f"On the {flowers['photos']:,} photos of the class-disjoint test split, measured on the finished picture at 128 px, "
        "with 95 % bootstrap intervals (`results/flowers.json`):",
        "",
        "| ab error (mean absolute, Lab) | | over gray |",
        "|---|---|---|",
        f"| gray | {cell(errors['gray'], 2)} | 1 |",
    ]
    for key, label in (
        ("own_caption", "the photo's own caption"),
        ("other_caption", "another photo's caption"),
        ("twin", "twin that ignores the sentence"),
        ("one_step", "model with one fixed step (stopped after 7 of the 8 epochs)"),
    ):
        if key not in errors:
            continue
        lines.append(
            f"| {label} | {cell(errors[key], 2)} | {cell(errors[key.removesuffix('_caption') + '_over_gray'])} |"
        )
    lines += [
        "",
        f"Goal at most .68 of gray: {met(own['value'] <= 0.68)}. Goal at least 15 % under the twin: "
        f"{1 - twin['value']:.1%}, {met(twin['value'] <= 0.85)}.",
        "",
        f'**Colour control**: every test photo recoloured by "{control["sentence"].format("C")}"; share in which the '
        "flower comes out nearest to C (goal .85 overall, .70 for each colour: "
        + met(control["overall"]["value"] >= 0.85 and min(c["value"] for c in control["by_colour"].values()) >= 0.7)
        + "). The same measure on the true photos whose captions agree on a colour, beside it.",
        "",
        "| | " + " | ".join(control["by_colour"]) + " | overall |",
        "|---" * (len(control["by_colour"]) + 2) + "|",
        "| `flowers` | "
        + " | ".join(f"{c['value']:.3f}" for c in control["by_colour"].values())
        + f" | {cell(control['overall'])} |",
        "| true photos | "
        + " | ".join(f"{c['true_photos']:.2f}" for c in control["by_colour"].values())
        + f" | {control['true_photos_overall']:.2f} |",
        "",
        "**Termination**: share of regions that stop at step "
        + ", ".join(f"{step}: {share:.1%}" for step, share in gates["share_by_step"].items())
        + f" (no step over 90 %: {met(max(gates['share_by_step'].values()) <= 0.9)}); mean {gates['mean_steps']:.2f} steps. "
        "With the same weights and every region forced to the same number of steps, the ab error over gray is "
        + ", ".join(f"{f['value']:.4f} at {step}" for step, f in gates["fixed_steps_over_gray"].items())
        + f"; gated over the best of them: {cell(gates['gated_over_best_fixed'], 4)}; all steps over gated: "
        f"{cell(gates['all_steps_over_gated'], 4)} (within 1 %: "
        f"{met(abs(gates['all_steps_over_gated']['value'] - 1) <= 0.01)}). "
        + (
            f"Over the model trained with one fixed step: {cell(errors['own_over_one_step'], 4)}. "
            if "own_over_one_step" in errors
            else ""
        )
        + "So on flowers termination saves steps and brings no quality: one reading is nearly enough.",
        "",
        "**Full size** (`results/full_size.json`): a 12-megapixel gray PNG comes back as "
        f"{full['size']}, peak memory {full['peak_mib']:.0f} MiB (goal 1,536: {met(full['met']['memory'])}); over seven "
        f"colours, correlation of detail inside the edited region at least "
        f"{min(c['detail_correlation'] for c in full['colours'].values()):.3f} (goal .98: {met(full['met']['detail'])}), "
        "mean change of L* outside it at most "
        f"{max(c['outside_shift'] for c in full['colours'].values()):.2f} (goal .8: {met(full['met']['outside'])}).",
        "",
        f"**Next sentence** (`results/next_sentence.json`): at 256 px it costs {following['ratio']:.0%} of opening the photo "
        f"and editing it once (goal 40 %: {met(following['met'])}). But opening includes a second pass over the mirrored photo, "
        "kept because it lowered the error on val; on test it multiplies the ab error by "
        f"{cell(errors['own_over_without_mirror'], 4)}, which is nothing. Without that pass the share is "
        f"{following['ratio_without_the_mirrored_pass']:.0%}, over the goal.",
        "",
        "**Other pictures**: share that gets the warning that the model was made for flowers: "
        + ", ".join(f"{name} {d['warned']:.1%} of {d['n']:,}" for name, d in flowers["domain"].items())
        + ".",
        "",
    ]
    return "\n".join(lines)


def main() -> int:
    texts = {
        "flowers": flowers_text(*map(read, ("flowers", "full_size", "next_sentence"))),
        "cosal": cosal_text(*map(read, ("cosal", "cosal_drawings", "cosal_ablations"))),
    }
    readme = ROOT / "README.md"
    old = readme.read_text("utf-8")
    new = BLOCK.sub(lambda m: f"{m[1]}\n{texts[m[2]]}\n{m[3]}", old)
    if "--check" in sys.argv:
        if new != old:
            print("README.md differs from results/: run python benchmarks/readme_figures.py")
        return int(new != old)
    readme.write_text(new, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
