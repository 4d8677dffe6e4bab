"""Import of Oxford-102 Flowers as its authors distribute it, with the captions of Reed et al. 2016."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

from tqdm import tqdm

from lbie.data.matlab import read_matrix
from lbie.errors import InputError

PHOTOS, CLASSES, CAPTIONS = 8_189, 102, 10
"""Published counts."""
VAL_CLASSES, TEST_CLASSES = 10, 20
"""Classes of the val and test splits: the last ones, so that the three splits share no class."""
_MOST_VALUES = 100_000
_KINDS = (("setid.mat", "trnid"), ("imagelabels.mat", "labels"))


def import_flowers(source: Path, output: Path) -> int:
    """Write `output/images/` and `output/metadata.jsonl`, the layout that `lbie.data.flowers` reads.

    The splits are disjoint in class: classes 1 to 72 train, 73 to 82 val, 83 to 102 test.

    Args:
        source: folder with `jpg/image_XXXXX.jpg`, `imagelabels.mat`, `setid.mat` and
            `text_c10/class_XXXXX/image_XXXXX.txt` (one caption a line).
        output: a folder that does not exist yet, or is empty.

    Returns:
        Number of photos.

    Raises:
        InputError: a file is missing or a count differs from the published one; the message says which, and
            nothing is written then.
    """
    if not source.is_dir():
        raise InputError(f"no folder '{source}': it should hold jpg/, text_c10/, imagelabels.mat and setid.mat")
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise InputError(f"the output '{output}' exists already: choose an empty folder")
    labels = _labels(source)
    rows, missing = [], []
    for number, label in enumerate(labels, 1):
        photo = source / "jpg" / f"image_{number:05d}.jpg"
        text = source / "text_c10" / f"class_{label:05d}" / f"image_{number:05d}.txt"
        missing += [str(p.relative_to(source)) for p in (photo, text) if not p.is_file()]
        if missing:
            continue
        captions = [line.strip() for line in text.read_text("utf-8", "replace").splitlines() if line.strip()]
        if len(captions) != CAPTIONS:
            raise InputError(f"'{text}' has {len(captions)} captions, expected {CAPTIONS}")
        split = (
            "test"
            if label > CLASSES - TEST_CLASSES
            else "val"
            if label > CLASSES - TEST_CLASSES - VAL_CLASSES
            else "train"
        )
        row = {"file_name": f"images/{photo.name}", "split": split, "class_id": label, "class_name": f"class {label}"}
        rows.append(row | {"captions": captions})
    if missing:
        places = Counter(Path(m).parts[0] for m in missing)
        counts = ", ".join(f"{n:,} in {place}/" for place, n in sorted(places.items()))
        raise InputError(f"{len(missing):,} files are missing from '{source}' ({counts}), first '{missing[0]}'")
    (output / "images").mkdir(parents=True, exist_ok=True)
    for row in tqdm(rows, desc="copy photos", unit="photo"):
        shutil.copyfile(source / "jpg" / Path(str(row["file_name"])).name, output / str(row["file_name"]))
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (output / "metadata.jsonl").write_text(lines, "utf-8")
    return len(rows)


def _labels(source: Path) -> list[int]:
    """Class of each photo, checked against the published counts."""
    loaded = {}
    for name, key in _KINDS:
        path = source / name
        if not path.is_file():
            raise InputError(f"'{path}' is missing: it comes with the data set, beside jpg/")
        try:
            loaded[key] = [int(x) for x in read_matrix(path, key, _MOST_VALUES).ravel().tolist()]
        except (ValueError, OverflowError) as error:
            raise InputError(f"'{path}' is not the data set's file ({error})") from error
    labels = loaded["labels"]
    if len(labels) != PHOTOS or set(labels) != set(range(1, CLASSES + 1)):
        found = f"{len(labels):,} photos of {len(set(labels))} classes"
        raise InputError(f"imagelabels.mat lists {found}, expected {PHOTOS:,} of {CLASSES}")
    return labels
