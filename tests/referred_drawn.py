"""Sets of phrases with masks drawn by code, in the layouts of the real ones."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from scipy.io import savemat

from drawn_folder import write_lines, write_photo

SIZE = (40, 60)
BOXES = {"left": (4, 5, 20, 30), "right": (35, 8, 55, 28)}
"""x0, y0, x1, y1."""


def photo() -> np.ndarray:
    """Two boxes on gray, (40, 60, 3) uint8: red on the left, blue on the right."""
    image = np.full((*SIZE, 3), 120, np.uint8)
    for (x0, y0, x1, y1), colour in zip(BOXES.values(), ((200, 30, 30), (40, 60, 220)), strict=True):
        image[y0:y1, x0:x1] = colour
    return image


def box(side: str) -> np.ndarray:
    """Mask of a box, (40, 60) bool."""
    x0, y0, x1, y1 = BOXES[side]
    mask = np.zeros(SIZE, bool)
    mask[y0:y1, x0:x1] = True
    return mask


def polygon(side: str) -> list[list[float]]:
    """The same as COCO has it."""
    x0, y0, x1, y1 = BOXES[side]
    return [[x0, y0, x1, y0, x1, y1, x0, y1]]


def write_referit(folder: Path, photos: bool = True) -> Path:
    """Photos 11 (train, val) and 12 (test), with two objects each; five phrases."""
    folder.mkdir(parents=True)
    queries = {
        "train": {"11_1": ["red box", "left box™"]},
        "val": {"11_2": ["blue box"]},
        "test": {"12_1": ["box on the left"], "12_2": ["right"]},
    }
    for split, query in queries.items():
        (folder / f"referit_query_{split}.json").write_text(json.dumps(query))
    (folder / "referit_imsize.json").write_text(json.dumps({"11.jpg": [60, 40], "12.jpg": [60, 40]}))
    if photos:
        (folder / "mask").mkdir()
        for number in (11, 12):
            write_photo(folder / "images" / f"{number}.jpg", photo())
            for crop, side in enumerate(BOXES, 1):
                matrix = np.where(box(side), 0, 1).astype(np.uint8)
                savemat(folder / "mask" / f"{number}_{crop}.mat", {"segimg_t": matrix}, do_compression=True)
    return folder


def coco_file(names: dict[int, str]) -> dict[str, Any]:
    """`instances.json` of photos by id: annotation ids are ten times the photo's, plus 1 (left) and 2 (right)."""
    images = [{"id": i, "file_name": name, "height": 40, "width": 60} for i, name in names.items()]
    annotations = [
        {"id": 10 * i + n, "image_id": i, "category_id": 3, "iscrowd": 0, "segmentation": polygon(side)}
        for i in names
        for n, side in enumerate(BOXES, 1)
    ]
    return {"images": images, "annotations": annotations, "categories": [{"id": 3, "name": "box"}]}


def references() -> list[dict[str, Any]]:
    """Two references, three phrases."""

    def sentence(number: int, text: str) -> dict[str, Any]:
        return {"sent_id": number, "sent": text, "raw": text.title(), "tokens": text.split()}

    return [
        {"ref_id": 0, "ann_id": 71, "image_id": 7, "category_id": 3, "split": "train", "file_name": "COCO_7_71.jpg"}
        | {"sent_ids": [0, 1], "sentences": [sentence(0, "red box"), sentence(1, "box on the left")]},
        {"ref_id": 1, "ann_id": 82, "image_id": 8, "category_id": 3, "split": "testA", "file_name": "COCO_8_82.jpg"}
        | {"sent_ids": [2], "sentences": [sentence(2, "blue box")]},
    ]


def write_refcoco(root: Path, dataset: str = "refcoco", by: str = "unc", photos: bool = True) -> Path:
    """`refs(…).p` (protocol 0, as Python 2 wrote them), `instances.json`, and COCO photos 7 and 8."""
    (root / dataset).mkdir(parents=True)
    names = {i: f"COCO_train2014_{i:012d}.jpg" for i in (7, 8)}
    (root / dataset / f"refs({by}).p").write_bytes(pickle.dumps(references(), 0))
    (root / dataset / "instances.json").write_text(json.dumps(coco_file(names)))
    for name in names.values() if photos else ():
        write_photo(root / "images/mscoco/images/train2014" / name, photo())
    return root


PHRASES: list[dict[str, Any]] = [
    {"file_name": "photos/1.png", "phrases": ["red box", "left box"], "mask": "masks/left.png"},
    {"file_name": "photos/1.png", "phrase": "blue box", "segmentation": polygon("right")},
    {"file_name": "photos/2.png", "phrase": "the box on the left", "annotation_id": 21},
    {"file_name": "photos/2.png", "phrase": "dog"},
]


def write_phrases(folder: Path, rows: list[Any] | None = None) -> Path:
    """Two photos, five phrases, one of which names nothing."""
    for number in (1, 2):
        write_photo(folder / "photos" / f"{number}.png", photo())
    (folder / "masks").mkdir()
    cv2.imwrite(str(folder / "masks/left.png"), box("left").astype(np.uint8) * 255)
    (folder / "instances.json").write_text(json.dumps(coco_file({2: "photos/2.png"})))
    write_lines(folder / "phrases.jsonl", PHRASES if rows is None else rows)
    return folder
