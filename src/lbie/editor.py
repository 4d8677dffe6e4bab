"""The library's face: encode an image once, edit it with many sentences."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import cv2
import numpy as np
from PIL import Image

import lbie
from lbie.edit import Edit
from lbie.editing.controls import Controls, Hint
from lbie.errors import InputError, LbieError
from lbie.image_io import SourceImage, read_image, source_from_array, source_from_pil
from lbie.image_io.decode import MAX_PIXELS
from lbie.registry import ModelCard, read_card, resolve_model
from lbie.runtime.interface import Resources
from lbie.samples import resolve_input

if TYPE_CHECKING:
    from lbie.editing.protocol import Editing
    from lbie.runtime import Runtime

TASKS = {
    "colorize": ("lbie.editing.colorize", "ColorizeEditing"),
    "shapes": ("lbie.editing.shapes", "ShapesEditing"),
    "sketch": ("lbie.editing.sketch", "SketchEditing"),
    "segment": ("lbie.editing.photos", "PhotosEditing"),
}
"""How a model of each task edits: module and class, of which only that of the model is loaded."""
_DRAWINGS = ("shapes", "sketch")


class Editor:
    """Edits images by describing the result.

    Examples:
        >>> editor = Editor.from_pretrained("flowers")
        >>> editor.set_image("photo.jpg")
        >>> editor.edit("The flower is blue in color.").save("blue.png")
    """

    def __init__(self, runtime: Runtime, card: ModelCard) -> None:
        """Take a loaded model.

        Raises:
            InputError: its task is none of `TASKS`.
        """
        if runtime.config.task not in TASKS:
            raise InputError(f"the model's task '{runtime.config.task}' is not one of {', '.join(TASKS)}")
        self.runtime, self.card = runtime, card
        module, name = TASKS[runtime.config.task]
        self._editing: Editing = getattr(import_module(module), name)(runtime, card)
        self._prepared: dict[bool, Any] = {}  # the image encoded: as a flat one, as a panorama
        self._source: SourceImage | None = None

    @classmethod
    def from_pretrained(
        cls, name_or_path: str | Path = "flowers", device: str = "auto", runtime: str = "auto", threads: int = 0
    ) -> Self:
        """Load a model.

        Args:
            name_or_path: a bundled name, a model folder, or `owner/name` on the hub.
            device: `auto`, `cpu`, `cuda` or `mps`.
            runtime: `onnx`, `torch`, or `auto`: onnx where the model has graphs for it and `device` is not an
                accelerator, else torch. Both give the same to within 1 of 255 levels.
            threads: at most; 0 for what the runtime takes by itself. Torch has one number for the whole process.

        Raises:
            InputError: no such model, device or runtime, or a broken model folder.
        """
        from lbie.runtime import load_runtime

        folder = resolve_model(name_or_path)
        return cls(load_runtime(folder, device, runtime, threads), read_card(folder))

    def set_image(self, image: Any, *, max_pixels: int = MAX_PIXELS, panorama: bool = False) -> Self:
        """Encode the image that the next edits are of.

        Args:
            image: path (or `-`, or `sample:NAME`), PIL image, `SourceImage`, or array / tensor: (H, W), (H, W, 3|4)
                uint8, or a (3, H, W) / (1, H, W) tensor, uint8 or float in [0, 1].
            max_pixels: limit on the declared pixels of a file.
            panorama: the edits are to be `edit(..., panorama=True)`; where that is not said here, the image is encoded
                again at the first of them.

        Raises:
            InputError: the image cannot be read, or is not one that this model edits; the image set before stays.
            ResourceError: it does not fit into memory.
        """
        source = _to_source(image, max_pixels)
        self._prepared = {panorama: self._prepare(source, panorama)}
        self._source = source
        return self

    def edit(
        self,
        sentence: str,
        *,
        strength: float = 1.0,
        keep_background: bool = False,
        mask: Any = None,
        hints: Sequence[str] = (),
        seed: int = 0,
        max_steps: int | None = None,
        then: Sequence[str] = (),
        panorama: bool = False,
    ) -> Edit:
        """Edit the image as the sentence says.

        Args:
            sentence: what the result looks like; a model of drawings reads several, of which the later one holds. A
                model that finds things takes a request, such as "make the car on the left red".
            strength: of the change in a photo, above 0 and at most 2; 1 is what the model wants.
            keep_background: leave all of a photo that is coloured as it is where the sentence does not speak of it.
            mask: how far each pixel of a photo may change: path, PIL image or array of the photo's size, black to
                white, or (H, W) float in [0, 1].
            hints: colours of points of a photo to colour, such as `120,80,#cc3344` in pixels or `50%,25%,crimson`.
            seed: 0 is the model's best; others read another shade of each colour that is named (only where
                photos are coloured).
            max_steps: limit on the steps of the fusion (None: the model's own).
            then: of a drawing, further sentences, each of which edits the result of those before: "now make the left
                circle green". Shapes are always those of the drawing that was set.
            panorama: the photo is an equirectangular one, whose left and right side touch: it is edited without a seam
                there. "Left" and "right" are those of the picture as it lies.

        Returns:
            The edit. Where things are looked for and nothing matches, the image as it was, `found` False, a mask of
            zeros and a low confidence.

        Raises:
            InputError: an empty or far too long sentence, no image set, or a control that does not fit.
            SentenceError: no word of it is known, or nothing of it applies to the image.
            ResourceError: out of memory.
        """
        source = self._check(max_steps)
        if then:
            if self.runtime.config.task not in _DRAWINGS:
                raise InputError("only drawings are edited sentence after sentence: edit the result as another image")
            sentence = " ".join(f"{said.strip().rstrip('.')}." for said in (sentence, *then) if said.strip())
        record = self._record(sentence) | {"seed": seed}
        points = tuple(Hint.parse(text, source.rgb.shape[:2]) for text in hints)
        image = self._encoded(source, panorama)
        record |= {"panorama": True} if panorama else {}
        controls = Controls(strength, keep_background, None if mask is None else read_mask(mask), points)
        with Resources():
            return self._editing.edit(image, sentence, controls, max_steps, record)

    def segment(
        self, phrases: str | Sequence[str], *, threshold: float | None = None, max_steps: int | None = None
    ) -> Edit:
        """Find what a phrase names, or the union of what several do.

        Args:
            phrases: each names a thing ("the dog on the left"), several ("the cat and the dog"), or all but some
                ("everything except the dog", "the background").
            threshold: confidence, from 0 to 1, from which on a thing is there (None: the model's own, mostly .5). The
                boundary of `mask` is .5 whatever it is.
            max_steps: limit on the steps of the fusion (None: the model's own).

        Returns:
            `mask` is the union, `matches` what each phrase found. `image` is the source cut out: its pixels, with the
            mask as alpha. Where nothing matches, `found` is False, the mask is all 0, and the confidence low.

        Raises:
            InputError: no image set, no phrase, an empty or far too long one, a threshold out of range, or a model
                that finds nothing.
            SentenceError: a phrase of which no word is known.
            ResourceError: out of memory.
        """
        from lbie.editing.photos import PhotosEditing

        source = self._check(max_steps)
        if not isinstance(self._editing, PhotosEditing):
            raise InputError(f"the model '{self.card.name}' does not find things: use 'photos', or one of its task")
        asked = [phrases] if isinstance(phrases, str) else list(phrases)
        record = self._record(" + ".join(asked))
        image = self._encoded(source)
        with Resources():
            return self._editing.segment(image, asked, threshold, max_steps, record)

    def _repr_html_(self) -> str:
        """How a notebook shows it."""
        from lbie.display import editor_html

        return editor_html(self.card, self.runtime.device, self._source)

    def _check(self, max_steps: int | None) -> SourceImage:
        """The image; refuse to work without one, or with a limit out of range."""
        if self._source is None:
            raise LbieError("no image to edit: call set_image first")
        if max_steps is not None and not 1 <= max_steps <= 64:
            raise InputError(f"max_steps must be between 1 and 64, got {max_steps}")
        return self._source

    def _encoded(self, source: SourceImage, panorama: bool = False) -> Any:
        """The image as the model takes it; encoded once for each way."""
        if panorama not in self._prepared:
            self._prepared[panorama] = self._prepare(source, panorama)
        return self._prepared[panorama]

    def _prepare(self, source: SourceImage, panorama: bool) -> Any:
        with Resources():
            return self._editing.prepare(source, panorama=panorama)

    def _record(self, sentence: str) -> dict[str, Any]:
        """What is stored with a result."""
        record = {"sentence": sentence, "model": self.card.name, "model_version": self.card.version}
        return record | {"version": lbie.__version__}


def read_mask(mask: Any, max_pixels: int = MAX_PIXELS) -> np.ndarray:
    """A mask as (H, W) float32 in [0, 1]: path, PIL image, or array, uint8 or bool or float in [0, 1].

    Raises:
        InputError: it cannot be read.
    """
    if isinstance(mask, np.ndarray) and mask.ndim == 2 and mask.dtype.kind in "fb":
        return mask.astype(np.float32)
    rgb = _to_source(mask, max_pixels).rgb
    return cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255


def _to_source(image: Any, max_pixels: int) -> SourceImage:
    if isinstance(image, SourceImage):
        return image
    if isinstance(image, str | Path):
        return read_image(resolve_input(image), max_pixels)
    if isinstance(image, Image.Image):
        return source_from_pil(image)
    if hasattr(image, "detach"):
        image = image.detach().cpu()
        image = (image.float() if image.is_floating_point() else image).numpy()
        if image.ndim == 3 and image.shape[0] in (1, 3, 4):
            image = image.transpose(1, 2, 0)
        image = image[..., 0] if image.ndim == 3 and image.shape[2] == 1 else image
        if image.dtype.kind == "f":
            image = np.rint(image.clip(0, 1) * 255).astype(np.uint8)
    if isinstance(image, np.ndarray):
        return source_from_array(image)
    raise InputError(f"cannot take an image of type {type(image).__name__}: give a path, PIL image, array or tensor")
