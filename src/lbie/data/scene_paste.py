"""Scenes to train on: real photos cropped afresh, and photos onto which things of other photos were pasted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np

from lbie.data.instances import Album, Cut, load_coco, load_pennfudan, load_unlabelled
from lbie.data.pasting import Pasted, paste, room
from lbie.data.scene import Instance, Scene
from lbie.errors import InputError

COMMON = frozenset(
    ("person", "car", "chair", "bottle", "cup", "book", "bowl", "bicycle", "truck", "bus", "handbag", "backpack")
) | {"umbrella", "bench", "dining table", "potted plant", "traffic light"}
"""What a photo of which nothing is known may well show: it is never pasted there."""
_NEVER = frozenset({"dining table", "sink", "oven", "bed", "toilet", "tie", "hair drier"})
"""What does not look like itself away from its place, or stands for more than its pixels."""
_TOUCHED = 0.2
"""Share of its outline that other things may touch: with more, some of it is probably hidden."""
_DARK = 45
"""Mean level, of 255, below which a thing is too dark to be known elsewhere."""
_LEAST_SIDE = 26
"""Pixels of the shorter side of what is pasted, in its own photo."""


@dataclass(frozen=True)
class SourceOptions:
    """What scenes are drawn."""

    pasted: float = 0.5
    """Share of scenes with pasted things."""
    unlabelled: float = 0.5
    """Share of those whose photo is an unlabelled one."""
    pennfudan: float = 0.12
    """Share of the real photos that are street photos of `pennfudan`."""
    gray: float = 0.15
    """Share of scenes in gray."""
    least_crop: float = 0.6
    """Smallest share of the photo's sides that a crop keeps."""
    sheer: float = 1.15
    """Largest change of the aspect ratio."""
    jitter: float = 1.0
    """Strength of the changes of tone; 0 leaves colours as they are."""


class SceneSource:
    """Draws scenes from the training photos; those of val and test never occur in it."""

    def __init__(
        self, root: str | Path, size: int | tuple[int, int] = 320, options: SourceOptions | None = None
    ) -> None:
        """Open (and decode at the first time) the albums.

        Args:
            root: the data root, which holds `photos/`.
            size: side, or (height, width), of every scene.
            options: what is drawn.

        Raises:
            InputError: photos are missing, or the size is not of whole multiples of 32.
        """
        self.height, self.width = (size, size) if isinstance(size, int) else size
        if self.height <= 0 or self.width <= 0 or self.height % 32 or self.width % 32:
            raise InputError(f"the sides of a scene are multiples of 32, got {self.height} x {self.width}")
        self.options = options or SourceOptions()
        self.coco = load_coco(root, "train")
        self.pennfudan = load_pennfudan(root)
        self.unlabelled = load_unlabelled(root)

    def draw(self, rng: np.random.Generator) -> Scene:
        """A scene; the same state of `rng` gives the same. Its `photo_id` names the photo that lies underneath."""
        options = self.options
        if rng.random() >= options.pasted:
            album = self.pennfudan if rng.random() < options.pennfudan else self.coco
            scene = self._crop(album, rng)
        else:
            bare = rng.random() < options.unlabelled
            scene = self._paste_onto(self._crop(self.unlabelled if bare else self.coco, rng), rng)
        return Scene(scene.photo_id, self._toned(scene.image, rng), scene.instances, scene.known)

    def _crop(self, album: Album, rng: np.random.Generator) -> Scene:
        """A random part of a random photo, perhaps mirrored, at the size of scenes."""
        index = int(rng.integers(len(album)))
        photo, image = album.photos[index], album.image(index)
        aspect = self.width / self.height * self.options.sheer ** rng.uniform(-1, 1)
        high = photo.height * rng.uniform(self.options.least_crop, 1.0)
        wide = high * aspect
        shrink = min(1.0, photo.width / wide, photo.height / high)
        high, wide = max(int(high * shrink), 8), max(int(wide * shrink), 8)
        top, left = int(rng.integers(photo.height - high + 1)), int(rng.integers(photo.width - wide + 1))
        flip = bool(rng.random() < 0.5)
        window = image[top : top + high, left : left + wide]
        shrinking = high > self.height
        out = cv2.resize(
            window, (self.width, self.height), interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR
        )
        scale_x, scale_y = self.width / wide, self.height / high
        things = []
        for cut in photo.cuts:
            mask = self._place(album.cut_mask(cut), cut, top, left, scale_x, scale_y)
            if mask is None:
                continue
            shown = min(float(mask.sum()) / (cut.area * scale_x * scale_y), 1.0)
            things.append(Instance(cut.category, mask[:, ::-1].copy() if flip else mask, shown))
        return Scene(photo.photo_id, out[:, ::-1].copy() if flip else out, tuple(things), album.known)

    def _place(
        self, crop: np.ndarray, cut: Cut, top: int, left: int, scale_x: float, scale_y: float
    ) -> np.ndarray | None:
        """The mask of a thing in the cropped picture, or None where nothing of it shows."""
        y0, x0 = (cut.box[0] - top) * scale_y, (cut.box[1] - left) * scale_x
        a, b = max(int(np.floor(y0)), 0), max(int(np.floor(x0)), 0)
        c = min(int(np.ceil((cut.box[2] - top) * scale_y)), self.height)
        d = min(int(np.ceil((cut.box[3] - left) * scale_x)), self.width)
        if c <= a or d <= b:
            return None
        shift = np.array([[scale_x, 0, x0 - b + (scale_x - 1) / 2], [0, scale_y, y0 - a + (scale_y - 1) / 2]])
        part = cv2.warpAffine(crop * 255, shift, (d - b, c - a), flags=cv2.INTER_LINEAR) > 127
        if not part.any():
            return None
        mask = np.zeros((self.height, self.width), bool)
        mask[a:c, b:d] = part
        return mask

    @cached_property
    def pieces(self) -> dict[str, list[tuple[Album, int, Cut]]]:
        """What can be pasted, by category: whole things of the training photos, each with its album and photo."""
        found: dict[str, list[tuple[Album, int, Cut]]] = {}
        for album in (self.coco, self.pennfudan):
            for index, photo in enumerate(album.photos):
                for cut in photo.cuts:
                    side = min(cut.box[2] - cut.box[0], cut.box[3] - cut.box[1])
                    whole = cut.inside and cut.touched <= _TOUCHED
                    if whole and cut.category not in _NEVER and side >= _LEAST_SIDE and self._is_lit(album, index, cut):
                        found.setdefault(cut.category, []).append((album, index, cut))
        return dict(sorted(found.items()))

    @staticmethod
    def _is_lit(album: Album, index: int, cut: Cut) -> bool:
        """Whether there is anything to see of a thing, rather than its outline in black."""
        top, left, bottom, right = cut.box
        return float(album.image(index)[top:bottom, left:right, 1][album.cut_mask(cut) > 0].mean()) >= _DARK

    def _paste_onto(self, scene: Scene, rng: np.random.Generator) -> Scene:
        bare = scene.known is not None
        kinds = [k for k in self.pieces if not bare or k not in COMMON]
        if not kinds:
            return scene
        weights = np.array([len(self.pieces[k]) for k in kinds]) ** 0.4
        groups = min(1 + int(rng.integers(3 if bare else 2)), len(kinds))
        picture = scene.image.copy()
        things = list(scene.instances)
        fresh: list[np.ndarray] = []
        chosen = rng.choice(len(kinds), size=groups, replace=False, p=weights / weights.sum())
        for kind in [kinds[int(i)] for i in chosen]:
            many = 2 + int(rng.integers(3)) if rng.random() < 0.65 else 1
            base = float(np.exp(rng.uniform(np.log(0.12), np.log(0.5 if many == 1 else 0.38))))
            pool = self.pieces[kind]
            same = pool[int(rng.integers(len(pool)))]
            for _ in range(many):
                album, index, cut = same if rng.random() < 0.15 else pool[int(rng.integers(len(pool)))]
                y0, x0, y1, x1 = cut.box
                own = album.image(index)[y0:y1, x0:x1]
                side = base * float(np.exp(rng.uniform(-0.45, 0.45)))
                done: Pasted | None = None
                place = room(
                    rng, own.shape[:2], side, picture.shape[:2], fresh, (y0 + y1) / 2 / album.photos[index].height
                )
                if place is not None:
                    done = paste(picture, own, album.cut_mask(cut), place, bool(rng.random() < 0.5))
                if done is None:
                    continue
                things = [_under(t, done.mask) for t in things]
                things.append(Instance(kind, done.mask, done.shown))
                fresh.append(done.mask)
        kept = tuple(t for t in things if t.mask.any())
        known = scene.known | {kinds[int(i)] for i in chosen} if scene.known is not None else None
        return Scene(scene.photo_id, picture, kept, known)

    def _toned(self, rgb: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Tone, contrast and saturation moved a little, or gray."""
        gray = rng.random() < self.options.gray
        gamma, gain, saturation = np.exp(self.options.jitter * rng.uniform(-1, 1, 3) * (0.25, 0.1, 0.2))
        tint = 1 + self.options.jitter * rng.uniform(-0.04, 0.04, 3)
        levels = np.linspace(0, 1, 256) ** gamma
        levels = (levels - 0.5) * gain + 0.5
        table = np.clip(levels[:, None] * tint * 255 + 0.5, 0, 255).astype(np.uint8)
        toned = cv2.LUT(np.ascontiguousarray(rgb), table[None])
        luma = cv2.cvtColor(toned, cv2.COLOR_RGB2GRAY)
        if gray:
            return np.repeat(luma[..., None], 3, axis=2)
        return cv2.addWeighted(toned, saturation, cv2.merge([luma] * 3), 1 - saturation, 0)


def _under(thing: Instance, front: np.ndarray) -> Instance:
    """A thing after something was put in front of it."""
    before = int(thing.mask.sum())
    mask = thing.mask & ~front
    after = int(mask.sum())
    return thing if after == before else Instance(thing.category, mask, thing.shown * after / max(before, 1))
