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
    """Gray, truth, own caption and every control colour, a photo a row."""
    rows = []
    for i in chosen:
        gray = np.array(Image.fromarray(arrays.rgb[i]).convert("L").convert("RGB"))
        rows.append([gray, arrays.rgb[i], own[i], *(pictures[i] for pictures in coloured.values())])
    path.parent.mkdir(parents=True, exist_ok=True)
    tile(rows, ["gray", "true photo", "own caption", *coloured]).save(path)
