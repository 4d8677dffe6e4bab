"""Names of models: bundled first, then a folder, then the hub."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lbie.checksums import SUMS, changed_files
from lbie.errors import InputError
from lbie.regular_file import read_file

WEIGHTS_ROOT = Path(__file__).parent / "weights"
_NAMES = ("cosal", "flowers", "photos", "sketch")
"""Names that are kept for bundled models, whether or not this version has them."""
_FILES = ("config.json", "vocabulary.json", "model.safetensors", "card.json", SUMS, "graphs.json")
_GRAPHS = ("image", "hints", "language", "ask", "step", "decoder", "panorama", "panorama_decoder")
"""Names of the graphs that a model may have."""
_MAX_CARD = 2**20  # bytes
_HUB_NAME = re.compile(r"\w[\w.-]*/\w[\w.-]*")


@dataclass(frozen=True)
class ModelCard:
    """What a model says of itself, from `card.json` in its folder."""

    name: str
    version: str = "unversioned"
    task: str = "colorize"
    made_for: str = "images like those it was trained on"
    training_data: str = "not stated"
    licence: str = "not stated"
    figures: dict[str, Any] = field(default_factory=dict)
    threshold: float = 0.5
    """Of a model that finds things: confidence from which on one is taken to be there."""


def bundled_models() -> list[str]:
    """Names of the models that come with the package."""
    return sorted(p.parent.name for p in WEIGHTS_ROOT.glob("*/config.json"))


def resolve_model(name_or_path: str | Path) -> Path:
    """Folder of a model's files.

    Args:
        name_or_path: a bundled name, else a folder that holds `config.json`, else `owner/name` on the hub.

    Raises:
        InputError: there is no such model.
    """
    name = str(name_or_path)
    if name in bundled_models():
        return WEIGHTS_ROOT / name
    if os.path.isfile(os.path.join(name, "config.json")):  # False, not an error, for what cannot be a path
        return Path(name)
    known = f"bundled models: {', '.join(bundled_models()) or 'none'}"
    if _HUB_NAME.fullmatch(name) and not os.path.exists(name):
        from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

        try:
            return fetch_model(name)
        except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
            raise InputError(f"no model folder '{name}', and the hub has none or is out of reach; {known}") from error
    reason = "it holds no config.json" if os.path.isdir(name) and name else "no such model or folder"
    if name in _NAMES:
        reason = "it is not bundled with this version of lbie"
    raise InputError(f"cannot use the model '{name}': {reason}; {known}")


def fetch_model(name: str, **options: Any) -> Path:
    """Fetch the files of a model, and no others, from the hub; options and errors are those of `snapshot_download`."""
    from huggingface_hub import snapshot_download

    return Path(snapshot_download(name, allow_patterns=[*_FILES, *(f"{name}.onnx" for name in _GRAPHS)], **options))


def check_shipped(folder: Path) -> None:
    """Refuse a bundled model whose files are not those that were published; of other folders nothing is known.

    Raises:
        InputError: a file is missing, has changed or is new.
    """
    if folder.resolve().parent != WEIGHTS_ROOT.resolve():
        return
    if faults := changed_files(folder):
        raise InputError(
            f"the bundled model '{folder.name}' is not as published ({'; '.join(faults)}): install lbie again, with "
            "pip's --force-reinstall --no-deps"
        )


def read_card(folder: Path) -> ModelCard:
    """The card of a model folder; what is broken of it, or all of it, is left out."""
    bare = ModelCard(folder.name)
    try:
        values = json.loads(read_file(folder / "card.json", "the card", _MAX_CARD, "a file"))
    except (InputError, ValueError, RecursionError):
        return bare
    if not isinstance(values, dict):
        return bare
    plain = {k: v for k, v in values.items() if k in ModelCard.__dataclass_fields__}
    sound = {k: v for k, v in plain.items() if isinstance(v, type(getattr(bare, k)))}
    if not 0 <= sound.get("threshold", 0) <= 1:
        del sound["threshold"]
    return replace(bare, **sound)
