"""A picture of free worlds with their sentences and true answers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from lbie.data.cosal.free.world import UNTOUCHED, FreeWorld
from lbie.data.cosal.sheet import stack
from lbie.lettering import wrap

_SIDE, _GAP, _LINE, _SWATCH, _TEXT = 250, 10, 15, 9, 430
_GRAY = (120, 120, 120)


def _fit(picture: np.ndarray) -> Image.Image:
    """At most 250 pixels a side; small ones enlarged by a whole number."""
    image = Image.fromarray(picture)
    longest = max(image.size)
    if longest > _SIDE:
        image.thumbnail((_SIDE, _SIDE), Image.Resampling.LANCZOS)
        return image
    times = _SIDE // longest
    return image.resize((image.width * times, image.height * times), Image.Resampling.NEAREST)


def _panel(world: FreeWorld, answer: np.ndarray | None) -> Image.Image:
    """Source, target, an answer, and the sentences, each with a swatch of the colour that its shapes get."""
    font = ImageFont.load_default(12)
    indent = _SWATCH + 8
    lines: list[tuple[int | None, str]] = []
    for number, sentence in enumerate(world.sentences):
        note = f"{sentence} ({world.forms[number]})"
        for i, line in enumerate(wrap(note, font, _TEXT - indent - _GAP)):
            lines.append((number if i == 0 else None, line))
    pictures = [world.source, world.target, *([] if answer is None else [answer])]
    left = len(pictures) * (_SIDE + _GAP) + _GAP
    panel = Image.new("RGB", (left + _TEXT, max(_SIDE, _LINE * (len(lines) + 1)) + 2 * _GAP), "white")
    draw = ImageDraw.Draw(panel)
    for column, picture in enumerate(pictures):
        small = _fit(picture)
        place = _GAP + column * (_SIDE + _GAP)
        panel.paste(small, (place, _GAP))
        draw.rectangle((place - 1, _GAP - 1, place + small.width, _GAP + small.height), outline=(200, 200, 200))
    height, width = world.source.shape[:2]
    head = f"{world.suite} {world.index}, {width} x {height}, {len(world.shapes)} shapes"
    draw.text((left, _GAP - 4), head, fill=_GRAY, font=font)
    for row, (said, line) in enumerate(lines, 1):
        top = _GAP - 4 + row * _LINE
        told = [] if said is None else world.told[world.told_by == said].tolist()
        if told and told[0] != UNTOUCHED:
            red, green, blue = world.palette[told[0]].tolist()
            draw.rectangle((left, top + 3, left + _SWATCH, top + 3 + _SWATCH), (red, green, blue), _GRAY)
        draw.text((left + indent, top), line, fill="black", font=font)
    return panel


def draw_free_sheet(
    worlds: Sequence[FreeWorld], columns: int = 2, answers: Sequence[np.ndarray] | None = None
) -> Image.Image:
    """Worlds as drawing, coloured drawing, and where there are answers (H, W, 3) those, with their sentences."""
    shown: Sequence[np.ndarray | None] = answers if answers is not None else [None] * len(worlds)
    return stack([_panel(world, answer) for world, answer in zip(worlds, shown, strict=True)], columns)
