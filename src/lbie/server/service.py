"""What requests ask for, as plain functions that workers call."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import UploadFile

from lbie.edit import Edit
from lbie.editor import Editor, read_mask
from lbie.errors import ImageSizeError, InputError, SentenceError
from lbie.image_io import SourceImage, decode_image
from lbie.server.forms import EditForm, SegmentForm
from lbie.server.held import held_bytes
from lbie.server.metrics import Metrics
from lbie.server.models import FINDER, Models
from lbie.server.pictures import Picture, Result
from lbie.server.problems import ProblemError, not_found
from lbie.server.settings import Settings
from lbie.server.store import Store


class Service:
    """The models and the pictures of one server. Any thread may call it."""

    def __init__(self, settings: Settings, models: Models, metrics: Metrics) -> None:
        self.settings, self.models, self.metrics = settings, models, metrics
        self.store: Store[Picture] = Store(settings.store_bytes, settings.store_count, settings.time_to_live)

    def picture(self, name: str) -> Picture:
        """The picture of an id.

        Raises:
            ProblemError: 404, there is none, or no longer.
        """
        picture = self.store.get(name)
        if picture is None:
            raise not_found("image of this id")
        return picture

    def result(self, name: str) -> Result:
        """The result of an id.

        Raises:
            ProblemError: 404, there is none, or no longer.
        """
        picture = self.store.get(name)
        if picture is None or picture.result is None:
            raise not_found("result of this id")
        return picture.result

    def upload(self, file: UploadFile) -> tuple[str, Picture]:
        """Keep an image; returns its id.

        Raises:
            ProblemError: 413 or 415, it has too many pixels or is no image that can be read.
        """
        return self._keep(Picture(self._decode(file, "the image")))

    def edit(self, form: EditForm) -> tuple[str, Result]:
        """Edit; returns the id of the result. Raises as `Editor.edit`, and as `upload` and `picture`."""
        source_id, picture = self._source(form.image, form.image_id)
        mask = None if form.mask is None else read_mask(self._decode(form.mask, "the mask"))
        model, reason = self.models.choose(form.model, picture, form.sentence)

        def work(editor: Editor) -> Edit:
            return editor.edit(form.sentence, mask=mask, **form.controls)

        return self._carry_out(work, source_id, picture, model, reason)

    def segment(self, form: SegmentForm) -> tuple[str, Result]:
        """Find; returns the id of the result. Raises as `Editor.segment`, and as `upload` and `picture`."""
        phrases = form.phrases
        source_id, picture = self._source(form.image, form.image_id)
        model, reason = self.models.choose(form.model or FINDER, picture, phrases[0])

        def work(editor: Editor) -> Edit:
            return editor.segment(phrases, threshold=form.threshold, max_steps=form.max_steps)

        return self._carry_out(work, source_id, picture, model, reason)

    def _carry_out(
        self,
        work: Callable[[Editor], Edit],
        source_id: str,
        picture: Picture,
        model: str,
        reason: str | None,
    ) -> tuple[str, Result]:
        outcome = "refused"
        try:
            edit = work(self._editor(source_id, picture, model))
            outcome = "done" if edit.found else "no match"
        except (InputError, SentenceError) as error:
            if reason is None:
                raise
            raise type(error)(f"{error} (the model '{model}' was chosen: {reason})") from error
        finally:
            self.metrics.edits.labels(model, outcome).inc()
        result = Result.of(edit, source_id, reason)
        return self._keep(Picture(result.picture, result))[0], result

    def _source(self, file: UploadFile | None, name: str | None) -> tuple[str, Picture]:
        if (file is None) == (name is None):
            raise InputError("give the image as a file in 'image', or its id in 'image_id': one of the two")
        if name is not None:
            return name, self.picture(name)
        assert file is not None
        return self.upload(file)

    def _editor(self, source_id: str, picture: Picture, model: str) -> Editor:
        """An editor with the picture set: encoded now, or once before."""
        with picture.encoding:
            editor = picture.editors.get(model)
            self.metrics.encodings.labels("new" if editor is None else "kept").inc()
            if editor is None:
                editor = self.models.editor(model, picture.source)
                picture.editors[model] = editor
                self.store.grow(source_id, held_bytes(editor._prepared))
        return editor

    def _keep(self, picture: Picture) -> tuple[str, Picture]:
        return self.store.put(picture, picture.bytes), picture

    def _decode(self, file: UploadFile, name: str) -> SourceImage:
        try:
            return decode_image(file.file.read(), name, self.settings.max_pixels)
        except ImageSizeError as error:
            raise ImageSizeError(error.message, "this server takes no larger ones") from error
        except InputError as error:
            raise ProblemError(415, "not-an-image", str(error)) from error
