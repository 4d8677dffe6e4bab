"""Contact sheets of results."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from lbie.data.photos import PhotoArrays

_HEAD = 18


def tile(rows: Sequence[Sequence[np.ndarray]], titles: Sequence[str]) -> Image.Image:
    """Equal pictures (H, W, 3) uint8 in rows, with a title over each column."""
    height, width = rows[0][0].shape[:2]
    sheet = Image.new("RGB", (width * len(titles), _HEAD + height * len(rows)), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(13)
    for column, title in enumerate(titles):
        draw.text((column * width + 4, 1), title, fill="black", font=font)
        for row, pictures in enumerate(rows):
            sheet.paste(Image.fromarray(np.ascontiguousarray(pictures[column])), (column * width, _HEAD + row * height))
    return sheet


def control_sheet(
    path: Path, arrays: PhotoArrays, own: np.ndarray, coloured: dict[str, np.ndarray], chosen: Sequence[int]
) -> None:
    """Gray, truth, own caption and every control colour, a photo a row: the published figure of colour control."""
    rows = [
        [_gray(arrays.rgb[i]), arrays.rgb[i], own[i], *(pictures[i] for pictures in coloured.values())] for i in chosen
    ]
    _save(tile(rows, ["gray", "true photo", "own caption", *coloured]), path)


def gallery(path: Path, arrays: PhotoArrays, own: np.ndarray, order: np.ndarray, count: int = 12) -> None:
    """Gray, truth and own caption of the photos that come first and last in an order, best and worst, side by side."""
    count = min(count, len(order))
    rows = []
    for good, bad in zip(order[:count], order[::-1][:count], strict=True):
        rows.append([picture for i in (good, bad) for picture in (_gray(arrays.rgb[i]), arrays.rgb[i], own[i])])
    _save(tile(rows, ["best: gray", "true photo", "own caption", "worst: gray", "true photo", "own caption"]), path)


def _gray(rgb: np.ndarray) -> np.ndarray:
    return np.array(Image.fromarray(rgb).convert("L").convert("RGB"))


def _save(sheet: Image.Image, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path)
