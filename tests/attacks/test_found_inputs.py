"""Inputs on which readers once hung, died or gave a traceback: found by fuzzing, strategies or reading."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from lbie.data.coco import read_instances
from lbie.data.listing import parse_split
from lbie.data.masks import decode_rle
from lbie.data.phrases import parse_line
from lbie.data.refcoco import open_refcoco
from lbie.data.referit import SaiaprMask
from lbie.data.restricted_pickle import loads_plain
from lbie.errors import InputError
from lbie.model.editing_model import CONFIG, read_config
from lbie.training.recipe import load_recipe
from referred_drawn import write_refcoco

DOUBLED = b"N" + b"\x94h\x00\x86" + b"".join(b"\x94h" + bytes([i]) + b"\x86" for i in range(1, 60))
"""A pickled tuple of 2**60 parts in 240 bytes: to hash it, or to show it, takes for ever."""
DEEP = b"N" + b"\x85" * 200_000
"""A pickled tuple of 200,000 levels: to hash it overflows the stack of C."""


def one_line(read: Callable[[], object], says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        read()
    assert str(caught.value).isprintable() and len(str(caught.value)) < 2_000


def nested(levels: int) -> list[object]:
    value: list[object] = []
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize("value", [DOUBLED, DEEP])
@pytest.mark.parametrize("key", ["ann_id", "image_id"])
def test_ids_that_are_tuples(tmp_path: Path, key: str, value: bytes) -> None:
    one_line(lambda: open_refcoco(with_reference(tmp_path, **{key: value}), "refcoco"), "no whole number")


@pytest.mark.parametrize("split", [DEEP, b"K\x07", b"}"])
def test_a_split_that_is_no_text(tmp_path: Path, split: bytes) -> None:
    one_line(lambda: open_refcoco(with_reference(tmp_path, split=split), "refcoco"), "its split is no text")


def with_reference(root: Path, **parts: bytes) -> Path:
    """A folder of RefCOCO with one reference without sentences, made of pickled parts."""
    folder = write_refcoco(root, photos=False)
    values = {"ann_id": b"K\x47", "image_id": b"K\x07", "split": _text("train"), "sentences": b"]"} | parts
    row = b"}" + b"".join(_text(name) + value + b"s" for name, value in values.items())
    (folder / "refcoco" / "refs(unc).p").write_bytes(b"\x80\x04](" + row + b"e.")
    return folder


def _text(word: str) -> bytes:
    """Pickled, without a place in the memo."""
    return b"X" + len(word).to_bytes(4, "little") + word.encode()


def test_a_pickle_that_wants_to_load_a_tuple() -> None:
    one_line(lambda: loads_plain(b"\x80\x04" + DOUBLED + b"X\x01\0\0\0x\x93."), "wants to load 'tuple.x'")


@pytest.mark.parametrize("levels", [900, 960, 975, 985, 990])
def test_values_as_deep_as_json_goes(tmp_path: Path, levels: int) -> None:
    """To show them takes more of the stack than was left."""
    deep = "[" * levels + "]" * levels
    place = tmp_path / "instances.json"
    for text in (
        f'{{"images": [{{"id": {deep}}}]}}',
        f'{{"categories": [{{"id": 1, "name": {deep}}}]}}',
        f'{{"images": [{{"id": 1, "file_name": "a", "width": {deep}, "height": 3}}]}}',
    ):
        place.write_text(text)
        one_line(lambda: read_instances(place), "is not as COCO has it|is not JSON")
    for key in ("split", "annotation_id"):
        with pytest.raises(ValueError, match=f"{key}|not JSON"):
            parse_line(f'{{"file_name": "1.jpg", "phrase": "cup", "{key}": {deep}}}')
    one_line(lambda: decode_rle({"size": nested(levels), "counts": []}), "has a size that is not")
    with pytest.raises(ValueError, match="the split is"):
        parse_split({"split": nested(levels)})


def test_sizes_of_a_thousand_digits() -> None:
    one_line(lambda: decode_rle({"size": [10**1_000, 10**1_000], "counts": []}), "has a size that is not")


@pytest.mark.parametrize("kind", [b"\x03\0", b"\x03\xea"])
def test_numbers_of_no_type(tmp_path: Path, kind: bytes) -> None:
    """On which the process ended in SciPy's reader: numbers in a small part, of a type that is none."""
    parts = (
        b"\x06\0\0\0\x08\0\0\0\x0a\0\0\0\0\0\0\0",  # flags: 16 bit
        b"\x05\0\0\0\x08\0\0\0\x04\0\0\0\x06\0\0\0",  # 4 x 6
        b"\x01\0\0\0\x08\0\0\0segimg_t",
        kind + b"\0\x30" + bytes(52),
    )
    path = tmp_path / "1_1.mat"
    path.write_bytes(b"MATLAB".ljust(124) + b"\0\x01IM" + b"\x0e\0\0\0\x68\0\0\0" + b"".join(parts))
    one_line(lambda: SaiaprMask(path).read((4, 6), "the mask"), "or damaged")


def test_a_configuration_with_a_name_of_a_megabyte(tmp_path: Path) -> None:
    (tmp_path / CONFIG).write_text(json.dumps({"x" * 1_000_000: 1}))
    one_line(lambda: read_config(tmp_path), "is not a model configuration")


RECIPES = {
    "deep": ("[" * 5_000, "not YAML"),
    "a number of 5,000 digits": ("epochs: " + "9" * 5_000, "not YAML"),
    "a day that is none": ("epochs: 2001-99-99", "not YAML"),
    "no number": ("epochs: !!int ''", "not YAML"),
    "no truth": ("epochs: !!bool x", "not YAML"),
    "no time": ("epochs: !!timestamp x", "not YAML"),
    "a value of 2**40 parts": (
        "a0: &a0 [x, x]\n" + "".join(f"a{i + 1}: &a{i + 1} [*a{i}, *a{i}]\n" for i in range(40)) + "epochs: *a40",
        "epochs: Input should be a valid integer",
    ),
    "a value inside itself": ("model: &a {width: *a}", r"model\.width"),
    "a thousand faults": ("\n".join(f"x{i}: 1" for i in range(1_000)), "and 990 more"),
    "a long value": (f"epochs: {'x' * 100_000}", "epochs: "),
    "more than a megabyte": ("#" * (2**20 + 1), "at most 1,048,576"),
}


@pytest.mark.parametrize("how", RECIPES)
def test_recipes(tmp_path: Path, how: str) -> None:
    text, says = RECIPES[how]
    (tmp_path / "r.yaml").write_text(text)
    one_line(lambda: load_recipe(str(tmp_path / "r.yaml")), says)
