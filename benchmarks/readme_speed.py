"""The figures of docs/speed.md, from results/speed.json."""

from __future__ import annotations

from typing import Any

from readme_flowers import met

from lbie.bench.rounds import spread

KINDS = {"first": "first edit", "next": "next sentence"}


def speed_text(speed: dict[str, Any], training: dict[str, Any] | None) -> str:
    """Of each section that there is."""
    lines = _bench(speed["bench"], speed.get("bench_of_threads")) if "bench" in speed else []
    lines += _gates(speed["gates"]) if "gates" in speed else []
    lines += _int8(speed["int8"]) if "int8" in speed else []
    lines += _training(training) if training else []
    return "\n".join(lines)


def _bench(bench: dict[str, Any], of_threads: dict[str, Any] | None) -> list[str]:
    made = bench["provenance"]
    lines = [
        f"Medians of interleaved rounds with quartiles; {bench['threads']} thread{'s' * (bench['threads'] > 1)} of "
        f"{made['hardware']}, {'time of the processor' if bench['clock'] == 'processor' else 'wall time'}. "
        "Ratios: time of CLIPSeg's forward over ours (above 1: ours is faster).",
        "",
        "| model | image | CLIPSeg / first edit | CLIPSeg / next sentence | next / first | first, ms | next, ms | command, ms | peak, MiB |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for model, sizes in bench["models"].items():
        for size, own in sizes.items():
            ratios = [
                spread(own["clipseg_over_first"], 1),
                spread(own["clipseg_over_next"], 1),
                spread(own["next_over_first"]),
            ]
            times = [f"{own[key]['ms']:.1f}" for key in ("first", "next")] + [f"{own['command']['ms']:.0f}"]
            lines.append(f"| `{model}` | {size} | " + " | ".join([*ratios, *times, f"{own['peak_mib']:.0f}"]) + " |")
    lines.append("")
    for kind, goal in bench["goals"].items():
        lines.append(f"Goal of the {KINDS[kind]} at 256 px, at least {goal['goal']:g} times: {_reached(goal)}.")
    if of_threads:
        told = (f"{KINDS[kind]} {_reached(goal)}" for kind, goal in of_threads["goals"].items())
        lines.append(
            f"With {of_threads['threads']} threads of the same processor for each, of which CLIPSeg gains more: {'; '.join(told)}."
        )
    rivals, limits = bench["rivals"], bench["limits"]
    lines += [
        "",
        f"CLIPSeg ({rivals['clipseg']['million_weights']:.0f} million weights) takes {rivals['clipseg']['ms']:.0f} ms a forward, the "
        f"U-Net of pix2pix ({rivals['unet']['million_weights']:.0f} million) {rivals['unet']['ms']:.0f} ms: "
        f"{spread(rivals['unet_over_flowers_first'])} times a first edit by `flowers`, "
        f"{spread(rivals['unet_over_flowers_next'])} times a next one. What language costs: the network of `photos` over its "
        f"language-free twin, both by torch, first {spread(rivals['photos_over_twin_first'])}, next {spread(rivals['photos_over_twin_next'])}.",
        "",
        "Sentences fused at once with one image, a second, over one at a time:",
        "",
        "| model | " + " | ".join(next(iter(bench["at_once"].values()))) + " |",
        "|---|" + "---|" * len(next(iter(bench["at_once"].values()))),
    ]
    for model, own in bench["at_once"].items():
        lines.append(
            f"| `{model}` | " + " | ".join(f"{v['ratio']:.2f} ({v['per_second']:.0f}/s)" for v in own.values()) + " |"
        )
    shares = (
        f"`{name}` {own['first_share']:.0%} of it in a first edit ({own['first_gflop']:.2f} GFLOP), {own['next_share']:.0%} in a "
        f"next one ({own['next_gflop']:.2f})"
        for name, own in limits["models"].items()
    )
    return [
        *lines,
        "",
        f"The machine multiplies matrices at {limits['matmul_gflop_per_second']:.0f} GFLOP/s and copies memory at "
        f"{limits['copy_gb_per_second']:.1f} GB/s. Whole edits of 256 px, all that is not network included, use: "
        f"{'; '.join(shares)}.",
    ]


def _reached(goal: dict[str, Any]) -> str:
    return ", ".join(f"`{name}` {own['ratio']:.1f} ({met(own['met'])})" for name, own in goal.items() if name != "goal")


def _gates(gates: dict[str, Any]) -> list[str]:
    lines = [
        "",
        f"**Gates in time**: the fusion with its gates over all regions running all steps (goal {gates['goal']:g}):",
        "",
        "| | region updates | onnx | torch |",
        "|---|---|---|---|",
    ]
    for name, label in (("chain", "`cosal`, chains"), ("photos", "`photos`, phrases of the test set")):
        own = gates[name]
        cells = (f"{spread(own[runtime])} ({met(own[runtime]['met'])})" for runtime in ("onnx", "torch"))
        lines.append(f"| {label}, {own['items']} of them | {own['region_updates']:.2f} | " + " | ".join(cells) + " |")
    return lines


def _int8(int8: dict[str, Any]) -> list[str]:
    lines = [
        "",
        "**int8**: ONNX Runtime's dynamic quantisation of the weights of all linear layers and convolutions, beside single precision:",
        "",
        "| model | time of a first edit | of a next one | levels of 255 off, at most | pixels more than 2 off | quality | in int8 |",
        "|---|---|---|---|---|---|---|",
    ]
    for model, own in int8["models"].items():
        quality = own["quality"]
        lines.append(
            f"| `{model}` | {spread(own['first'])} | {spread(own['next'])} | {own['most_levels']} | {own['share_over_2']:.2%} | "
            f"{quality['what']}: {quality['single']:.4f} | {quality['int8']:.4f} |"
        )
    pays = [name for name, own in int8["models"].items() if own["pays"]]
    told = (
        f"It pays for {', '.join(pays)}."
        if pays
        else "It pays for no model (within 2 levels, and faster): models stay in single precision."
    )
    return [*lines, "", told]


def _training(training: dict[str, Any]) -> list[str]:
    shares = training["shares"]
    lines = [
        "",
        f"**Training** (`results/training_speed.json`), a step of the recipe `{training['recipe']}` on one core: "
        + ", ".join(f"{name} {value:.0%}" for name, value in shares.items())
        + ".",
        "",
        "| | time over that of the step with an optimiser that goes weight by weight |",
        "|---|---|",
    ]
    lines += [f"| {name} | {spread(own)} |" for name, own in training["over_plain"].items()]
    return [*lines, "", training["time_to_95"]["told"]]
