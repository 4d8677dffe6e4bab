"""What a segmenter is asked: photos of a split, and phrases of each that are always the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lbie.data.refer_sets import KINDS, open_sets
from lbie.data.referred import ReferredSet, scenes
from lbie.data.scene import Phrase, Scene
from lbie.data.storage import data_root
from lbie.errors import InputError
from lbie.evaluation.refer_baselines import Box, best_box
from lbie.evaluation.report import machine, provenance

SEED = 0
PHRASES = 8
"""Generated phrases of a photo."""
_DRAWN = 32
"""Phrases drawn of a photo for those of which the others hold few."""
_BOX_PHRASES, _BOX_PHOTOS = 4, 500
"""Phrases of a photo, and photos, on which the box in the middle is chosen."""


@dataclass(frozen=True, eq=False)
class Asked:
    """A photo and what is asked of it."""

    scene: Scene
    phrases: tuple[Phrase, ...]
    """Those of the table."""
    more: tuple[Phrase, ...] = ()
    """More phrases of rare kinds and of several hops, counted by group only."""
    held_out: tuple[Phrase, ...] = ()
    """Phrases in wordings that training never sees."""


@dataclass(frozen=True, eq=False)
class ReferExam:
    """Photos with phrases, to be gone through several times."""

    name: str
    """`COCO photos, generated phrases`."""
    split: str
    read: Callable[[], Iterator[Asked]]
    """Goes through all photos of which something is asked."""
    complete: bool
    """Whether every thing of a photo is listed, with its kind."""
    box: Box | None
    """The best box in the middle, chosen on other photos."""
    box_from: str | None
    """Split on which it was chosen."""
    provenance: dict[str, Any]
    human: Path | None = None
    """Folder of photos with human phrases and no masks, if any."""


def open_exam(
    name: str, data: Path | None, split: str, limit: int | None, photos: Path | None = None, masks: Path | None = None
) -> ReferExam:
    """The exam of a name: `coco`, or a kind of `data.refer_sets`, whose folder `data` then is.

    Raises:
        InputError: there is no such exam, something of it is missing, or an option does not go with it.
    """
    if name == "coco":
        if photos or masks:
            raise InputError("--photos and --masks are for --set referit and the like")
        return generated_exam(data_root(data), split, limit)
    if name not in KINDS:
        raise InputError(f"no set '{name}'; there are coco, {', '.join(KINDS)}")
    if data is None:
        raise InputError(f"--set {name} needs --data DIR, the folder of your copy")
    found = open_sets(name, data, photos, masks)
    having = [one for one in found if any(item.split == split for item in one.items)]
    return human_exam((having or found)[0], split, limit)


def generated_exam(root: Path, split: str, limit: int | None = None) -> ReferExam:
    """The photos of `photos/coco` with generated phrases.

    Args:
        root: the data root.
        split: `test`, or `val` to choose between models.
        limit: only the first so many photos.

    Raises:
        InputError: photos or masks are missing, or there is no such split.
    """
    from lbie.data.instances import load_coco
    from lbie.language.refer import evaluation_phrases

    album = load_coco(root, split)
    train = load_coco(root, "train")
    scenes_of_train = (train.scene(i) for i in range(min(len(train), _BOX_PHOTOS)))
    box = best_box(_targets((scene, evaluation_phrases(scene, _BOX_PHRASES)) for scene in scenes_of_train))
    numbers = range(len(album) if limit is None else min(limit, len(album)))
    said = [generated(album.scene(i)) for i in numbers]

    def read() -> Iterator[Asked]:
        for i, asked in zip(numbers, said, strict=True):
            if asked[0]:
                yield Asked(album.scene(i), *asked)

    about = provenance(root / "photos" / "coco" / "instances.json", SEED)
    return ReferExam(
        "COCO photos, generated phrases", split, read, True, box, "train", about, root / "photos" / "refcoco"
    )


def generated(scene: Scene) -> tuple[tuple[Phrase, ...], tuple[Phrase, ...], tuple[Phrase, ...]]:
    """The phrases of a scene as `Asked` has them: of the table, more, and in held-out wordings."""
    from lbie.language.refer import evaluation_phrases

    phrases = evaluation_phrases(scene, PHRASES)
    known = {phrase.text for phrase in phrases}
    more = [
        phrase
        for phrase in evaluation_phrases(scene, _DRAWN)
        if phrase.text not in known
        and phrase.target is not None
        and (phrase.hops or phrase.kind in ("order", "colour"))
    ]
    held_out = evaluation_phrases(scene, PHRASES, held_out=True)
    return tuple(phrases), tuple(more), tuple(held_out)


def human_exam(found: ReferredSet, split: str, limit: int | None = None) -> ReferExam:
    """Photos, phrases and masks of a data set that an importer opened.

    Args:
        found: the data set.
        split: one of its own.
        limit: only the first so many photos.

    Raises:
        InputError: something of it is missing, or it has no such split.
    """
    items = found.require_complete().of_split(split)
    kept = set(list(dict.fromkeys(item.photo_id for item in items))[:limit])
    chosen = [item for item in items if item.photo_id in kept]
    others = [item for item in found.items if item.split == "train"] if split != "train" else []
    first = set(list(dict.fromkeys(item.photo_id for item in others))[:_BOX_PHOTOS])
    box = best_box(_targets(scenes(item for item in others if item.photo_id in first)))

    def read() -> Iterator[Asked]:
        for scene, phrases in scenes(chosen):
            yield Asked(scene, phrases)

    about = machine() | {"data": found.name, "seed": SEED}
    return ReferExam(found.name, split, read, False, box, "train" if box else None, about)


def _targets(said: Iterable[tuple[Scene, Iterable[Phrase]]]) -> Iterator[Any]:
    """Masks (H, W) bool of what phrases name."""
    for scene, phrases in said:
        for phrase in phrases:
            if phrase.target is not None:
                yield scene.instances[phrase.target].mask
