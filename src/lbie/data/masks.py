"""Masks as COCO writes them, polygons and run lengths (RLE), to pixels and back.

`pycocotools` fills and packs. It trusts what it is given: run lengths that do not fill the picture come back as memory
that was never written, and a far corner costs as much memory as the way to it is long. So everything is checked, and
polygons are cut to the picture, before it sees them.
"""

from __future__ import annotations

import math
import reprlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lbie.errors import InputError
from lbie.image_io.decode import MAX_PIXELS

MAX_OUTLINE = 2_000_000
"""Limit on the length in pixels of the polygons of one mask, all together: it decides the memory that filling takes."""
_CORNERS = 3
_CHARACTERS = 7  # of a number in a packed RLE: 35 bits, more than any run of a picture within the limit
_Point = tuple[float, float]


def decode_segmentation(segmentation: object, size: tuple[int, int], name: str = "the mask") -> NDArray[np.bool_]:
    """The mask of a COCO `segmentation`: polygons, or RLE packed or not.

    Args:
        segmentation: a list of polygons `[x0, y0, x1, y1, …]`, or `{"size": [H, W], "counts": text or list}`.
        size: (H, W) of the picture.
        name: what error messages call it.

    Returns:
        (H, W) bool; without a pixel where polygons are thinner than one.

    Raises:
        InputError: as `decode_rle` and `fill_polygons`, or it is neither.
    """
    if isinstance(segmentation, list):
        return fill_polygons(segmentation, size, name)
    if isinstance(segmentation, dict):
        return decode_rle(segmentation, size, name)
    raise InputError(f"{name} is {_shown(segmentation)}, neither a list of polygons nor RLE with size and counts")


def decode_rle(rle: object, size: tuple[int, int] | None = None, name: str = "the mask") -> NDArray[np.bool_]:
    """The mask of an RLE: runs of 0 and 1 in turn, column by column, from the top left.

    Args:
        rle: `{"size": [H, W], "counts": …}`; counts are a list of run lengths, or their packed text (str or bytes).
        size: (H, W) that it must have; None where its own is taken.
        name: what error messages call it.

    Returns:
        (H, W) bool.

    Raises:
        InputError: not such an RLE, another size, a negative run, or runs that do not add up to H x W.
    """
    if not isinstance(rle, dict) or not {"size", "counts"} <= rle.keys():
        raise InputError(f"{name} is {_shown(rle)}, not RLE with size and counts")
    height, width = _checked_size(rle["size"], name)
    if size is not None and (height, width) != tuple(size):
        raise InputError(f"{name} is RLE of {height} x {width} pixels (height x width), the photo is {_sized(size)}")
    counts = rle["counts"]
    if isinstance(counts, str | bytes):
        runs = _unpack(counts, name)
    elif isinstance(counts, list):
        runs = counts
    else:
        raise InputError(f"{name} has RLE counts that are {_shown(counts)}, neither text nor a list of run lengths")
    _check_runs(runs, height * width, name)
    coco = _pycocotools()
    packed = coco.frPyObjects({"size": [height, width], "counts": runs}, height, width)
    return coco.decode(packed).astype(bool)


def encode_rle(mask: NDArray[np.bool_]) -> dict[str, Any]:
    """A mask as packed RLE that JSON can hold.

    Args:
        mask: (H, W) bool.

    Returns:
        `{"size": [H, W], "counts": str}`, as COCO has it.

    Raises:
        InputError: not (H, W) bool, or no pixel.
    """
    if mask.ndim != 2 or mask.dtype != bool or not mask.size:
        raise InputError(f"expected a mask (H, W) of bool, got {mask.dtype} {mask.shape}")
    packed = _pycocotools().encode(np.asfortranarray(mask.astype(np.uint8)))
    return {"size": [int(n) for n in packed["size"]], "counts": packed["counts"].decode("ascii")}


def fill_polygons(polygons: object, size: tuple[int, int], name: str = "the mask") -> NDArray[np.bool_]:
    """The union of polygons, filled as COCO fills them; what reaches out of the picture is cut off.

    Args:
        polygons: lists `[x0, y0, x1, y1, …]` in pixels, three points or more each.
        size: (H, W) of the picture.
        name: what error messages call it.

    Returns:
        (H, W) bool; without a pixel where all are thinner than one.

    Raises:
        InputError: no polygon, an odd number of coordinates, too few, one that is no finite number, a polygon wholly
            outside, or outlines longer than `MAX_OUTLINE` pixels.
    """
    height, width = _checked_size(list(size), name)
    if not isinstance(polygons, list) or not polygons:
        raise InputError(f"{name} is {_shown(polygons)}, not a list of polygons")
    inside, outline = [], 0.0
    for number, polygon in enumerate(polygons, 1):
        label = f"{name}, polygon {number} of {len(polygons)},"
        points = _clip(_points(polygon, label), width, height)
        if not points:
            raise InputError(f"{label} lies wholly outside the picture of {_sized((height, width))}")
        around = zip(points, points[1:] + points[:1], strict=True)
        outline += sum(max(abs(x1 - x0), abs(y1 - y0)) for (x0, y0), (x1, y1) in around)
        if outline > MAX_OUTLINE:
            raise InputError(f"{name} has outlines of more than {MAX_OUTLINE:,} pixels: no mask needs that")
        inside.append([value for point in points for value in point])
    coco = _pycocotools()
    return coco.decode(coco.merge(coco.frPyObjects(inside, height, width))).astype(bool)


def _pycocotools() -> Any:
    try:
        from pycocotools import mask
    except ImportError as error:
        raise InputError("this needs the package 'pycocotools': pip install 'lbie[refer]'") from error
    return mask


def _shown(value: object) -> str:
    """A value as an error message shows it, whatever its size."""
    if isinstance(value, list | dict | str | bytes):
        return f"{type(value).__name__} of length {len(value)}"
    return type(value).__name__


def _sized(size: tuple[int, int]) -> str:
    return f"{size[0]} x {size[1]} (height x width)"


def _checked_size(size: object, name: str) -> tuple[int, int]:
    sides = size if isinstance(size, list | tuple) else []
    if len(sides) != 2 or not all(type(n) is int and 0 < n < 10**9 for n in sides):
        raise InputError(f"{name} has a size that is not [height, width] in pixels: {reprlib.repr(size)}")
    height, width = sides
    if height * width > MAX_PIXELS:
        raise InputError(f"{name} declares {height:,} x {width:,} pixels; at most {MAX_PIXELS:,} are read")
    return height, width


def _check_runs(runs: list[Any], pixels: int, name: str) -> None:
    total = 0
    for number, run in enumerate(runs, 1):
        if type(run) is not int:
            raise InputError(f"{name} has an RLE run (number {number}) that is {_shown(run)}, not a whole number")
        if run < 0:
            raise InputError(f"{name} has a negative RLE run (number {number}: {run})")
        total += run
        if total > pixels:
            raise InputError(f"{name} has RLE that overruns its {pixels:,} pixels at run {number}")
    if total != pixels:
        raise InputError(f"{name} has RLE that fills {total:,} of its {pixels:,} pixels")


def _unpack(counts: str | bytes, name: str) -> list[int]:
    """Run lengths of a packed RLE: five bits a character, low ones first; from the fourth on, less the one but last."""
    text = counts if isinstance(counts, bytes) else counts.encode("utf-8", "replace")
    runs: list[int] = []
    value = shift = 0
    for place, byte in enumerate(text):
        code = byte - 48
        if not 0 <= code < 64:
            raise InputError(f"{name} has RLE counts with a character that does not belong there (at {place})")
        value |= (code & 31) << shift
        shift += 5
        if code & 32:
            if shift >= 5 * _CHARACTERS:
                raise InputError(f"{name} has RLE counts with a number that has no end (at {place})")
            continue
        if code & 16:
            value -= 1 << shift
        runs.append(value + runs[-2] if len(runs) > 2 else value)
        value = shift = 0
    if shift:
        raise InputError(f"{name} has RLE counts that break off in the middle of a number")
    return runs


def _points(polygon: object, label: str) -> list[_Point]:
    if not isinstance(polygon, list):
        raise InputError(f"{label} is {_shown(polygon)}, not a list of coordinates")
    if len(polygon) % 2:
        raise InputError(f"{label} has an odd number of coordinates ({len(polygon)})")
    if len(polygon) < 2 * _CORNERS:
        raise InputError(f"{label} has {len(polygon) // 2} points; it takes {_CORNERS}")
    for value in polygon:
        if type(value) not in (int, float):
            raise InputError(f"{label} has a coordinate that is {_shown(value)}, not a number")
        if not abs(value) < 1e9 or not math.isfinite(value):
            raise InputError(f"{label} has the coordinate {str(value)[:20]}")
    return [(float(x), float(y)) for x, y in zip(polygon[::2], polygon[1::2], strict=True)]


def _clip(points: list[_Point], width: int, height: int) -> list[_Point]:
    """The part of a polygon inside the picture (Sutherland and Hodgman); as it is where all of it lies inside."""
    for axis, bound, sign in ((0, 0.0, 1), (0, float(width), -1), (1, 0.0, 1), (1, float(height), -1)):
        depths = [sign * (point[axis] - bound) for point in points]
        if not depths or min(depths) >= 0:
            continue
        if max(depths) <= 0:
            return []
        kept = []
        for here, depth, there, next_depth in zip(
            points, depths, points[1:] + points[:1], depths[1:] + depths[:1], strict=True
        ):
            if depth >= 0:
                kept.append(here)
            if (depth < 0) != (next_depth < 0):
                share = depth / (depth - next_depth)
                crossing = [here[i] + share * (there[i] - here[i]) for i in (0, 1)]
                crossing[axis] = bound
                kept.append((crossing[0], crossing[1]))
        points = kept
    return points
