"""Names of models: bundled first, then a folder, then the hub."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lbie.errors import InputError

WEIGHTS_ROOT = Path(__file__).parent / "weights"
_NAMES = ("cosal", "flowers", "photos", "sketch")
"""Names that are kept for bundled models, whether or not this version has them."""
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
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

        try:
            return Path(snapshot_download(name))
        except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
            raise InputError(f"no model folder '{name}', and the hub has none or is out of reach; {known}") from error
    reason = "it holds no config.json" if os.path.isdir(name) and name else "no such model or folder"
    if name in _NAMES:
        reason = "it is not bundled with this version of lbie"
    raise InputError(f"cannot use the model '{name}': {reason}; {known}")


def read_card(folder: Path) -> ModelCard:
    """The card of a model folder; a bare one where it has none or a broken one."""
    try:
        values = json.loads((folder / "card.json").read_text("utf-8"))
        known = ModelCard.__dataclass_fields__
        return ModelCard(**{k: v for k, v in values.items() if k in known})
    except (OSError, ValueError, TypeError, AttributeError):
        return ModelCard(folder.name)
