"""The verb `lbie data refer`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lbie.cli_common import need_extra, say
from lbie.errors import InputError

KINDS = ("referit", "refcoco", "refcoco+", "refcocog", "phrases")


def data_refer(
    kind: Annotated[str, typer.Argument(help="referit, refcoco, refcoco+, refcocog, or phrases (your own).")],
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder of the data set; for refcoco, the one that holds refcoco/.")
    ],
    photos: Annotated[Path | None, typer.Option(help="Folder of the photos, where they are elsewhere.")] = None,
    masks: Annotated[Path | None, typer.Option(help="Folder of the masks, where they are elsewhere (referit).")] = None,
) -> None:
    """Check a data set of phrases and masks: counts beside those published, and what is missing."""
    if kind not in KINDS:
        raise InputError(f"no kind '{kind}'; there are {', '.join(KINDS)}")
    if masks and kind != "referit":
        raise InputError("--masks is for referit")
    if photos and kind == "phrases":
        raise InputError("--photos is not for phrases: their file names are paths below DIR")
    if not folder.is_dir():
        raise InputError(f"no folder '{folder}'")
    need_extra("refer", "pycocotools")
    need_extra("refer", "scipy")
    from lbie.data.phrases import check_masks, open_phrases
    from lbie.data.refcoco import open_refcoco, partitions
    from lbie.data.referit import open_referit

    faults: list[str] = []
    if kind == "referit":
        found = [open_referit(folder, photos, masks)]
    elif kind == "phrases":
        found = [open_phrases(folder)]
        faults = check_masks(found[0])
    else:
        known = partitions(kind)
        there = [by for by in known if (folder / kind / f"refs({by}).p").is_file()]
        found = [open_refcoco(folder, kind, by, photos) for by in there or known[:1]]
    missing = list(dict.fromkeys(line for part in found for line in part.missing))
    for part in found:
        print("\n".join(part.lines()))
    for part in found:
        differing = [count.what for count in part.counts if count.differs]
        if differing:
            say(f"warning: {part.name}: {', '.join(differing)} differ from the published counts")
    if missing or faults:
        raise InputError("; ".join(missing + faults[:5]) + (f"; and {len(faults) - 5} more" if len(faults) > 5 else ""))
