"""Edit images by describing the result."""

from __future__ import annotations

from importlib.metadata import version as _version
from typing import TYPE_CHECKING, Any

from lbie.errors import InputError, LbieError, ResourceError, SentenceError

if TYPE_CHECKING:
    from lbie.edit import Edit
    from lbie.editor import Editor
    from lbie.model.config import ModelConfig
    from lbie.model.editing_model import EditingModel

__version__ = _version("lbie")
__all__ = ["Edit", "EditingModel", "Editor", "InputError", "LbieError", "ModelConfig", "ResourceError", "SentenceError"]

_LAZY = {
    "Editor": "lbie.editor",
    "Edit": "lbie.edit",
    "EditingModel": "lbie.model.editing_model",
    "ModelConfig": "lbie.model.config",
}


def __getattr__(name: str) -> Any:
    """Load what needs torch or OpenCV only when it is asked for."""
    if name in _LAZY:
        from importlib import import_module

        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'lbie' has no attribute '{name}'")
