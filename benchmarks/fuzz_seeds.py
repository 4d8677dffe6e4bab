"""Inputs to begin fuzzing with, all made by code, and the files that lie beside them."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import bad_contents
import bad_modes
import numpy as np
from bad_pictures import header_fields, saved
from PIL import Image

MOST_BYTES = 2_500
"""Larger files of the corpus of bad input are no seeds."""
_WORDS = (
    "make turn paint the a car cat red blue dark sea green and except everything but background of to in blur out gray "
    "cut , . ; ' # #fff #1f77b4 's colour is should be please not from light more less by than left right first second "
    "circle square petals center tips same as \u2019 é ß \ufb01 İ 50%,25%,crimson 12,30,#cc3344 hsl("
)
WORDS = tuple(word.encode() for word in _WORDS.split())
"""Of sentences."""
SEGMENTATIONS: tuple[Any, ...] = (
    [[2, 1, 6, 1, 6, 5, 2, 5]],
    [[-10, -10, 20.5, -10, -10, 20]],
    {"size": [20, 30], "counts": [600]},
    {"size": [20, 30], "counts": "XY22"},
)


def images() -> Iterator[bytes]:
    """Small files of every format, mode and kind of metadata; sound ones, odd ones and cut ones."""
    for form in ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF"):
        yield saved(np.full((5, 7, 3), 90, np.uint8), form)
    makers = (
        *(bad_modes.modes, bad_modes.sizes, bad_modes.exif_blocks, bad_modes.profiles, bad_modes.cuts),
        *(bad_contents.odd_chunks, bad_contents.endless, bad_contents.wrong_suffixes, header_fields),
    )
    for make in makers:
        yield from (data for _, _, data in make() if len(data) <= MOST_BYTES)


def sentences() -> Iterator[bytes]:
    """Of flowers, of drawings, and of neither."""
    for text in (
        "The flower is blue.",
        "this flower has pink petals with a yellow center and white tips",
        "The shape left of the circle is red. The circle has the same colour as the square!",
        "the third square of the second row is #1f77b4, and the circle is dark sea green; nothing else changes",
        "Don\u2019t … make IT \ufb01ne?! İstanbul é É ß 3/4 #fff",
        "",
    ):
        yield text.encode()
    yield b"\xff\xfe red"


def requests() -> Iterator[bytes]:
    """Of every kind that is understood, some that are not, and hints."""
    for text in (
        "make the car on the left red",
        "please change the colour of the cat's ears and the dog to dark sea green, thank you",
        "blur everything except the dog",
        "cut out the cup",
        "gray out the background",
        "brighten the sky a little",
        "the car should be #1f77b4",
        "turn everything but the man on the left and the woman a lot darker",
        "don't make it 50% red and blur",
        "120,80,#cc3344",
        "50%,25%,crimson",
        "1,1,hsl(120, 50%, 50%)",
    ):
        yield text.encode()


def drawings() -> Iterator[bytes]:
    """Sound, hostile and broken drawings."""
    for name, _, data in bad_contents.vector():
        if len(data) <= MOST_BYTES and not name.startswith("DXF"):
            yield data
    inner = (
        "<style>.a, g > #b:not(.c):nth-child(2n+1) {fill: red !important; stroke-width: 2px} @media print {a {fill:red}}"
        "</style><defs><linearGradient id='l'><stop offset='0' stop-color='red'/></linearGradient><clipPath id='c'>"
        "<circle r='9'/></clipPath><symbol id='s' viewBox='0 0 9 9'><path d='M0 0C1 1 2 2 1e1 0Q5-5 0 0z'/></symbol>"
        "</defs><g class='a' transform='rotate(9) scale(.5)' clip-path='url(#c)'><rect id='b' width='50%' height='9mm' "
        "rx='2' fill='url(#l)' style='opacity: .5'/><use href='#s' x='9' width='20' height='20'/></g><polygon points="
        "'1,1 9,1 9,9' fill='currentColor'/><polyline points='1 1 5 5 9 1' stroke='#123'/><line x2='9' y2='9' stroke="
        "'rgb(1 2 3 / 50%)'/><text x='1' y='9'>A</text><ellipse cx='9' cy='9' rx='5' ry='3' fill='hsl(9 9% 9%)'/>"
    )
    whole = (
        f"<?xml version='1.0'?><!DOCTYPE svg><svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 60 40'>{inner}</svg>"
    )
    yield whole.encode()
    yield whole.replace("?>", " encoding='UTF-16'?>", 1).encode("utf-16")
    yield gzip.compress(whole.encode(), mtime=0)


def annotations() -> Iterator[bytes]:
    """Sound and odd files of each kind, after the byte that picks the reader."""
    rows: list[dict[str, Any]] = [
        {"file_name": "1.png", "phrases": ["red box", "left box"], "mask": "mask.png", "split": "train"},
        {"file_name": "1.png", "phrase": "blue box", "segmentation": SEGMENTATIONS[0], "split": "val"},
        {"file_name": "2.png", "phrase": "the box on the left", "annotation_id": 21, "split": "test"},
        {"file_name": "2.png", "phrase": "dog", "split": "validation"},
    ]
    yield b"\0" + instances()
    for part in SEGMENTATIONS:
        whole = json.loads(instances())
        whole["annotations"][0]["segmentation"] = part
        yield b"\0" + json.dumps(whole).encode()
        yield b"\1" + json.dumps(part).encode()
    yield from (b"\2" + text for text in (b"XY22", b"0h0", b"o" * 9))
    yield from (b"\3" + lines for lines in (json.dumps(rows[2]).encode(), "\n".join(map(json.dumps, rows)).encode()))
    listed = {"file_name": "1.png", "text": "a red rose"}, {"file_name": "2.png", "captions": ["a", "b"]}
    yield from (
        b"\4" + lines for lines in (json.dumps(listed[0]).encode(), "\n".join(map(json.dumps, listed)).encode())
    )
    reference = {"ref_id": 0, "ann_id": 21, "image_id": 2, "category_id": 3, "split": "train"}
    reference["sentences"] = [{"sent_id": 0, "sent": "red box", "raw": "Red box", "tokens": ["red", "box"]}]
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        yield b"\5" + pickle.dumps([reference], protocol)
    yield b"\5" + pickle.dumps([reference | {"ann_id": (21,), "image_id": [2], "extra": {1.5, b"x", None, True}}], 4)
    yield b"\6" + _matrix({"segimg_t": np.eye(4, 6, dtype=np.int16)})
    yield b"\6" + _matrix({"segimg_t": np.zeros((4, 6)), "other": ["text"]})


def weights() -> Iterator[bytes]:
    """The files of a small model, and of broken ones, after the byte that picks which."""
    for number, data in enumerate(data for _, data in sorted(model().items())):
        pick = bytes([number])
        yield pick + data
        yield pick + data[: len(data) // 2]
        yield pick + b"[" * 900
    encoder = {"kind": "efficientnet_lite0", "region_stride": 16}
    config = {"image_encoder": encoder, "width": 16, "by_sentence": True, "matte": True, "palette": True}
    yield b"\1" + json.dumps(config | {"categories": 4, "instances": True, "relations": 1}).encode()
    yield b"\1" + json.dumps({"image_encoder": {"kind": "pieces"}, "colours": 8, "width": 16}).encode()


def instances() -> bytes:
    """`instances.json` of two photos with a thing each."""
    return json.dumps(
        {
            "images": [{"id": i, "file_name": f"{i}.png", "height": 20, "width": 30} for i in (1, 2)],
            "annotations": [
                {"id": 10 * i + 1, "image_id": i, "category_id": 3, "segmentation": SEGMENTATIONS[0]} for i in (1, 2)
            ],
            "categories": [{"id": 3, "name": "box"}],
        }
    ).encode()


def photo(name: str) -> bytes:
    """A PNG of 30 x 20; a mask, where it is called so."""
    rgb = np.zeros((20, 30, 3), np.uint8)
    rgb[5:15, 5:20] = 255 if name == "mask.png" else (200, 40, 30)
    return saved(Image.fromarray(rgb), "PNG")


@cache
def model() -> dict[str, bytes]:
    """Name to content of the files of a model with few weights, always the same."""
    import torch

    from lbie.language.vocabulary import PADDING, UNKNOWN, Vocabulary
    from lbie.model.config import ImageEncoderConfig, ModelConfig
    from lbie.model.editing_model import EditingModel

    encoder = ImageEncoderConfig(kind="plain", channels=(2,))
    config = ModelConfig(image_encoder=encoder, width=2, embedding=2, decoder_channels=(2,), working_size=16)
    made = EditingModel(config, Vocabulary([PADDING, UNKNOWN, "red", "blue"]))
    with torch.no_grad():
        for value in made.parameters():
            value.fill_(0.25)
    with tempfile.TemporaryDirectory() as place:
        made.save_pretrained(place)
        names = ("config.json", "model.safetensors", "vocabulary.json")
        files = {name: (Path(place) / name).read_bytes() for name in names}
    card = {"name": "small", "version": "1", "threshold": 0.4, "figures": {"accuracy": 0.5}}
    return files | {"card.json": json.dumps(card).encode()}


def _matrix(values: dict[str, Any]) -> bytes:
    from scipy.io import savemat

    buffer = io.BytesIO()
    savemat(buffer, values)
    return b"MATLAB".ljust(116, b" ") + buffer.getvalue()[116:]  # the date aside
