"""Photos with masks of the things in them, read from `photos/` and decoded once: albums of scenes by split."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
from pycocotools import mask as coco_mask

from lbie.data.json_file import read_json
from lbie.data.photos import SPLITS
from lbie.data.scene import Instance, Scene
from lbie.data.storage import cache_root, cached_array
from lbie.errors import InputError

_Masks = list[tuple[str, np.ndarray]]
_Reader = Callable[[], Iterator[tuple[str, np.ndarray, _Masks]]]
_VERSION = 3
_BEARING = frozenset({"dining table", "bed", "couch"})
_EDGE = 2
"""Pixels from the border from which a thing is not cut by it."""


@dataclass(frozen=True)
class Cut:
    """Where a thing lies in its photo."""

    category: str
    box: tuple[int, int, int, int]
    """Top, left, bottom, right (exclusive) in pixels."""
    offset: int
    """First of its box's mask pixels in the album's masks."""
    area: int
    """Pixels that show."""
    inside: bool
    """It does not touch the photo's border."""
    touched: float
    """Share of its outline where another thing begins, which may hide some of it; furniture that bears it aside."""


@dataclass(frozen=True)
class AlbumPhoto:
    """A photo of an album."""

    photo_id: str
    offset: int
    """First byte in the album's pixels."""
    height: int
    width: int
    cuts: tuple[Cut, ...]


class Album:
    """Decoded photos of one split of one folder, memory-mapped."""

    def __init__(
        self, photos: Sequence[AlbumPhoto], pixels: np.ndarray, masks: np.ndarray, known: frozenset[str] | None
    ) -> None:
        self.photos = tuple(photos)
        self.known = known
        """As `Scene.known`."""
        self._pixels, self._masks = pixels, masks

    def __len__(self) -> int:
        return len(self.photos)

    def image(self, index: int) -> np.ndarray:
        """A photo, (H, W, 3) uint8 RGB, read-only."""
        photo = self.photos[index]
        size = photo.height * photo.width * 3
        return self._pixels[photo.offset : photo.offset + size].reshape(photo.height, photo.width, 3)

    def cut_mask(self, cut: Cut) -> np.ndarray:
        """A thing's pixels in its box, (bottom - top, right - left) uint8 of 0 and 1, read-only."""
        top, left, bottom, right = cut.box
        size = (bottom - top) * (right - left)
        return self._masks[cut.offset : cut.offset + size].reshape(bottom - top, right - left)

    def scene(self, index: int) -> Scene:
        """A photo as it is, with all its things."""
        photo = self.photos[index]
        things = []
        for cut in photo.cuts:
            mask = np.zeros((photo.height, photo.width), bool)
            mask[cut.box[0] : cut.box[2], cut.box[1] : cut.box[3]] = self.cut_mask(cut)
            things.append(Instance(cut.category, mask))
        return Scene(photo.photo_id, np.array(self.image(index)), tuple(things), self.known)

    def scenes(self) -> Iterator[Scene]:
        """All of them, in order of the photos' ids."""
        return (self.scene(i) for i in range(len(self)))


def load_coco(root: str | Path, split: str, size: int = 480) -> Album:
    """Photos of `photos/coco` with every thing of the 80 categories.

    Args:
        root: the data root, which holds `photos/`.
        split: `train`, `val` or `test`, by image id as `splits.json` says.
        size: longer side at most; nothing is enlarged.

    Raises:
        InputError: a file is missing or is not what it should be, or there is no such split.
    """
    folder = Path(root) / "photos" / "coco"
    if split not in SPLITS:
        raise InputError(f"no split '{split}': it is one of {', '.join(SPLITS)}")
    splits, table = read_json(folder / "splits.json"), read_json(folder / "instances.json")
    try:
        chosen = set(splits[split])
        names = {c["id"]: c["name"] for c in table["categories"]}
        images = sorted((i for i in table["images"] if i["id"] in chosen), key=lambda i: i["id"])
        things: dict[int, list[tuple[str, list]]] = {i["id"]: [] for i in images}
        for a in table["annotations"]:
            if a["image_id"] in chosen:
                things[a["image_id"]].append((names[a["category_id"]], a["segmentation"]))
    except (KeyError, TypeError) as error:
        raise InputError(f"'{folder}' is not in COCO format: no {error}") from error

    def read() -> Iterator[tuple[str, np.ndarray, _Masks]]:
        for image in images:
            rgb = _read_photo(folder / "images" / image["file_name"])
            height, width = rgb.shape[:2]
            masks = [
                (name, coco_mask.decode(coco_mask.merge(coco_mask.frPyObjects(polygons, height, width))))
                for name, polygons in things[image["id"]]
            ]
            yield f"coco/{image['id']}", rgb, masks

    return _decode(folder, f"coco-{split}-{size}", read, size, None)


def load_pennfudan(root: str | Path, size: int = 480) -> Album:
    """Street photos of `photos/pennfudan` with every pedestrian: all for training. Of other things nothing is known.

    Raises:
        InputError: a file is missing or cannot be read.
    """
    folder = Path(root) / "photos" / "pennfudan"

    def read() -> Iterator[tuple[str, np.ndarray, _Masks]]:
        for path in _pictures(folder / "images"):
            mask_path = folder / "masks" / f"{path.stem}.png"
            labels = cv2.imread(str(mask_path), cv2.IMREAD_UNCHANGED)
            if labels is None:
                raise InputError(f"cannot read the masks '{mask_path}'")
            masks = [("person", (labels == n).astype(np.uint8)) for n in np.unique(labels) if n]
            yield f"pennfudan/{path.stem}", _read_photo(path), masks

    return _decode(folder, f"pennfudan-{size}", read, size, frozenset({"person"}))


def load_unlabelled(root: str | Path, size: int = 480) -> Album:
    """Photos of `photos/unlabelled`, of which nothing is known.

    Raises:
        InputError: the folder is missing or a photo cannot be read.
    """
    folder = Path(root) / "photos" / "unlabelled"

    def read() -> Iterator[tuple[str, np.ndarray, _Masks]]:
        for path in _pictures(folder):
            yield f"unlabelled/{path.stem}", _read_photo(path), []

    return _decode(folder, f"unlabelled-{size}", read, size, frozenset())


def _decode(folder: Path, name: str, read: _Reader, size: int, known: frozenset[str] | None) -> Album:
    """The album that `read` yields (id, photo, masks of the things), from the cache where it was decoded before."""
    base = cache_root() / "albums" / f"{name}-v{_VERSION}-{_fingerprint(folder)}"
    index = base / "photos.json"
    if not index.exists():
        photos: list[AlbumPhoto] = []
        pixels: list[np.ndarray] = []
        masks: list[np.ndarray] = [np.zeros(1, np.uint8)]
        at = [0, 1]
        for photo_id, rgb, things in read():
            small = _shrunk(rgb, size)
            cuts = _cut_out([(c, _shrunk(m, size)) for c, m in things], masks, at)
            photos.append(AlbumPhoto(photo_id, at[0], small.shape[0], small.shape[1], tuple(cuts)))
            pixels.append(small.reshape(-1))
            at[0] += small.size
        if not photos:
            raise InputError(f"no photos in '{folder}'")
        cached_array(base / "pixels.npy", lambda: np.concatenate(pixels))
        cached_array(base / "masks.npy", lambda: np.concatenate(masks))
        aside = index.with_suffix(".part")
        aside.write_text(json.dumps([asdict(p) for p in photos]), "utf-8")
        aside.replace(index)
    records = [
        AlbumPhoto(**{**p, "cuts": tuple(Cut(**{**c, "box": tuple(c["box"])}) for c in p["cuts"])})
        for p in read_json(index, list)
    ]
    decoded = {part: np.load(base / f"{part}.npy", mmap_mode="r") for part in ("pixels", "masks")}
    return Album(records, **decoded, known=known)


def _cut_out(things: _Masks, masks: list[np.ndarray], at: list[int]) -> list[Cut]:
    """Boxes of the things; their mask pixels are added to `masks`, and `at[1]` moves on."""
    cuts = []
    count = np.zeros(things[0][1].shape if things else (0, 0), np.uint8)
    for category, mask in things:
        if category not in _BEARING:
            count += mask
    for category, mask in things:
        left, top, wide, high = cv2.boundingRect(mask)
        if wide == 0:
            continue
        height, width = mask.shape
        a, b, c, d = max(top - 3, 0), max(left - 3, 0), min(top + high + 3, height), min(left + wide + 3, width)
        around = mask[a:c, b:d]
        ring = (cv2.dilate(around, np.ones((5, 5), np.uint8)) > 0) & (around == 0)
        touched = float((count[a:c, b:d][ring] > 0).mean()) if ring.any() else 1.0
        inside = top >= _EDGE and left >= _EDGE and top + high <= height - _EDGE and left + wide <= width - _EDGE
        crop = mask[top : top + high, left : left + wide]
        box = top, left, top + high, left + wide
        cuts.append(Cut(category, box, at[1], int(crop.sum()), inside, round(touched, 3)))
        masks.append(np.ascontiguousarray(crop).reshape(-1))
        at[1] += crop.size
    return cuts


def _shrunk(picture: np.ndarray, size: int) -> np.ndarray:
    """A photo (H, W, 3) or a mask (H, W) of 0 and 1, with a longer side of at most `size`."""
    height, width = picture.shape[:2]
    scale = size / max(height, width)
    if scale >= 1:
        return picture
    shape = max(round(width * scale), 1), max(round(height * scale), 1)
    if picture.ndim == 2:
        return (cv2.resize(picture * 255, shape, interpolation=cv2.INTER_AREA) > 127).astype(np.uint8)
    return cv2.resize(picture, shape, interpolation=cv2.INTER_AREA)


def _fingerprint(folder: Path) -> str:
    """Changes with the folder's place, and with the size and time of the file of instances."""
    parts = [str(folder.resolve())]
    for name in ("instances.json", "splits.json"):
        if (folder / name).is_file():
            stat = (folder / name).stat()
            parts.append(f"{stat.st_size} {stat.st_mtime_ns}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def _pictures(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise InputError(f"no folder '{folder}': it should hold the photos")
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in {".jpg", ".jpeg", ".png"})


def _read_photo(path: Path) -> np.ndarray:
    bgr = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if bgr is None:
        raise InputError(f"cannot read the photo '{path}'")
    return bgr[..., ::-1]
