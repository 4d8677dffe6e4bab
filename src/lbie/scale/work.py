"""Work on one file of a batch: the models are loaded once, and nothing is written here."""

from __future__ import annotations

from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lbie.editing.vector_file import fill_vector, is_vector, read_vector
from lbie.errors import InputError, LbieError, NoMatchError
from lbie.remote import Remote, read_from
from lbie.scale.journal import Item, Outcome
from lbie.scale.settings import BatchSettings

if TYPE_CHECKING:
    from lbie.edit import Edit
    from lbie.editor import Editor
    from lbie.image_io import SourceImage

_MODELS = 4  # that are held at once


class Worker:
    """Works on files, one after the other; what it holds does not grow with their number."""

    def __init__(self, settings: BatchSettings, device: str = "auto", threads: int = 1, runtime: str = "auto") -> None:
        """Load what every file needs.

        Args:
            settings: what is done to each file.
            device: as `Editor.from_pretrained` takes it.
            threads: at most; so many workers beside each other do not fight for the processors.
            runtime: as `Editor.from_pretrained` takes it.

        Raises:
            InputError: no such device or model.
        """
        import cv2

        from lbie.editor import Editor
        from lbie.runtime import check_device

        check_device(device, runtime)
        cv2.setNumThreads(threads)
        self.settings = settings
        self._editor = lru_cache(_MODELS)(
            partial(Editor.from_pretrained, device=device, runtime=runtime, threads=threads)
        )
        if settings.model is not None:
            task = self._editor(settings.model).runtime.config.task
            if settings.phrases and task != "segment":
                raise InputError(f"the model '{settings.model}' does not find things: use 'photos', or one of its task")

    def __call__(self, item: Item) -> Outcome:
        """Work on a file; whatever is wrong with it is in the outcome."""
        try:
            if self.settings.phrases:
                return self._segment(item)
            return self._edit_vector(item) if is_vector(item.path) else self._edit(item)
        except NoMatchError as error:
            return Outcome("unmatched", reason=_line(error))
        except LbieError as error:
            return Outcome("failed", reason=_line(error))
        except MemoryError:
            return Outcome("failed", reason="not enough memory for this: use a smaller image")
        except Exception as error:  # a fault of lbie's own must not cost the other files
            return Outcome("failed", reason=f"an unexpected {type(error).__name__}: {_line(error)[:200]}")

    def _edit(self, item: Item) -> Outcome:
        from lbie.editing.choose import choose_model

        source = self._read(item)
        model = item.model or self.settings.model or choose_model(source, item.sentence).model
        editor = self._editor(model)
        result = editor.set_image(source, panorama=self.settings.panorama).edit(item.sentence, **self._controls())
        _need_match(result)
        data, notices = result.encode(Path(item.output).suffix, self.settings.metadata)
        return Outcome("done", data, details=self._details(editor, result, (*result.warnings, *notices)))

    def _edit_vector(self, item: Item) -> Outcome:
        from lbie.editing.choose import SKETCH

        assert not isinstance(self.settings.source, Remote), "drawings of stores are skipped"
        drawing = read_vector(self.settings.source / item.path, "the drawing")
        editor: Editor = self._editor(item.model or self.settings.model or SKETCH)
        suffix = Path(item.output).suffix.lower()
        result = fill_vector(editor, drawing, item.sentence, suffix, self.settings.max_pixels, **self._controls())
        _need_match(result.edit)
        return Outcome("done", result.data, details=self._details(editor, result.edit, result.warnings))

    def _segment(self, item: Item) -> Outcome:
        import numpy as np

        from lbie.image_io import encode_image
        from lbie.scale.annotations import annotate

        assert self.settings.model is not None
        editor = self._editor(self.settings.model)
        result = editor.set_image(self._read(item)).segment(self.settings.phrases)
        height, width = result.mask.shape
        details = self._details(editor, result, result.warnings) | {"width": width, "height": height}
        details["phrases"] = [match.phrase for match in result.matches]
        if not result.found:
            return Outcome("unmatched", reason="; ".join(result.warnings), details=details)
        shades = (result.mask > 0.5).astype(np.uint8) * 255
        data, _ = encode_image(shades, ".png", record=result.record)
        return Outcome("done", data, details=details | {"annotations": annotate(result.matches)})

    def _read(self, item: Item) -> SourceImage:
        from lbie.image_io import decode_image
        from lbie.image_io.decode import MAX_BYTES

        data = read_from(self.settings.source, item.path, "the image", MAX_BYTES, "an image file")
        return decode_image(data, "the image", self.settings.max_pixels)

    def _controls(self) -> dict[str, Any]:
        own = self.settings
        return {
            "strength": own.strength,
            "keep_background": own.keep_background,
            "seed": own.seed,
            "panorama": own.panorama,
        }

    def _details(self, editor: Editor, result: Edit, warnings: tuple[str, ...]) -> dict[str, Any]:
        """What there is to know of a result, as JSON can hold it."""
        record = {
            name: result.record[name] for name in ("model", "model_version", "understood") if name in result.record
        }
        return record | {
            "device": editor.runtime.device,
            "confidence": round(result.confidence, 4),
            "unknown_words": list(result.unknown_words),
            "warnings": list(warnings),
        }


def _need_match(result: Edit) -> None:
    if not result.found:
        raise NoMatchError("; ".join(result.warnings))


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
