"""ReferIt, in the layout that the field's code uses.

```
referit/
  referit_query_{train,val,test}.json   {"NNN_K": ["phrase", …]}
  referit_imsize.json                   {"NNN.jpg": [width, height]}
  images/NNN.jpg                        photos of IAPR TC-12
  mask/NNN_K.mat                        masks of SAIAPR TC-12
```

The masks are MATLAB files whose matrix `segimg_t` is 0 on the object and something else around it. Photos and masks
are asked for only when they are read: without them, there are the phrases.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lbie.data.json_file import read_json
from lbie.data.matlab import read_matrix
from lbie.data.referred import Count, Referred, ReferredSet, missing_files, require_files
from lbie.errors import InputError
from lbie.image_io.decode import MAX_PIXELS

SPLITS = ("train", "val", "test")
PHRASES = {"train": 54_134, "val": 5_842, "test": 60_105}
"""Phrases of each split in the files that the field uses."""
PHOTOS = 20_000
_ALL = "the data set's authors count 130,525 descriptions of 96,654 objects; these are the files of Hu et al."
_CROP = re.compile(r"(\d{1,9})_\d{1,9}")
_MATRIX = "segimg_t"


@dataclass(frozen=True)
class SaiaprMask:
    """A mask of SAIAPR TC-12."""

    path: Path
    """The MATLAB file."""

    def read(self, size: tuple[int, int], name: str) -> NDArray[np.bool_]:
        """As `MaskSource.read`; without a pixel where the file has no object."""
        matrix = read_matrix(self.path, _MATRIX, MAX_PIXELS)
        if matrix.shape != tuple(size):
            told, found = (" x ".join(map(str, s)) for s in (size, matrix.shape))
            raise InputError(f"{name} is {found} (height x width), the photo {told}: '{self.path}'")
        return np.asarray(matrix == 0)


def open_referit(folder: Path, photos: Path | None = None, masks: Path | None = None) -> ReferredSet:
    """Phrases of ReferIt, in the order of the files.

    Args:
        folder: holds the JSON files.
        photos: folder of the photos, `folder/images` where None.
        masks: folder of the masks, `folder/mask` where None.

    Raises:
        InputError: a JSON file is missing (all are named), or is not what it should be.
    """
    photos, masks = photos or folder / "images", masks or folder / "mask"
    paths = {split: folder / f"referit_query_{split}.json" for split in SPLITS}
    sizes_path = folder / "referit_imsize.json"
    require_files([*paths.values(), sizes_path], "files of ReferIt")
    sizes = read_json(sizes_path)
    items: list[Referred] = []
    counts: list[Count] = []
    for split, path in paths.items():
        before = len(items)
        for crop, phrases in read_json(path).items():
            match = _CROP.fullmatch(crop)
            if match is None or not isinstance(phrases, list) or not all(isinstance(p, str) for p in phrases):
                raise InputError(f"'{path}': '{crop[:40]}' is not an object like \"38685_1\" with a list of phrases")
            photo = f"{match[1]}.jpg"
            size = _size(sizes, photo, sizes_path)
            source = SaiaprMask(masks / f"{crop}.mat")
            items += [
                Referred(photos / photo, f"referit/{match[1]}", text, split, crop, source, size=size)
                for text in phrases
            ]
        counts.append(Count(f"phrases of {split}", len(items) - before, PHRASES[split]))
    counts += [
        Count("phrases in all", len(items), sum(PHRASES.values()), _ALL),
        Count("objects", len({item.target_id for item in items})),
        Count("photos", len(sizes), PHOTOS),
    ]
    matrices = (masks / f"{crop}.mat" for crop in dict.fromkeys(item.target_id for item in items))
    missing = missing_files((photos / name for name in sizes), "photos") + missing_files(matrices, "masks")
    return ReferredSet("referit", tuple(items), tuple(counts), missing)


def _size(sizes: dict[str, object], photo: str, path: Path) -> tuple[int, int]:
    size = sizes.get(photo)
    if not isinstance(size, list) or len(size) != 2 or not all(type(n) is int and n > 0 for n in size):
        raise InputError(f"'{path}' has no [width, height] of '{photo}'")
    return size[1], size[0]
