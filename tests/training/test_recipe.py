from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from lbie.errors import InputError
from lbie.training.recipe import RECIPES, load_recipe, recipe_dict


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A recipe file."""
    (tmp_path / "mine.yaml").write_text("epochs: 3\nlearning_rate: 5e-3\nmodel: {width: 32}\n")
    return tmp_path / "mine.yaml"


def test_values_defaults_and_name(path: Path) -> None:
    recipe = load_recipe(str(path))
    assert (recipe.name, recipe.epochs, recipe.learning_rate, recipe.model.width) == ("mine", 3, 5e-3, 32)
    assert recipe.model.max_words == 64 and recipe.seed == 0


def test_overrides(path: Path) -> None:
    recipe = load_recipe(
        str(path), {"epochs": 9, "model.width": 64, "model.image_encoder.channels": [8, 8], "name": "other"}
    )
    assert (recipe.name, recipe.epochs, recipe.model.width) == ("other", 9, 64)
    assert recipe.model.image_encoder.channels == (8, 8) and recipe.learning_rate == 5e-3


def test_what_is_written_is_read_back(path: Path, tmp_path: Path) -> None:
    recipe = load_recipe(str(path))
    (tmp_path / "copy.yaml").write_text(yaml.safe_dump(recipe_dict(recipe)))
    assert load_recipe(str(tmp_path / "copy.yaml")) == recipe


@pytest.mark.parametrize("name", sorted(p.stem for p in RECIPES.glob("*.yaml")))
def test_bundled_recipes_are_valid(name: str) -> None:
    assert load_recipe(name).name == name


def test_an_unknown_recipe_lists_the_bundled_ones(tmp_path: Path) -> None:
    for name in ("nosuch", str(tmp_path / "nosuch.yaml")):
        with pytest.raises(InputError, match=r"nosuch.*flowers"):
            load_recipe(name)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("epoch: 3", "epoch: "),
        ("epochs: many\nbatch_size: x", r"epochs: .*'many'.*batch_size: .*'x'"),
        ("model: {widht: 3}", r"model\.widht"),
        ("model: {width: 15}", "width must be even"),
        ("model: {image_encoder: {kind: vit}}", r"model\.image_encoder\.kind"),
        ("data: cars", "data: "),
        ("- epochs", "not a recipe"),
        ("", "not a recipe"),
        ("epochs", "not a recipe"),
        ("{", "not YAML"),
        ("a: b: c", "not YAML"),
    ],
)
def test_wrong_files_are_named(text: str, named: str, tmp_path: Path) -> None:
    (tmp_path / "wrong.yaml").write_text(text)
    with pytest.raises(InputError, match=named) as error:
        load_recipe(str(tmp_path / "wrong.yaml"))
    assert "wrong.yaml" in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize("key", ["nosuch", "model.nosuch", "epochs.x", "model.width.x", "nosuch.deep.er"])
def test_wrong_overrides_are_named(key: str, path: Path) -> None:
    with pytest.raises(InputError, match=key.split(".", maxsplit=1)[0]):
        load_recipe(str(path), {key: 1})


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "wrong.yaml").write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(InputError, match=r"wrong\.yaml"):
        load_recipe(str(tmp_path / "wrong.yaml"))


def test_a_start_decides_the_model_and_grow_adds_to_it(tmp_path: Path) -> None:
    (tmp_path / "more.yaml").write_text("start_from: flowers\nmodel: {width: 32}\ngrow: {vividness: 0.5}\n")
    more = str(tmp_path / "more.yaml")
    plain = load_recipe(more, {"grow": {}}).model
    assert plain.width != 32 and plain.vividness != 0.5
    assert load_recipe(more).model == replace(plain, vividness=0.5)
    assert load_recipe(more, {"grow.heart_bias": 2.5}).model == replace(plain, vividness=0.5, heart_bias=2.5)
    with pytest.raises(InputError, match="cannot be set"):
        load_recipe(more, {"model.width": 64})
    with pytest.raises(InputError, match="grow"):
        load_recipe(more, {"grow": 3})
    with pytest.raises(InputError, match="no_such_part"):
        load_recipe(more, {"grow.no_such_part": 3})
