"""RefCOCO, RefCOCO+ and RefCOCOg, in the layout of the REFER repository.

```
DIR/
  refcoco/   refs(unc).p  refs(google).p  instances.json
  refcoco+/  refs(unc).p  instances.json
  refcocog/  refs(umd).p  refs(google).p  instances.json
  images/mscoco/images/train2014/COCO_train2014_000000581857.jpg   (or images/train2014, or train2014)
```

The brackets name who split the phrases. The pickles are read by `lbie.data.restricted_pickle`: no code of theirs runs.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lbie.data.coco import CocoInstances, read_instances
from lbie.data.referred import CocoMask, Count, Referred, ReferredSet, missing_files, require_files
from lbie.data.restricted_pickle import load_plain
from lbie.errors import InputError

PHOTO_FOLDERS = ("images/mscoco/images/train2014", "images/train2014", "train2014")
"""Where the photos may be, below DIR."""


@dataclass(frozen=True)
class Published:
    """Counts of a data set as somebody split it."""

    phrases: int
    objects: int
    photos: int
    split: dict[str, int]
    """Objects of each split."""
    note: str = ""
    """On the phrases."""


_REFCOCO = "the paper says 142,209; the files' splits add up to one more"
_REFCOCOG = "the 85,474 of 54,822 objects that are often cited are another count, with a test split never released"
PUBLISHED = {
    ("refcoco", "unc"): Published(
        142_210, 50_000, 19_994, {"train": 42_404, "val": 3_811, "testA": 1_975, "testB": 1_810}, _REFCOCO
    ),
    ("refcoco", "google"): Published(142_210, 50_000, 19_994, {"train": 40_000, "val": 5_000, "test": 5_000}, _REFCOCO),
    ("refcoco+", "unc"): Published(
        141_564, 49_856, 19_992, {"train": 42_278, "val": 3_805, "testA": 1_975, "testB": 1_798}
    ),
    ("refcocog", "umd"): Published(95_010, 49_822, 25_799, {"train": 42_226, "val": 2_573, "test": 5_023}),
    ("refcocog", "google"): Published(95_010, 49_822, 25_799, {"train": 44_822, "val": 5_000}, _REFCOCOG),
}
"""By data set and who split it."""
DATASETS = tuple(dict.fromkeys(name for name, _ in PUBLISHED))


def partitions(dataset: str) -> tuple[str, ...]:
    """Who split a data set, the usual one first.

    Raises:
        InputError: no such data set.
    """
    found = tuple(by for name, by in PUBLISHED if name == dataset)
    if not found:
        raise InputError(f"no data set '{dataset}'; there are {', '.join(DATASETS)}")
    return found


def open_refcoco(root: Path, dataset: str, by: str | None = None, photos: Path | None = None) -> ReferredSet:
    """Phrases of one of the three data sets, in the order of the file.

    Args:
        root: the folder DIR above.
        dataset: refcoco, refcoco+ or refcocog.
        by: who split it; the usual one (unc, umd) where None.
        photos: folder of COCO's train2014 photos; the first of `PHOTO_FOLDERS` that exists where None.

    Raises:
        InputError: no such data set or split, a file is missing (all are named), or is not what it should be.
    """
    known = partitions(dataset)
    by = by or known[0]
    if by not in known:
        raise InputError(f"{dataset} was not split by '{by}', but by {', '.join(known)}")
    refs_path, instances_path = (root / dataset / name for name in (f"refs({by}).p", "instances.json"))
    require_files([refs_path, instances_path], f"files of {dataset}")
    refs = load_plain(refs_path)
    if not isinstance(refs, list):
        raise InputError(f"'{refs_path}' should hold a list of references, not {type(refs).__name__}")
    instances = read_instances(instances_path)
    folders = [root / name for name in PHOTO_FOLDERS]
    folder = photos or next((f for f in folders if f.is_dir()), folders[0])
    items: list[Referred] = []
    objects: Counter[str] = Counter()
    for number, ref in enumerate(refs):
        try:
            found = _phrases(ref, instances, folder, dataset)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            reason = f"no {error}" if isinstance(error, KeyError) else error
            raise InputError(f"'{refs_path}': reference number {number} is not as REFER has it ({reason})") from error
        items += found
        objects[ref["split"]] += 1
    published = PUBLISHED[dataset, by]
    counts = [Count(f"objects of {s}", objects[s], published.split.get(s)) for s in published.split | objects]
    counts += [
        Count("phrases", len(items), published.phrases, published.note),
        Count("objects", sum(objects.values()), published.objects),
        Count("photos", len({item.photo_id for item in items}), published.photos),
    ]
    missing = missing_files((item.photo for item in items), "photos")
    return ReferredSet(f"{dataset} ({by})", tuple(items), tuple(counts), missing)


def _phrases(ref: Any, instances: CocoInstances, folder: Path, dataset: str) -> list[Referred]:
    """The phrases of a reference.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: it is not such a reference.
    """
    number, image_id, split = ref["ann_id"], ref["image_id"], ref["split"]
    if type(number) is not int or type(image_id) is not int:  # to hash a nested tuple may take for ever
        raise ValueError("its ann_id or image_id is no whole number")
    if not isinstance(split, str):
        raise ValueError("no split: its split is no text")
    if number not in instances.annotations:
        raise ValueError(f"instances.json has no annotation {number}")
    annotation = instances.annotations[number]
    if annotation.image_id != image_id:
        raise ValueError(f"annotation {number} is of image {annotation.image_id}, not of {image_id}")
    image = instances.images[image_id]
    source = CocoMask(annotation.segmentation)
    items = []
    for sentence in ref["sentences"]:
        text = sentence.get("sent") or sentence.get("raw")
        if not isinstance(text, str):
            raise ValueError("a sentence without text")
        photo_id, target = f"{dataset}/{image_id}", str(number)
        items.append(
            Referred(folder / image.file_name, photo_id, text, split, target, source, annotation.category, image.size)
        )
    return items
