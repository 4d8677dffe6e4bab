"""Colorization measured on a split of one's own photos, as `evaluation.flowers` measures it on flowers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from lbie.data.folder import load_arrays, metadata_files
from lbie.errors import InputError
from lbie.evaluation.colorizer import SEED, SIZE, Colorizer, TestPhotos
from lbie.evaluation.report import interval, provenance, write_figures
from lbie.evaluation.sheets import control_sheet
from lbie.evaluation.tables import cell
from lbie.language.vocabulary import Vocabulary
from lbie.model.editing_model import VOCABULARY, read_config
from lbie.registry import resolve_model

_SHEET_PHOTOS, _WORST = 12, 6


def evaluate(model: str, data: Path, output: Path, sheet: Path, limit: int | None, split: str) -> dict[str, Any]:
    """Measure, print, write `output` and draw `sheet`; returns the figures.

    A photo counts with its first sentence that has a word the model knows; one without such a sentence is left out.

    Args:
        model: name or folder of the model.
        data: folder of the photos.
        output: JSON file to write.
        sheet: picture to write: photos spread over the split, then those with the largest errors.
        limit: use only so many photos, at least 2.
        split: `train`, `val` or `test`.

    Raises:
        InputError: no such model or folder, a model of another task, or fewer than two photos to measure.
    """
    source = resolve_model(model)
    config = read_config(source)
    if config.task != "colorize":
        raise InputError(f"the model '{model}' does not colour photos: its task is '{config.task}'")
    everyone = load_arrays(data, split, SIZE)
    arrays = everyone.readable(Vocabulary.load(source / VOCABULARY), config.max_words)
    count = len(arrays.records)
    if count < 2:
        raise InputError(
            f"{count} of {len(everyone.records)} photos of the split '{split}' have a sentence with a word that "
            f"'{model}' knows: measuring takes two or more"
        )
    photos = TestPhotos.of(arrays, min(limit, count) if limit else None)
    colorizer = Colorizer(model, photos)
    own, steps = colorizer(photos.captions, "own sentence")
    other, _ = colorizer(photos.other_captions(), "another photo's sentence")
    gray = np.abs(photos.ab).mean((1, 2, 3))
    own_error, other_error = colorizer.errors(own), colorizer.errors(other)
    files = metadata_files(data)
    figures: dict[str, Any] = {
        "model": model,
        "split": split,
        "photos": len(gray),
        "without_a_known_word": len(everyone.records) - count,
        "provenance": provenance(files.get(None) or files[split], SEED),
        "ab_error": {
            "gray": interval(gray),
            "own_caption": interval(own_error),
            "other_caption": interval(other_error),
            "own_over_gray": interval(own_error, gray),
            "other_over_gray": interval(other_error, gray),
            "own_over_other": interval(own_error, other_error),
        },
        "mean_steps": round(float(steps.mean()), 4),
    }
    write_figures(output, figures)
    spread = np.unique(np.linspace(0, len(gray) - 1, _SHEET_PHOTOS).astype(int))
    chosen = [*spread, *np.argsort(-own_error)[:_WORST]]
    control_sheet(sheet, photos.arrays, own, {"another's caption": other}, chosen)
    print_folder(figures)
    return figures


def print_folder(figures: dict[str, Any]) -> None:
    """Print what `lbie evaluate folder` measured."""
    errors, console = figures["ab_error"], Console()
    title = f"{figures['photos']} photos of the split '{figures['split']}', model {figures['model']}"
    table = Table("input", "ab error", "over gray", title=title)
    table.add_row("gray", cell(errors["gray"]), "1")
    table.add_row("own caption", cell(errors["own_caption"]), cell(errors["own_over_gray"]))
    table.add_row("another photo's caption", cell(errors["other_caption"]), cell(errors["other_over_gray"]))
    console.print(table)
    console.print(f"own caption over another's: {cell(errors['own_over_other'])}")
    if figures["without_a_known_word"]:
        console.print(f"left out, without a word that the model knows: {figures['without_a_known_word']}")
