"""What is asked of a whole folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import lbie
from lbie.remote import Place


@dataclass(frozen=True)
class BatchSettings:
    """What is done to each file. Workers get it, and the journal holds it: one folder of results has one."""

    source: Place
    """Folder of the images, absolute or in a store."""
    sentence: str | None = None
    """What every result looks like; None where a table says it for each file, or phrases are looked for."""
    phrases: tuple[str, ...] = ()
    """What to find, where masks are written instead of edits."""
    model: str | None = None
    """What edits (None: chosen for each file by what image and sentence show)."""
    strength: float = 1.0
    """As `Editor.edit` takes it."""
    keep_background: bool = False
    """As `Editor.edit` takes it."""
    panorama: bool = False
    """As `Editor.edit` takes it."""
    seed: int = 0
    """As `Editor.edit` takes it."""
    metadata: Literal["keep", "strip"] = "keep"
    """What becomes of the EXIF and colour profile of each file."""
    suffix: str | None = None
    """Suffix of all results, such as `.png` (None: that of each file)."""
    max_pixels: int = 52_000_000
    """Limit on the pixels of a file."""

    def identity(self) -> dict[str, Any]:
        """What decides the results' bytes, as JSON can hold it; a limit that was raised changes none."""
        values = vars(self) | {"source": str(self.source), "phrases": list(self.phrases), "version": lbie.__version__}
        del values["max_pixels"]
        return values
