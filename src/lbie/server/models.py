"""The models, each loaded once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lbie.editing.choose import choose_model
from lbie.editor import Editor
from lbie.errors import InputError
from lbie.image_io import SourceImage
from lbie.registry import ModelCard, bundled_models
from lbie.samples import sample_path
from lbie.server.pictures import Picture

FINDER = "photos"
"""The model that finds things where none is named."""
_PHOTO = np.full((96, 96, 3), 128, np.uint8)
_TRIED = {
    "colorize": "The flower is red in color.",
    "segment": "make the cat red",
    "shapes": "The circle is red.",
    "sketch": "The circle is red.",
}


class Models:
    """All bundled models. The runtime keeps its number of threads: with another, pixels may differ by a level from
    those that `Editor` gives elsewhere on the machine.
    """

    def __init__(self, device: str = "auto", names: Sequence[str] | None = None, runtime: str = "auto") -> None:
        """Load them, and try each once, so that no request waits for what is set up at first use.

        Raises:
            InputError: no such model, device or runtime.
        """
        self._loaded = {name: Editor.from_pretrained(name, device, runtime) for name in names or bundled_models()}
        for editor in self._loaded.values():
            task = editor.runtime.config.task
            editor.set_image(_PHOTO if task in ("colorize", "segment") else sample_path("shapes")).edit(_TRIED[task])

    def cards(self) -> list[tuple[ModelCard, str]]:
        """What each says of itself, and its task."""
        return [(editor.card, editor.runtime.config.task) for editor in self._loaded.values()]

    def choose(self, name: str | None, picture: Picture, sentence: str) -> tuple[str, str | None]:
        """The name of the model for an image and a sentence, and why it was chosen where none was asked for.

        Raises:
            InputError: there is none of that name, or it is not plain which is meant.
            SentenceError: the sentence asks for a change that is not understood.
        """
        if name is None:
            try:
                choice = choose_model(picture.source, sentence, picture.look)
            except InputError as error:
                raise InputError(str(error).replace("--model ", "model ")) from error
            return choice.model, choice.reason
        if name not in self._loaded:
            raise InputError(f"no model '{name}': there are {', '.join(self._loaded)}")
        return name, None

    def editor(self, name: str, source: SourceImage) -> Editor:
        """An editor of its own for an image, which is encoded.

        Raises:
            InputError: the image is not one that this model edits.
            ResourceError: out of memory.
        """
        loaded = self._loaded[name]
        return Editor(loaded.runtime, loaded.card).set_image(source)
