"""A picture of example worlds with their sentences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from lbie.data.cosal.shapes import PALETTE, SIZE
from lbie.data.cosal.worlds import World
from lbie.lettering import wrap

EXAMPLES = 24
"""Worlds on a sheet."""
_SCALE, _COLUMNS = 3, 3
_SIDE = SIZE * _SCALE
_GAP, _LINE, _SWATCH, _TEXT = 10, 15, 9, 510
_WIDTH = 2 * _SIDE + 3 * _GAP + _TEXT


def _panel(world: World) -> Image.Image:
    """Source, target, and the sentences, each with a swatch of its colour and the hops that it needs."""
    font = ImageFont.load_default(12)
    indent = _SWATCH + 22
    lines = []
    for statement, sentence in zip(world.programme, world.sentences, strict=True):
        for i, line in enumerate(wrap(sentence, font, _TEXT - indent - _GAP)):
            lines.append((statement if i == 0 else None, line))
    panel = Image.new("RGB", (_WIDTH, max(_SIDE, _LINE * (len(lines) + 1)) + 2 * _GAP), "white")
    draw = ImageDraw.Draw(panel)
    for column, picture in enumerate((world.source, world.target)):
        large = Image.fromarray(picture).resize((_SIDE, _SIDE), Image.Resampling.NEAREST)
        left = _GAP + column * (_SIDE + _GAP)
        panel.paste(large, (left, _GAP))
        draw.rectangle((left - 1, _GAP - 1, left + _SIDE, _GAP + _SIDE), outline=(200, 200, 200))
    left = 2 * _SIDE + 3 * _GAP
    head = f"world {world.index}" + ("" if world.references == "none" else f", {world.references} references")
    draw.text((left, _GAP - 4), head + "; hops:", fill=(120, 120, 120), font=font)
    for row, (said, line) in enumerate(lines, 1):
        top = _GAP - 4 + row * _LINE
        if said is not None:
            colour = tuple(PALETTE[world.colours[said.target]].tolist())
            draw.rectangle((left, top + 3, left + _SWATCH, top + 3 + _SWATCH), fill=colour, outline=(120, 120, 120))
            draw.text((left + _SWATCH + 5, top), str(world.hops[said.target]), fill=(120, 120, 120), font=font)
        draw.text((left + indent, top), line, fill="black", font=font)
    return panel


def draw_sheet(worlds: Sequence[World]) -> Image.Image:
    """At most 24 worlds as sketch and coloured picture, with their sentences and the hops of the shapes they tell."""
    return stack([_panel(world) for world in worlds[:EXAMPLES]], _COLUMNS)


def stack(panels: Sequence[Image.Image], columns: int) -> Image.Image:
    """Panels of one width in rows, each as high as its highest."""
    width = panels[0].width
    rows = [panels[i : i + columns] for i in range(0, len(panels), columns)]
    heights = [max(panel.height for panel in row) for row in rows]
    sheet = Image.new("RGB", (width * max(len(row) for row in rows), sum(heights)), "white")
    for top, row in zip(np.cumsum([0, *heights[:-1]]).tolist(), rows, strict=True):
        for column, panel in enumerate(row):
            sheet.paste(panel, (column * width, top))
    return sheet
