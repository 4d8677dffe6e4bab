"""The bundled model `cosal` itself."""

from __future__ import annotations

import numpy as np
import pytest

from by_rule import draw, sample_world
from lbie import Editor, SentenceError
from lbie.data.cosal import generate
from lbie.data.cosal.shapes import KINDS, NO_SHAPE, PALETTE
from lbie.editing.choose import SHAPES
from lbie.image_io import read_image
from lbie.registry import bundled_models
from lbie.samples import sample_path

pytestmark = pytest.mark.skipif(SHAPES not in bundled_models(), reason="the model 'cosal' is not bundled yet")

ISSUE = "The circle is red. The color of the shape above the circle is light-green."
CIRCLE, ABOVE = KINDS.index("circle"), KINDS.index("diamond")
RED, GREEN, BLUE = PALETTE[2], PALETTE[1], PALETTE[0]


@pytest.fixture(scope="module")
def editor() -> Editor:
    return Editor.from_pretrained(SHAPES, "cpu")


@pytest.fixture
def sample(editor) -> Editor:
    return editor.set_image(sample_world().source)


def expected(colours: dict[int, np.ndarray]) -> np.ndarray:
    out = sample_world().source.copy()
    for kind, colour in colours.items():
        out[sample_world().shapes == kind] = colour
    return out


def test_the_command_of_the_issue(cli, tmp_path):
    code, _, err = cli("edit", "sample:shapes", ISSUE, "-o", tmp_path / "out.png")
    assert code == 0 and "using the model 'cosal'" in err
    assert len(err.splitlines()) == 2, err
    result, source = read_image(tmp_path / "out.png").rgb, read_image(sample_path("shapes")).rgb
    centre, above = source[160:320, 160:320] == 0, source[:160, 160:320] == 0
    assert (result[160:320, 160:320][centre[..., 0]] == RED).all()
    assert (result[:160, 160:320][above[..., 0]] == GREEN).all()
    rest = np.ones(source.shape[:2], bool)
    rest[:320, 160:320] = False
    np.testing.assert_array_equal(result[rest], source[rest])


@pytest.mark.parametrize(("suite", "share"), [("paper", 1.0), ("wording", 0.85)])
def test_described_worlds(editor, suite, share):
    """Worlds right in all nine shapes; those of `wording` are in templates that training has not seen."""
    right = [
        (editor.set_image(w.source).edit(" ".join(w.sentences)).rgb == w.target).all()
        for w in generate(suite, "test", 30, start=500)
    ]
    assert np.mean(right) >= share


@pytest.mark.parametrize(
    ("text", "colours"),
    [
        ("The circle is red.", {CIRCLE: RED}),
        (ISSUE, {CIRCLE: RED, ABOVE: GREEN}),
        ("The circle is red. The diamond is blue. The circle is blue.", {CIRCLE: BLUE, ABOVE: BLUE}),
        ("The circle is red. The hexagon is blue.", {CIRCLE: RED}),
        ("The circle is red. The diamond is mauve.", {CIRCLE: RED}),
        ("The circle is red. The circle is red.", {CIRCLE: RED}),
        ("The circle is red, the diamond blue.", {CIRCLE: RED, ABOVE: BLUE}),
        ("The circle is red, and the diamond is blue.", {CIRCLE: RED, ABOVE: BLUE}),
        ("The circle is light blue.", {CIRCLE: BLUE}),
        ("The circle is red. The diamond is not blue. All others are blue.", {CIRCLE: RED}),
        ("The shape above the circle is red. The shape above the circle is blue.", {ABOVE: BLUE}),
        ("The circle is red. The shape below the diamond is blue.", {CIRCLE: BLUE}),
        (
            "The diamond has the same color as the circle. The circle is red. The diamond is blue.",
            {CIRCLE: RED, ABOVE: BLUE},
        ),
    ],
)
def test_partial_and_troubled_descriptions(sample, text, colours):
    np.testing.assert_array_equal(sample.edit(text).rgb, expected(colours))


def test_warnings(sample):
    assert sample.edit(ISSUE).warnings == ()
    (line,) = sample.edit("The circle is red. The diamond is gray. The circle is blue.").warnings
    assert "sentence 1 ('The circle is red.') contradicts sentence 3 ('The circle is blue.'): the later one" in line
    assert "'hexagon'" in sample.edit("The circle is red. The hexagon is blue.").warnings[0]


@pytest.mark.parametrize(
    "text", ["The hexagon is red.", "The circle is mauve.", "The shape below the rectangle is red."]
)
def test_nothing_applies(sample, text):
    with pytest.raises(SentenceError):
        sample.edit(text)


@pytest.mark.parametrize(
    "how",
    [
        {"cell": 100},
        {"cell": 400},
        {"cell": 80, "paper": 200, "ink": 40},
        {"cell": 60, "margins": (100, 10, 0, 300)},
    ],
    ids=str,
)
def test_drawings_of_another_hand(editor, how):
    """Of twenty drawings in which only two shapes are told, nearly all come out right."""
    right = 0
    for world in generate("paper", "test", 20, start=700):
        shapes = {cell: (int(kind), world.geometry[cell]) for cell, kind in enumerate(world.arrangement)}
        gray = draw(shapes, **how)
        edit = editor.set_image(gray).edit("The circle is red. The rectangle is blue.")
        changed = {tuple(c) for c in np.unique(edit.rgb[edit.mask > 0.99], axis=0).tolist()}
        mask = edit.mask > 0.5
        areas = [(edit.rgb[mask] == colour).all(1).mean() for colour in (RED, BLUE)]
        right += changed <= {tuple(RED), tuple(BLUE)} and min(areas) > 0.2
    assert right >= 18


def test_a_kind_that_is_there_many_times(editor):
    world = sample_world()
    circle = int(np.flatnonzero(world.arrangement == CIRCLE)[0])
    gray = draw(dict.fromkeys(range(9), (CIRCLE, world.geometry[circle])), 60)
    (line,) = editor.set_image(gray).edit("The circle is red.").warnings
    assert "shapes of this drawing are 'circle' to the model: which one is meant is unclear" in line


def test_shapes_that_are_missing(editor):
    world = sample_world()
    for gone in range(0, 9, 3):
        source = world.source.copy()
        source[world.shapes == gone] = 255
        edit = editor.set_image(source).edit("The circle is red.")
        assert (edit.rgb[world.shapes == CIRCLE] == RED).all()
        np.testing.assert_array_equal(edit.rgb[world.shapes == NO_SHAPE], 255)
