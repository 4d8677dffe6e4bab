"""The verb `lbie data refer`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lbie.cli_common import need_extra, say
from lbie.errors import InputError


def data_refer(
    kind: Annotated[str, typer.Argument(help="referit, refcoco, refcoco+, refcocog, or phrases (your own).")],
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder of the data set; for refcoco, the one that holds refcoco/.")
    ],
    photos: Annotated[Path | None, typer.Option(help="Folder of the photos, where they are elsewhere.")] = None,
    masks: Annotated[Path | None, typer.Option(help="Folder of the masks, where they are elsewhere (referit).")] = None,
) -> None:
    """Check a data set of phrases and masks: counts beside those published, and what is missing."""
    from lbie.data.refer_sets import KINDS, open_sets

    if kind in KINDS and folder.is_dir():
        need_extra("refer", "pycocotools")
        need_extra("refer", "scipy")
    found = open_sets(kind, folder, photos, masks)
    faults: list[str] = []
    if kind == "phrases":
        from lbie.data.phrases import check_masks

        faults = check_masks(found[0])
    missing = list(dict.fromkeys(line for part in found for line in part.missing))
    for part in found:
        print("\n".join(part.lines()))
    for part in found:
        differing = [count.what for count in part.counts if count.differs]
        if differing:
            say(f"warning: {part.name}: {', '.join(differing)} differ from the published counts")
    if missing or faults:
        raise InputError("; ".join(missing + faults[:5]) + (f"; and {len(faults) - 5} more" if len(faults) > 5 else ""))
