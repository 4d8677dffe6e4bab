"""Whatever a reader is given, it reads it or refuses it in one line: strategies judged as fuzzing does."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import strategies as any_of
from fuzzed import targets
from lbie.image_io import SUFFIXES, decode_image, encode_image
from lbie.language.vocabulary import tokenize
from lbie.scale.table import read_table
from lbie.training.recipe import Recipe, load_recipe

QUICK = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


# Images


@given(any_of.image_files(), st.sampled_from(sorted(SUFFIXES)))
@QUICK
def test_sound_images_with_any_metadata(data: bytes, suffix: str) -> None:
    source = decode_image(data)
    assert source.rgb.ndim == 3 and source.rgb.dtype == np.uint8
    again = decode_image(encode_image(source.rgb, suffix, source=source, record={"sentence": "é\0<x>"})[0])
    assert again.rgb.shape == source.rgb.shape
    if suffix in (".png", ".tif") and source.profile is None:
        assert (again.rgb == source.rgb).all()


@given(any_of.damaged(any_of.image_files()))
@QUICK
def test_damaged_images(data: bytes) -> None:
    targets.judge(lambda: decode_image(data, max_pixels=100_000))


# Sentences and annotations, by the functions that are fuzzed


@given(any_of.sentences())
@QUICK
def test_sentences(text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    targets.sentence(data)
    targets.request(data)
    assert tokenize(text.upper()) == tokenize(text.upper().lower()) or not text.isascii()


@given(any_of.json_texts())
@QUICK
def test_annotations(text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    for read in (targets.instances, targets.segmentation, targets.phrases, targets.listing):
        read(data)


@given(st.lists(st.dictionaries(any_of.KEYS, any_of.JSON), max_size=4))
@QUICK
def test_references(rows: list[object]) -> None:
    import pickle

    targets.references(pickle.dumps(rows))
    targets.references(pickle.dumps([{"ann_id": 21, "image_id": 2, "split": "val", "sentences": rows}]))


# Recipes


@given(any_of.yaml_texts())
@QUICK
def test_recipes(tmp_path: Path, text: str) -> None:
    (tmp_path / "r.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
    recipe = targets.judge(lambda: load_recipe(str(tmp_path / "r.yaml")))
    assert recipe is None or isinstance(recipe, Recipe)


# Tables


@given(any_of.tables(), st.sampled_from([".csv", ".tsv"]))
@QUICK
def test_tables(tmp_path: Path, text: str, suffix: str) -> None:
    place = tmp_path / f"t{suffix}"
    place.write_bytes(text.encode("utf-8", "surrogatepass"))
    for file in targets.judge(lambda: read_table(place)) or ():  # type: ignore[attr-defined]
        assert not os.path.isabs(file) and ".." not in file.split("/")
