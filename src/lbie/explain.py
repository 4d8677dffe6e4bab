"""A picture of how an edit came about: what the regions read at each step, and when they stopped."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from lbie.edit import Edit
from lbie.language.vocabulary import STOP_MARKS

_CELL, _PAD, _HEAD = 200, 8, 24
_TITLE = 56  # sentence and legend
_MOST_WORDS = 8


def explain(edit: Edit) -> Image.Image:
    """Draw an edit: a row a step; first the result and the map of stopping steps, then one heat map a word.

    A heat map shows the share of its attention that each region gives the word (0 dark, 1 bright); regions that
    have stopped are gray. Words are those most attended to, in the order of the sentence.

    Returns:
        An RGB picture.
    """
    steps = edit.attention.shape[0]
    ran = [bool(edit.attention[t].any()) for t in range(steps)]
    last = max(i for i, any_ran in enumerate(ran) if any_ran) + 1
    words = _chosen_words(edit)
    columns = 1 + len(words)
    height, width = _cell_size(edit)
    sheet = Image.new("RGB", (_PAD + columns * (width + _PAD), _TITLE + _PAD + last * (height + _HEAD + _PAD)), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(14)
    draw.text(
        (_PAD, _PAD), f"\u201c{edit.record['sentence'][:120]}\u201d", fill="black", font=ImageFont.load_default(16)
    )
    legend = "bright: the region gives the word much of its attention; light gray: the region has stopped"
    draw.text((_PAD, _PAD + 20), legend, fill="gray", font=font)
    base = cv2.resize(edit.rgb, (width, height), interpolation=cv2.INTER_AREA)
    gray = cv2.cvtColor(base, cv2.COLOR_RGB2GRAY)
    for row in range(last):
        step = row + 1
        top = _TITLE + row * (height + _HEAD + _PAD)
        running = edit.steps >= step
        share = running.mean()
        done = np.where(_enlarge(running, width, height)[..., None] > 0.5, base, _dim(gray))
        label = f"step {step}: {share:.0%} of regions run"
        _put(sheet, draw, font, done.astype(np.uint8), (_PAD, top), label)
        for column, word in enumerate(words, 1):
            heat = _enlarge(edit.attention[row, word], width, height)
            picture = cv2.applyColorMap(cv2.convertScaleAbs(heat, alpha=255), cv2.COLORMAP_INFERNO)[..., ::-1]
            picture = cv2.addWeighted(picture, 0.7, np.repeat(gray[..., None], 3, 2), 0.3, 0)
            picture = np.where(_enlarge(running, width, height)[..., None] > 0.5, picture, _dim(gray))
            place = (_PAD + column * (width + _PAD), top)
            mean = edit.attention[row, word][running].mean() if running.any() else 0.0
            _put(sheet, draw, font, picture.astype(np.uint8), place, f"{edit.tokens[word]} {mean:.0%}")
    return sheet


def _chosen_words(edit: Edit) -> list[int]:
    """Indices of the words most attended to by any region at any step, in sentence order."""
    weight = edit.attention.max((0, 2, 3)) + edit.attention.mean((0, 2, 3))
    allowed = [i for i, word in enumerate(edit.tokens) if word not in STOP_MARKS]
    return sorted(sorted(allowed, key=lambda i: -weight[i])[:_MOST_WORDS])


def _cell_size(edit: Edit) -> tuple[int, int]:
    height, width = edit.rgb.shape[:2]
    scale = _CELL / max(height, width)
    return max(8, round(height * scale)), max(8, round(width * scale))


def _enlarge(values: np.ndarray, width: int, height: int) -> np.ndarray:
    return cv2.resize(values.astype(np.float32), (width, height), interpolation=cv2.INTER_NEAREST)


def _dim(gray: np.ndarray) -> np.ndarray:
    return np.repeat((160 + gray[..., None] * 0.25), 3, axis=2)


def _put(
    sheet: Image.Image,
    draw: ImageDraw.ImageDraw,
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
    picture: np.ndarray,
    place: tuple[int, int],
    label: str,
) -> None:
    sheet.paste(Image.fromarray(picture), place)
    draw.text((place[0], place[1] + picture.shape[0] + 3), label, fill="black", font=font)
