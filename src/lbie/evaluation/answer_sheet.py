"""Answers to phrases as one picture to look at."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from lbie.evaluation.answers import Answer, overlap
from lbie.lettering import wrap

_CELL, _LINE, _LINES = 240, 14, 2


def draw_answers(given: Sequence[Answer], columns: int, refined: bool = False) -> np.ndarray:
    """Draw answers in rows: the mask in red, the truth outlined in green, below them the phrase, presence and IoU.

    Args:
        given: the answers, one or more.
        columns: of the sheet.
        refined: draw the product's mask, outlined in white, instead of the probabilities.

    Returns:
        (H, W, 3) uint8.
    """
    step = _CELL + 2 + _LINE * _LINES
    page = Image.new("RGB", (columns * _CELL, -(-len(given) // columns) * step), "white")
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(12)
    for number, answer in enumerate(given):
        row, column = divmod(number, columns)
        left, top = column * _CELL, row * step
        page.paste(Image.fromarray(_picture(answer, refined)), (left, top))
        for line, text in enumerate(wrap(_label(answer, refined), font, _CELL - 6)[:_LINES]):
            draw.text((left + 3, top + _CELL + _LINE * line), text, fill="black", font=font)
    return np.array(page)


def _label(answer: Answer, refined: bool) -> str:
    truth, phrase = answer.truth, answer.phrase
    if truth is None:
        return f"{answer.presence:.2f} {phrase.text}" + (" (nothing)" if phrase.kind == "none" else "")
    both, either = overlap(answer.refined if refined else answer.mask, truth)
    return f"{answer.presence:.2f}, IoU {both / max(either, 1):.2f}: {phrase.text}"


def _picture(answer: Answer, refined: bool) -> np.ndarray:
    height, width = answer.scene.image.shape[:2]
    scale = (_CELL - 4) / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    image = cv2.resize(answer.scene.image, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    shown = answer.refined.astype(np.float32) if refined else answer.probability
    tint = cv2.resize(shown, size)[..., None] * 0.6
    image = np.rint(image * (1 - tint) + np.array([255, 0, 0], np.float32) * tint).astype(np.uint8)
    if refined:
        _outline(image, answer.refined, (255, 255, 255))
    if answer.truth is not None:
        _outline(image, answer.truth, (0, 255, 0))
    cell = np.full((_CELL, _CELL, 3), 255, np.uint8)
    cell[: size[1], : size[0]] = image
    return cell


def _outline(image: np.ndarray, mask: np.ndarray, colour: tuple[int, int, int]) -> None:
    """Draw the outline of a mask (H, W) bool onto a smaller picture, in place."""
    small = cv2.resize(mask.astype(np.uint8), image.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    outlines, _ = cv2.findContours(small, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(image, outlines, -1, colour, 1)
