"""Figures as tables for a terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

_BEYOND = (
    ("", ""),
    ("_over_inside", ", over inside"),
    ("_before", ", earlier weights"),
    ("_over_before", ", over earlier weights"),
)


def cell(figure: dict[str, float], digits: int = 3) -> str:
    """A figure and its interval, to so many digits."""
    value, low, high = (f"{figure[key]:.{digits}f}" for key in ("value", "low", "high"))
    return f"{value} [{low}, {high}]"


def print_flowers(figures: dict[str, Any]) -> None:
    """Print what `lbie evaluate flowers` measured."""
    console = Console()
    errors = figures["ab_error"]
    table = Table(
        "input",
        "ab error",
        "over gray",
        title=f"{figures['photos']} photos of the {figures['split']} split, classes unseen in training",
    )
    table.add_row("gray", cell(errors["gray"]), "1")
    for key, label in (
        ("own_caption", "own caption"),
        ("other_caption", "another photo's caption"),
        ("twin", "twin without language"),
    ):
        ratio = errors.get(f"{key.removesuffix('_caption')}_over_gray")
        if ratio:
            table.add_row(label, cell(errors[key]), cell(ratio))
    console.print(table)
    if "own_over_twin" in errors:
        console.print(f"own caption over twin: {cell(errors['own_over_twin'])}")
    _print_pictures(console, figures)
    _print_control(console, figures["control"])
    _print_control(console, figures["control_thirty"])
    _print_parts(console, figures["parts"])
    _print_bleeding(console, figures["bleeding"])
    gates = figures["gates"]
    table = Table("step", "regions that stop here", "ab error over gray, all forced to this step", title="gates")
    for step, share in gates["share_by_step"].items():
        table.add_row(step, f"{share:.1%}", cell(gates["fixed_steps_over_gray"][step]))
    console.print(table)
    console.print(f"mean steps {gates['mean_steps']:.2f}")
    console.print(f"gated over best fixed (T = {gates['best_fixed_steps']}): {cell(gates['gated_over_best_fixed'])}")
    console.print(f"all steps forced over gated: {cell(gates['all_steps_over_gated'])}")
    for name, figure in figures["domain"].items():
        console.print(f"domain, {name}: {figure['warned']:.3f} of {figure['n']} warned")


def _cell_or_dash(figure: dict[str, float] | None, digits: int = 3) -> str:
    return cell(figure, digits) if figure else "-"


def _print_pictures(console: Console, figures: dict[str, Any]) -> None:
    """A column each for the model's pictures, gray and true photos; a row a measure."""
    columns = {"own_caption": "own caption", "gray": "gray", "true_photos": "true photos"}
    table = Table("pictures", *columns.values(), title="resemblance, consistency, quality")
    rows: list[tuple[str, Any, int]] = [
        (label, {name: figures["similarity"][name][key] for name in columns}, digits)
        for key, label, digits in (
            ("psnr", "PSNR in dB", 2),
            ("ssim", "SSIM", 3),
            ("colourfulness", "colourfulness", 1),
            ("colourfulness_ratio", "colourfulness over truth", 3),
        )
    ]
    edges = figures["unexplained_edges"]
    rows += [
        (f"unexplained chroma edges, {key}", {name: edges[name][key] for name in columns}, 3)
        for key in ("strength", "share")
    ]
    consistency, quality = figures.get("consistency"), figures["quality"]
    if consistency:
        rows.append((f"R-precision of {consistency['n']}", consistency, 3))
    if quality:
        rows += [(f"{key.upper()} to other photos", quality[key], 3) for key in ("fid", "kid")]
    for label, found, digits in rows:
        table.add_row(label, *(_cell_or_dash(found[name], digits) for name in columns))
    console.print(table)
    if consistency and "own_over_true" in consistency:
        console.print(f"R-precision, own caption over true photos: {cell(consistency['own_over_true'])}")
    if quality:
        console.print(f"FID, own caption over true photos: {cell(quality['fid']['own_over_true'])}")
        console.print(f"KID, own caption over gray: {cell(quality['kid']['own_over_gray'])}")


def _print_control(console: Console, control: dict[str, Any]) -> None:
    count = len(control["by_colour"])
    title = f"colour control over {count} colours: {control['sentence']}"
    table = Table("colour", "control", "true photos", "mistaken for", title=title)
    for colour, figure in control["by_colour"].items():
        truth = "-" if figure["true_photos"] is None else f"{figure['true_photos']:.2f} of {figure['true_photos_n']}"
        wrong = ", ".join(f"{k} {n}" for k, n in control["mistaken_for"][colour].items())
        table.add_row(colour, cell(figure), truth, wrong)
    table.add_row("overall", cell(control["overall"]), f"{control['true_photos_overall'] or 0:.2f}", "")
    console.print(table)


def _print_parts(console: Console, parts: dict[str, Any]) -> None:
    table = Table("sentence", "petals", "centre", "both", title="part control")
    for pair in parts["by_pair"].values():
        table.add_row(pair["sentence"], *(f"{pair[k]['value']:.3f}" for k in ("petals", "centre", "both")))
    for label, row in (("overall", parts["overall"]), ("true photos", parts["true_photos"])):
        if row:
            count = f", {row['n']}" if "n" in row else ""
            table.add_row(label + count, *(cell(row[k]) for k in ("petals", "centre", "both")))
    console.print(table)


def _print_bleeding(console: Console, figures: dict[str, Any]) -> None:
    for key, label in (
        ("inside", "change of chroma inside the flower"),
        *((f"outside{tail}", f"outside it{text}") for tail, text in _BEYOND),
        *((f"outside_all{tail}", f"outside all flowers{text}") for tail, text in _BEYOND),
    ):
        if key in figures:
            console.print(f"{label}: {cell(figures[key])}")
