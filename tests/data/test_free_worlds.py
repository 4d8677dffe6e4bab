"""Free drawings: the same each time, shapes apart and plainly seen, and painted up to the stroke."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lbie.data.cosal.free import FREE_SUITES, UNTOUCHED, FreeWorld, free_world, generate_free
from lbie.data.cosal.free.chance import Chance
from lbie.data.cosal.free.drawing import Paper, draw_picture
from lbie.data.cosal.free.layout import LEAST_SEEN, MOST, SIDES
from lbie.data.cosal.free.looks import MANNERS, Look, draw_look, trace
from lbie.data.cosal.free.outlines import area, centroid, draw_outline
from lbie.data.cosal.free.palette import HELD_OUT, draw_naming, is_held_out, names, write_apart
from lbie.data.cosal.shapes import BACKGROUND, KINDS, UNTOLD
from lbie.errors import InputError
from lbie.language.colour_words import find_colour

DRAWN = [suite for suite in FREE_SUITES if suite != "palette-paper"]


def same(a: FreeWorld, b: FreeWorld) -> bool:
    return a.record() == b.record() and np.array_equal(a.source, b.source) and np.array_equal(a.inside, b.inside)


@pytest.mark.parametrize("suite", FREE_SUITES)
def test_a_world_depends_on_its_index_alone(suite: str) -> None:
    whole = list(generate_free(suite, "test", 6, seed=3))
    (fourth,) = generate_free(suite, "test", 1, seed=3, start=4)
    assert same(fourth, whole[4]) and [w.index for w in whole] == list(range(6))
    for split, seed in (("test", 4), ("train", 3), ("val", 3)):
        other = next(generate_free(suite, split, 1, seed=seed, start=4))
        assert not np.array_equal(other.target, fourth.target)
    json.dumps(fourth.record())


@pytest.mark.parametrize("suite", DRAWN)
def test_canvas_and_counts(suite: str) -> None:
    for world in generate_free(suite, "train", 25):
        height, width = world.source.shape[:2]
        assert SIDES[0] <= min(height, width) and max(height, width) <= SIDES[1]
        assert max(height, width) <= 2 * min(height, width)
        assert 2 <= len(world.shapes) <= MOST
        assert world.source.dtype == np.uint8 and world.source.shape == (height, width, 3)


@pytest.mark.parametrize("suite", FREE_SUITES)
def test_masks_are_disjoint_and_only_told_shapes_change(suite: str) -> None:
    for world in generate_free(suite, "val", 15):
        assert world.inside.shape == (len(world.shapes), *world.source.shape[:2])
        assert world.inside.sum(0).max() == 1 and world.inside.any((1, 2)).all()
        assert not (world.stroke & world.inside.any(0)).any()
        for shape, mask in enumerate(world.inside):
            assert ((world.owner == shape) == mask).all()
        painted = np.zeros(world.owner.shape, bool)
        for patch, colour in zip(world.drawing.patches, world.told, strict=True):
            if colour != UNTOUCHED:
                painted[patch.box] |= patch.fill > 0
        np.testing.assert_array_equal(world.target[~painted], world.source[~painted])
        assert set(np.unique(world.told_map[~painted])) <= {UNTOUCHED}


def test_classes_are_the_colours_of_cosal() -> None:
    for world in generate_free("overlap", "val", 15):
        for shape, mask in enumerate(world.inside):
            wanted = UNTOLD if world.told[shape] == UNTOUCHED else world.told[shape]
            assert set(world.classes[mask]) == {wanted}
        assert set(world.classes[~world.inside.any(0)]) <= {BACKGROUND}
    with pytest.raises(ValueError, match="no classes"):
        _ = free_world("palette", "val", 0).classes


def test_a_whole_pixel_gets_the_colour_itself() -> None:
    for suite in ("free", "overlap", "palette"):
        for world in generate_free(suite, "test", 15):
            for patch, colour in zip(world.drawing.patches, world.told, strict=True):
                if colour != UNTOUCHED:
                    pixels = world.target[patch.box][patch.fill == 255].astype(int)
                    assert np.abs(pixels - world.palette[colour]).max(initial=0) <= 1


def test_shapes_are_apart_or_plainly_seen() -> None:
    covered = 0
    for world in generate_free("overlap", "train", 40):
        assert all(patch.seen >= LEAST_SEEN for patch in world.drawing.patches)
        covered += any(patch.seen < 0.95 for patch in world.drawing.patches)
    assert covered >= 36
    for world in generate_free("free", "train", 40):
        assert all(patch.seen > 0.999 for patch in world.drawing.patches)


def test_every_manner_and_kind_occurs() -> None:
    worlds = list(generate_free("free", "train", 120))
    shapes = [shape for world in worlds for shape in world.shapes]
    assert {shape.kind for shape in shapes} == set(range(len(KINDS)))
    assert {shape.look.manner for shape in shapes} == set(MANNERS)
    assert {shape.look.manner for w in generate_free("hand", "train", 10) for shape in w.shapes} == {"hand"}
    strokes = [shape.look.width for shape in shapes if shape.look.manner != "filled"]
    assert min(strokes) == 1 and max(strokes) > 6
    assert any((w.source[0, 0] != 255).any() for w in worlds) and any((w.source == 255).any() for w in worlds)


@settings(max_examples=40, deadline=None)
@given(
    kind=st.integers(0, 8),
    manner=st.sampled_from(MANNERS),
    size=st.floats(14, 200),
    width=st.floats(0, 1),
    ink=st.integers(0, 135),
    rough=st.booleans(),
    shaded=st.booleans(),
    place=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    number=st.integers(0, 1000),
)
def test_any_shape_is_drawn_where_it_lies(
    kind: int,
    manner: str,
    size: float,
    width: float,
    ink: int,
    rough: bool,
    shaded: bool,
    place: tuple[float, float],
    number: int,
) -> None:
    """In place, dark on light, of the right area, with the stroke and what is inside never in one pixel twice."""
    chance = Chance(f"test {number}")
    points = draw_outline(kind, True, chance) * size
    look = draw_look(manner, size, width, ink, rough, chance)
    room = np.ptp(points, axis=0) + 2 * look.reach + 4
    canvas = np.ceil(room * (1 + np.array(place))).astype(int)
    points += look.reach + 2 - points.min(0) + np.array(place) * (canvas - room)
    outline, strokes = trace(points, kind, look, chance)
    drawing = draw_picture((canvas[1], canvas[0]), [outline], [strokes], [look], Paper((255, 250, 240), shaded), chance)
    (patch,) = drawing.patches
    inside = patch.fill.astype(float).sum() / 255
    stroke = drawing.ink.astype(float).sum() / 255
    assert patch.seen == pytest.approx(1)
    assert (drawing.ink[patch.box].astype(int) + patch.fill <= 256).all()
    if manner == "filled":
        around = float(np.linalg.norm(points - np.roll(points, 1, 0), axis=1).sum())
        assert stroke == 0 and abs(inside - area(points)) < 0.2 * around  # OpenCV draws half a fine pixel more
    else:
        assert 0 < inside < area(points) * 1.25 and stroke > 0
        assert inside + stroke > area(points) * 0.85
    border = np.concatenate([drawing.source[0], drawing.source[-1], drawing.source[:, 0], drawing.source[:, -1]])
    assert border.min() > 120  # nothing is drawn across the edge
    assert np.array_equal(drawing.paint([None]), drawing.source)
    changed = (drawing.paint([(255, 0, 0)]) != drawing.source).any(-1)
    assert not changed[~_filled(drawing.source.shape[:2], patch)].any()


def _filled(size: tuple[int, ...], patch) -> np.ndarray:
    mask = np.zeros(size, bool)
    mask[patch.box] = patch.fill > 0
    return mask


@settings(max_examples=40, deadline=None)
@given(kind=st.integers(0, 8), number=st.integers(0, 10_000), turned=st.booleans())
def test_outlines_are_of_unit_size(kind: int, number: int, turned: bool) -> None:
    points = draw_outline(kind, turned, Chance(f"outline {number}"))
    width, height = np.ptp(points, axis=0)
    assert width * height == pytest.approx(1) and np.abs(centroid(points)).max() < 1e-9
    if kind in (1, 2) and not turned:
        assert (width > height) == (kind == 1)
    if kind in (5, 6):  # the apex is up or down
        assert (points[2, 1] < points[:2, 1].min()) == (kind == 5)


def test_looks_of_all_ends() -> None:
    assert draw_look("filled", 50, 0.5, 10, True, Chance("a")) == Look("filled", 10)
    assert draw_look("outlined", 100, 1.0, 0, False, Chance("a")).width == pytest.approx(8)
    assert draw_look("outlined", 100, 0.0, 0, False, Chance("a")).width == 1


def test_chance() -> None:
    chance, again = Chance("x"), Chance("x")
    assert chance.numbers(600).tolist() == [again.number() for _ in range(600)]
    assert len(set(Chance("y").numbers(600).tolist())) == 600
    assert sorted(chance.shuffled(range(9))) == list(range(9))
    assert {chance.weigh({"a": 1.0, "b": 0.0}) for _ in range(50)} == {"a"}
    assert {chance.choose("ab") for _ in range(50)} == {"a", "b"} and chance.below(1) == 0


def test_palette_has_the_drawings_of_free() -> None:
    for a, b in zip(generate_free("free", "val", 8), generate_free("palette", "val", 8), strict=True):
        np.testing.assert_array_equal(a.source, b.source)
        np.testing.assert_array_equal(a.told_by, b.told_by)
        assert a.forms == b.forms


def test_colours_are_those_of_the_library() -> None:
    ways = set()
    for number in range(600):
        naming = draw_naming("test", Chance(f"n {number}"))
        found = find_colour(naming.name.lower().split())
        assert found is not None and found.rgb == naming.rgb
        ways.add(naming.way)
    assert ways == {"survey", "css", "shade", "hex"}


def test_held_out_names_are_not_taught() -> None:
    taught = {m.name for w in generate_free("palette-paper", "train", 120) for m in w.mentions}
    asked = {m.name: m.held_out for w in generate_free("palette-paper", "test", 120) for m in w.mentions}
    held = {name for name, held_out in asked.items() if held_out}
    assert not taught & held and len(held) > 20
    assert 0.2 < np.mean([m.held_out for w in generate_free("palette-paper", "test", 60) for m in w.mentions]) < 0.5
    for way in ("survey", "css"):
        share = np.mean([is_held_out(name) for name in names(way)])
        assert HELD_OUT / 2 < share < 2 * HELD_OUT
    assert len(names("survey")) == 300
    assert is_held_out("light grey") == is_held_out("lightgray") == is_held_out("Light-Gray")


def test_css_names_are_written_apart() -> None:
    wanted = {
        "darkseagreen": "dark sea green",
        "lightgoldenrodyellow": "light goldenrod yellow",
        "palevioletred": "pale violet red",
        "mediumspringgreen": "medium spring green",
        "navajowhite": "navajo white",
        "orangered": "orange red",
        "red": "red",
        "goldenrod": "goldenrod",
        "tan": "tan",
    }
    assert {name: write_apart(name) for name in wanted} == wanted
    for name in names("css"):
        joined, apart = find_colour([name]), find_colour(write_apart(name).split())
        assert joined is not None and apart is not None and joined.rgb == apart.rgb


def test_what_is_wrong_is_said() -> None:
    for arguments, message in (
        (("nothing", "train"), "no suite 'nothing': there are free, overlap"),
        (("free", "nowhere"), "no split 'nowhere': there are train, val, test"),
        (("free", "train", -1), "worlds are counted from 0"),
    ):
        with pytest.raises(InputError, match=message):
            generate_free(*arguments)
