"""What `Editor` asks of a task."""

from __future__ import annotations

from typing import Any, Protocol

from lbie.edit import Edit
from lbie.image_io import SourceImage


class Editing(Protocol):
    """How a model of one task edits."""

    def prepare(self, source: SourceImage) -> Any:
        """All of a source that does not depend on the sentence.

        Raises:
            InputError: the model cannot take such an image.
        """
        ...

    def edit(self, image: Any, sentence: str, max_steps: int | None, record: dict[str, Any]) -> Edit:
        """Edit what `prepare` returned.

        Raises:
            InputError: the sentence cannot be read.
            SentenceError: it does not apply.
        """
        ...
