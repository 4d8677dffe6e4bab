"""A picture of how an edit came about: what the regions read at each step, and when they stopped."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from lbie.edit import Edit
from lbie.errors import InputError
from lbie.language.vocabulary import STOP_MARKS
from lbie.lettering import Font, wrap

_CELL, _PAD, _LINE = 200, 8, 16
_MOST_COLUMNS = 8
_MOST_CHARACTERS = 250  # of a line
_MOST_LINES = 3  # of the description, and of a sentence under its heat map
_LEGEND = "bright: the region gives the {} much of its attention; light gray: the region has stopped"


@dataclass(frozen=True)
class Panel:
    """A picture of an explanation."""

    picture: np.ndarray
    """(h, w, 3) uint8; of one size in an explanation."""
    label: str


@dataclass(frozen=True)
class Explanation:
    """What is shown of an edit, however it is laid out."""

    heading: str
    legend: str
    rows: list[list[Panel]]
    """A row a step, as many panels in each: first which regions run, then one a word or sentence."""


@dataclass(frozen=True)
class _Column:
    """What one column of heat maps is of."""

    label: str
    attention: np.ndarray
    """(T, H', W')."""


def explanation(edit: Edit) -> Explanation:
    """What an edit's regions read: a row a step; first the result and the map of stopping steps, then heat maps.

    A heat map shows the share of its attention that each region gives the word (0 dark, 1 bright); regions that
    have stopped are gray. Words are those most attended to, in the order of the sentence. Of a drawing that several
    sentences describe, the columns are its sentences.

    Raises:
        InputError: no words were read, as where all of a photo was changed.
    """
    if not edit.tokens:
        raise InputError("no words were looked for in the photo, so there are no steps to explain")
    steps = edit.attention.shape[0]
    ran = [bool(edit.attention[t].any()) for t in range(steps)]
    last = max(i for i, any_ran in enumerate(ran) if any_ran) + 1
    by_sentence = edit.seen is not None and len(set(edit.token_sentence)) > 1
    columns = _sentences(edit) if by_sentence else _words(edit)
    picture = edit.rgb if edit.seen is None else edit.seen
    height, width = _cell_size(picture)
    base = _resize(picture, width, height)
    gray = cv2.cvtColor(base, cv2.COLOR_RGB2GRAY)
    rows = []
    for row in range(last):
        step = row + 1
        running = edit.steps >= step
        runs = _enlarge(running, width, height)[..., None] > 0.5
        done = np.where(runs, base, _dim(gray))
        panels = [Panel(done.astype(np.uint8), f"step {step}: {running.mean():.0%} of regions run")]
        for column in columns:
            heat = _enlarge(column.attention[row], width, height)
            shown = cv2.applyColorMap(cv2.convertScaleAbs(heat, alpha=255), cv2.COLORMAP_INFERNO)[..., ::-1]
            shown = cv2.addWeighted(shown, 0.7, np.repeat(gray[..., None], 3, 2), 0.3, 0)
            shown = np.where(runs, shown, _dim(gray))
            mean = column.attention[row][running].mean() if running.any() else 0.0
            panels.append(Panel(shown.astype(np.uint8), f"{column.label} {mean:.0%}"))
        rows.append(panels)
    legend = _LEGEND.format("sentence" if by_sentence else "word")
    return Explanation(f"\u201c{edit.record['sentence']}\u201d", legend, rows)


def explain(edit: Edit) -> Image.Image:
    """The `explanation` of an edit as an RGB picture.

    Raises:
        InputError: no words were read, as where all of a photo was changed.
    """
    told = explanation(edit)
    height, width = told.rows[0][0].picture.shape[:2]
    font, title = ImageFont.load_default(14), ImageFont.load_default(16)
    sheet_width = _PAD + len(told.rows[0]) * (width + _PAD)
    heading = _wrap(told.heading, sheet_width - 2 * _PAD, title)
    top_of_rows = _PAD + (len(heading) + 1) * (_LINE + 4) + _PAD
    labels = [_wrap(panel.label, width, font) for row in told.rows for panel in row]
    row_height = height + _PAD + _LINE * max(map(len, labels)) + _PAD
    sheet = Image.new("RGB", (sheet_width, top_of_rows + _PAD + len(told.rows) * row_height), "white")
    draw = ImageDraw.Draw(sheet)
    for number, line in enumerate(heading):
        draw.text((_PAD, _PAD + number * (_LINE + 4)), line, fill="black", font=title)
    draw.text((_PAD, _PAD + len(heading) * (_LINE + 4)), told.legend, fill="gray", font=font)
    for row, panels in enumerate(told.rows):
        for number, panel in enumerate(panels):
            place = (_PAD + number * (width + _PAD), top_of_rows + row * row_height)
            _put(sheet, draw, font, panel.picture, place, panel.label)
    return sheet


def _words(edit: Edit) -> list[_Column]:
    """The words most attended to by any region at any step, in the order of the sentence."""
    weight = edit.attention.max((0, 2, 3)) + edit.attention.mean((0, 2, 3))
    allowed = [i for i, word in enumerate(edit.tokens) if word not in STOP_MARKS]
    chosen = sorted(sorted(allowed, key=lambda i: -weight[i])[:_MOST_COLUMNS])
    return [_Column(edit.tokens[i], edit.attention[:, i]) for i in chosen]


def _sentences(edit: Edit) -> list[_Column]:
    """The sentences most attended to, in order; the attention to a sentence is that to all its words."""
    columns = []
    for number in sorted(set(edit.token_sentence)):
        places = [i for i, sentence in enumerate(edit.token_sentence) if sentence == number]
        text = " ".join(edit.tokens[i] for i in places if edit.tokens[i] not in STOP_MARKS)
        columns.append(_Column(f"{number + 1}: {text}", edit.attention[:, places].sum(1)))
    weight = [column.attention.max() + column.attention.mean() for column in columns]
    chosen = sorted(sorted(range(len(columns)), key=lambda i: -weight[i])[:_MOST_COLUMNS])
    return [columns[i] for i in chosen]


def _wrap(text: str, width: int, font: Font) -> list[str]:
    """Lines that are at most `width` pixels long; what does not fit into `_MOST_LINES` is cut."""
    lines = wrap(text, font, width)
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], f"{lines[_MOST_LINES - 1]} \u2026"]
    return [_cut(line, width, font) for line in lines]


def _cut(line: str, width: int, font: Font) -> str:
    if len(line) <= _MOST_CHARACTERS and font.getlength(line) <= width:
        return line
    line = line[:_MOST_CHARACTERS]
    while line and font.getlength(f"{line}\u2026") > width:
        line = line[:-1]
    return f"{line}\u2026"


def _cell_size(picture: np.ndarray) -> tuple[int, int]:
    height, width = picture.shape[:2]
    scale = _CELL / max(height, width)
    return max(8, round(height * scale)), max(8, round(width * scale))


def _resize(picture: np.ndarray, width: int, height: int) -> np.ndarray:
    smaller = picture.shape[0] > height
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_NEAREST)


def _enlarge(values: np.ndarray, width: int, height: int) -> np.ndarray:
    return cv2.resize(values.astype(np.float32), (width, height), interpolation=cv2.INTER_NEAREST)


def _dim(gray: np.ndarray) -> np.ndarray:
    return np.repeat((160 + gray[..., None] * 0.25), 3, axis=2)


def _put(
    sheet: Image.Image, draw: ImageDraw.ImageDraw, font: Font, picture: np.ndarray, place: tuple[int, int], label: str
) -> None:
    """A picture at a place of the sheet, and its label below."""
    sheet.paste(Image.fromarray(picture), place)
    for number, line in enumerate(_wrap(label, picture.shape[1], font)):
        draw.text((place[0], place[1] + picture.shape[0] + 3 + number * _LINE), line, fill="black", font=font)
