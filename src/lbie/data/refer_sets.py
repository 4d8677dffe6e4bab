"""The data sets of phrases with masks that there are importers for, opened by kind."""

from __future__ import annotations

from pathlib import Path

from lbie.data.referred import ReferredSet
from lbie.errors import InputError

KINDS = ("referit", "refcoco", "refcoco+", "refcocog", "phrases")


def open_sets(kind: str, folder: Path, photos: Path | None = None, masks: Path | None = None) -> list[ReferredSet]:
    """Open a user's local copy.

    Args:
        kind: one of `KINDS`; `phrases` are one's own.
        folder: of the data set; for refcoco, the one that holds `refcoco/`.
        photos: folder of the photos, where they are elsewhere.
        masks: folder of the masks, where they are elsewhere (referit).

    Returns:
        One, or of RefCOCO one for each partition that is there (the first where none is).

    Raises:
        InputError: no such kind or folder, an option that does not go with it, or files that are damaged or missing.
    """
    if kind not in KINDS:
        raise InputError(f"no kind '{kind}'; there are {', '.join(KINDS)}")
    if masks and kind != "referit":
        raise InputError("--masks is for referit")
    if photos and kind == "phrases":
        raise InputError("--photos is not for phrases: their file names are paths below DIR")
    if not folder.is_dir():
        raise InputError(f"no folder '{folder}'")
    from lbie.data.phrases import open_phrases
    from lbie.data.refcoco import open_refcoco, partitions
    from lbie.data.referit import open_referit

    if kind == "referit":
        return [open_referit(folder, photos, masks)]
    if kind == "phrases":
        return [open_phrases(folder)]
    known = partitions(kind)
    there = [by for by in known if (folder / kind / f"refs({by}).p").is_file()]
    return [open_refcoco(folder, kind, by, photos) for by in there or known[:1]]
