"""What `Editor` asks of a task."""

from __future__ import annotations

from typing import Any, Protocol

from lbie.edit import Edit
from lbie.editing.controls import Controls
from lbie.image_io import SourceImage


class Editing(Protocol):
    """How a model of one task edits."""

    def prepare(self, source: SourceImage, panorama: bool = False) -> Any:
        """All of a source that does not depend on the sentence; of a panorama, left and right side touch.

        Raises:
            InputError: the model cannot take such an image.
        """
        ...

    def edit(
        self, image: Any, sentence: str, controls: Controls, max_steps: int | None, record: dict[str, Any]
    ) -> Edit:
        """Edit what `prepare` returned; a variant where the record has a `seed` other than 0.

        Raises:
            InputError: the sentence cannot be read, or a control does not fit the image or the task.
            SentenceError: it does not apply.
        """
        ...
