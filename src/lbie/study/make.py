"""A study made from photos: each coloured by every system from its caption, and the true photo."""

from __future__ import annotations

import hashlib
import io
import random
import secrets
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image
from tqdm import tqdm

from lbie.data.flowers import FlowerRecord, read_records
from lbie.data.storage import load_square
from lbie.errors import InputError
from lbie.evaluation.report import provenance
from lbie.language.colour_names import families_in
from lbie.registry import resolve_model
from lbie.study.order import Item
from lbie.study.store import Store, picture_path

if TYPE_CHECKING:
    from lbie.editor import Editor

SIZE = 256
"""Side in pixels of the pictures, as in the paper's release."""
TRUTH = "truth"
_RIVALS = {"without_attention": ("attention", False), "without_language": ("ignore_sentence", True)}
"""What the config of a rival has to say for it to be called that."""


@dataclass(frozen=True)
class Picture:
    """A picture to be rated."""

    photo: str
    system: str
    sentence: str
    rgb: np.ndarray
    """(H, W, 3) uint8."""


def make_study(folder: Path, systems: dict[str, str], data: Path, photos: int, seed: int, split: str) -> int:
    """Colour photos by every system and write the study; returns the number of pictures.

    Args:
        folder: to write; new, or empty.
        systems: `ours`, and `without_attention` and `without_language` where there are such models, each with the
            name or folder of its model.
        data: folder of the flowers.
        photos: how many to draw from the split.
        seed: of the draw.
        split: `test`, whose classes no model was trained on; or `val` or `train`.

    Raises:
        InputError: the folder is in use, a model is not what it is given as, or the split has too few photos.
    """
    _check_free(folder)
    chosen = choose_photos(read_records(data, split), photos, seed)
    editors = {system: _load(system, model) for system, model in systems.items()}
    pictures = []
    for record, sentence in tqdm(chosen, desc="colour photos"):
        rgb = load_square(data / record.file_name, SIZE)
        gray = np.array(Image.fromarray(rgb).convert("L"))
        coloured = {system: editor.set_image(gray).edit(sentence).rgb for system, editor in editors.items()}
        pictures += [Picture(record.file_name, s, sentence, p) for s, p in {**coloured, TRUTH: rgb}.items()]
    weights = {system: _weights(model) for system, model in systems.items()}
    write_study(
        folder,
        pictures,
        {"split": split, "systems": weights, "provenance": provenance(data / "metadata.jsonl", seed)},
    )
    return len(pictures)


def choose_photos(records: Sequence[FlowerRecord], count: int, seed: int) -> list[tuple[FlowerRecord, str]]:
    """Photos drawn at random among those with a caption that names a colour, each with the first such caption.

    Raises:
        InputError: there are fewer than `count`.
    """
    told = []
    for record in records:
        sentence = next((caption.strip() for caption in record.captions if families_in(caption)), None)
        if sentence:
            told.append((record, sentence))
    if len(told) < count:
        raise InputError(f"the split has {len(told)} photos whose captions name a colour, not {count}: lower --photos")
    return random.Random(seed).sample(told, count)


def write_study(folder: Path, pictures: Sequence[Picture], settings: dict[str, Any]) -> Store:
    """Write pictures under random names and the study's file: all of it, or nothing.

    Files are written in the order of their names, so that their times tell nothing.
    """
    _check_free(folder)
    named = sorted((secrets.token_hex(8), number) for number in range(len(pictures)))
    items = [Item(name, p.photo, p.system, p.sentence) for name, p in ((n, pictures[i]) for n, i in named)]
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".study-"))
    try:
        for name, number in named:
            path = picture_path(aside, name)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(_png(pictures[number].rgb))
        Store.create(aside, items, settings | {"salt": secrets.token_hex(16)})
        aside.chmod(0o755)
        if folder.exists():
            folder.rmdir()
        aside.rename(folder)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    return Store(folder)


def _check_free(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"'{folder}' exists and is not an empty folder: a study is never written over another")


def _png(rgb: np.ndarray) -> bytes:
    """PNG without metadata."""
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, "PNG")
    return buffer.getvalue()


def _load(system: str, model: str) -> Editor:
    from lbie.editor import Editor

    editor = Editor.from_pretrained(model, "cpu")
    config = editor.runtime.config
    if config.task != "colorize":
        raise InputError(f"the model '{model}' does not colour photos: its task is '{config.task}'")
    if system in _RIVALS:
        name, wanted = _RIVALS[system]
        if getattr(config, name) != wanted:
            raise InputError(
                f"the model '{model}' is not one {system.replace('_', ' ')}: its config says {name} = {not wanted}"
            )
    return editor


def _weights(model: str) -> dict[str, str]:
    """Which weights a system is."""
    folder = resolve_model(model)
    return {"model": model, "sha256": hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()}
