"""The table of docs/results.md: what makes each figure, picture and table, from `benchmarks/reproduce.toml`."""

from __future__ import annotations

from lbie.reproduce.listing import Listing
from lbie.reproduce.table import full_minutes, inputs_text, manner_text, minutes_text


def reproduce_text(listing: Listing) -> str:
    """The block."""
    lines = ["| name | makes | by | from | | takes | in full | tolerance |", "|---|---|---|---|---|---|---|---|"]
    for item in listing.figure:
        manner = f"by hand: {item.by_hand}" if item.by_hand else manner_text(item, listing)
        cells = [
            f"`{item.name}`",
            ", ".join(f"`{name}`" for name in item.files),
            "; ".join(f"`{command}`" for command in item.commands),
            inputs_text(item, listing),
            manner,
            minutes_text(item.minutes),
            "" if item.by_hand else minutes_text(full_minutes(item, listing)),
            f"{item.tolerance:g}" if item.output() else "",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    lines += ["", "What is trained or fetched for them:", "", "| name | by | takes | kept of it |", "|---|---|---|---|"]
    for made in listing.made:
        cells = [
            f"`{made.name}`",
            "; ".join(f"`{command}`" for command in made.commands),
            minutes_text(made.minutes),
            ", ".join(f"`{name}`" for name in made.files),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join([*lines, ""])
