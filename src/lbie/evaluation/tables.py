"""Figures as tables for a terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table


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
        ("one_step", "one fixed step, same budget"),
    ):
        ratio = errors.get(f"{key.removesuffix('_caption')}_over_gray")
        if ratio:
            table.add_row(label, cell(errors[key]), cell(ratio))
    console.print(table)
    if "own_over_twin" in errors:
        console.print(f"own caption over twin: {cell(errors['own_over_twin'])}")
    control = figures["control"]
    table = Table("colour", "control", "true photos", "mistaken for", title=f"colour control: {control['sentence']}")
    for colour, figure in control["by_colour"].items():
        truth = "-" if figure["true_photos"] is None else f"{figure['true_photos']:.2f} of {figure['true_photos_n']}"
        wrong = ", ".join(f"{k} {n}" for k, n in control["mistaken_for"][colour].items())
        table.add_row(colour, cell(figure), truth, wrong)
    table.add_row("overall", cell(control["overall"]), f"{control['true_photos_overall'] or 0:.2f}", "")
    console.print(table)
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
