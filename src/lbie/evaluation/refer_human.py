"""Phrases that people wrote, of photos without masks: a sheet of answers to look at."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image

from lbie.data.scene import Phrase, Scene
from lbie.errors import InputError
from lbie.evaluation.answer_sheet import draw_answers
from lbie.evaluation.answers import answers, load_segmenter
from lbie.evaluation.refer_exam import SEED
from lbie.image_io import read_image

_FILES = ("val", "testA", "testB")
_COLUMNS = 9


def draw_human(model: str, folder: Path, path: Path, photos: int = 60, phrases: int = 3) -> int:
    """Draw a model's answers to random human phrases of RefCOCO; returns how many.

    Args:
        model: name or folder of the model.
        folder: `photos/refcoco`: phrases as JSON lines, and images.
        path: picture to write.
        photos: how many, chosen at random.
        phrases: of each, chosen at random.

    Raises:
        InputError: no such model, or the folder has no photo with phrases.
    """
    network = load_segmenter(model)
    said = human_phrases(folder)
    rng = np.random.default_rng(SEED)
    names = sorted(said)
    shown = []
    for number in rng.permutation(len(names))[:photos]:
        name = names[number]
        chosen = [said[name][i] for i in rng.permutation(len(said[name]))[:phrases]]
        scene = Scene(name, read_image(folder / name).rgb, (), frozenset())
        shown += answers(network, scene, [Phrase(text, None) for text in chosen])
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(draw_answers(shown, _COLUMNS, refined=True)).save(path)
    return len(shown)


def human_phrases(folder: Path) -> dict[str, list[str]]:
    """Different phrases by file of the photo, of those photos that are there.

    Raises:
        InputError: there are none, or a file is damaged.
    """
    found: dict[str, dict[str, None]] = {}
    for split in _FILES:
        path = folder / f"{split}.jsonl"
        if not path.is_file():
            continue
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            try:
                row = json.loads(line)
                name, text = row["image"], row["text"]
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                raise InputError(f"'{path}', line {number}: expected an object with image and text") from error
            if isinstance(name, str) and isinstance(text, str):
                found.setdefault(name, {})[text] = None
    there = {name: list(texts) for name, texts in found.items() if (folder / name).is_file()}
    if not there:
        raise InputError(f"no photo with human phrases in '{folder}': it should hold val.jsonl and images/")
    return there
