from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from PIL import Image

from by_rule import draw, sample_world
from lbie.data.cosal import generate
from lbie.data.cosal.shapes import BACKGROUND, CELL, GRID, HIGHEST, KINDS, LOWEST, PALETTE
from lbie.editing.drawing import Drawing, read_drawing
from lbie.editing.miniature import LARGEST
from lbie.editing.paint import changed, paint_shapes
from lbie.errors import InputError
from lbie.image_io import SourceImage, decode_image, source_from_array

RED = np.array([255.0, 0, 0])


def shapes_of(cells: dict[int, int], seed: int = 0) -> dict[int, tuple[int, np.ndarray]]:
    rng = np.random.default_rng(seed)
    return {cell: (kind, rng.uniform(LOWEST[kind], HIGHEST[kind])) for cell, kind in cells.items()}


ALL = dict(enumerate(range(9)))


def jpeg(gray: np.ndarray, quality: int) -> SourceImage:
    data = io.BytesIO()
    Image.fromarray(gray).save(data, "JPEG", quality=quality)
    return decode_image(data.getvalue())


def cells_of(drawing: Drawing) -> set[int]:
    return {shape.cell for shape in drawing.shapes}


def block(drawing: Drawing, cell: int) -> np.ndarray:
    row, column = divmod(cell, GRID)
    return drawing.miniature[row * CELL : (row + 1) * CELL, column * CELL : (column + 1) * CELL]


def share_of(drawing: Drawing, number: int) -> np.ndarray:
    """(H, W) share of ink of a shape."""
    whole = np.zeros(drawing.gray.shape, np.float32)
    for place, share in drawing.strips(drawing.shapes[number]):
        assert share.dtype == np.float32
        whole[place] = share
    return whole


def size_of(mask: np.ndarray) -> tuple[int, int]:
    ys, xs = np.nonzero(mask)
    return int(np.ptp(ys)) + 1, int(np.ptp(xs)) + 1


def test_a_picture_of_the_generator_is_what_the_network_sees():
    for world in generate("paper", "test", 100):
        drawing = read_drawing(source_from_array(world.source))
        np.testing.assert_array_equal(drawing.miniature, world.classes != BACKGROUND)
        assert cells_of(drawing) == set(range(9)) and drawing.clean and not drawing.notices
        colours = {i: PALETTE[world.colours[world.arrangement[s.cell]]] for i, s in enumerate(drawing.shapes)}
        np.testing.assert_array_equal(paint_shapes(drawing, colours), world.target)


@settings(max_examples=40, deadline=None)
@given(
    cells=st.dictionaries(st.integers(0, 8), st.integers(0, 8), min_size=1),
    cell=st.integers(20, 180),
    levels=st.tuples(st.integers(150, 255), st.integers(0, 60)),
    seed=st.integers(0, 1000),
    soft=st.booleans(),
)
def test_any_drawing_in_thirds(cells, cell, levels, seed, soft):
    """Cells, proportions and paint, whatever the size, the levels, and the shapes that are missing."""
    gray = draw(shapes_of(cells, seed), cell, paper=levels[0], ink=levels[1], soft=soft)
    drawing = read_drawing(source_from_array(gray))
    assert cells_of(drawing) == set(cells) or len(cells) == 1
    sides = [shape.box[2:] - shape.box[:2] for shape in drawing.shapes]
    scale = LARGEST * CELL / np.max(sides)
    for number, (shape, side) in enumerate(zip(drawing.shapes, sides, strict=True)):
        ink = block(drawing, shape.cell)
        small = size_of(ink > 0.5) if (ink > 0.5).any() else (0, 0)
        np.testing.assert_allclose(small, side * scale, atol=2.1)
        share = share_of(drawing, number)
        assert share.min() == 0 and share.max() == 1
        np.testing.assert_allclose(ink.sum(), share.sum() * scale**2, rtol=0.15, atol=1.5)
    painted = paint_shapes(drawing, {0: RED})
    assert painted.shape == (*gray.shape, 3) and painted.dtype == np.uint8
    differs = (painted != gray[..., None]).any(-1)
    assert not differs[share_of(drawing, 0) == 0].any(), "nor does another shape change"
    assert not differs[gray == levels[0]].any(), "paper stays, byte for byte"
    full = share_of(drawing, 0) == 1
    assert (painted[full] == RED).all() and full.any()
    edge = differs & ~full
    assert (painted[edge][:, 0] >= gray[edge]).all(), "a soft edge lies between paper and colour"
    assert not ((changed(drawing, [0], painted) > 0) & ~differs).any()


@settings(max_examples=25, deadline=None)
@given(
    rows=st.integers(1, 3),
    columns=st.integers(1, 3),
    cell=st.integers(30, 120),
    margins=st.tuples(*[st.integers(0, 400)] * 4),
    seed=st.integers(0, 100),
)
def test_rows_and_columns_anywhere_on_the_paper(rows, columns, cell, margins, seed):
    """Neighbours stay neighbours, on paper of any shape; two small ones alone may be taken apart by thirds."""
    assume(rows * columns > 2)
    filled = [GRID * row + column for row in range(rows) for column in range(columns)]
    kinds = dict(zip(filled, np.random.default_rng(seed).permutation(9).tolist(), strict=False))
    drawing = read_drawing(source_from_array(draw(shapes_of(kinds, seed), cell, margins=margins)))
    order = sorted(drawing.shapes, key=lambda s: s.cell)
    assert len(order) == len(filled)
    places = np.array([divmod(shape.cell, GRID) for shape in order])
    expected = np.array([divmod(cell, GRID) for cell in filled])
    shift = places[0] - expected[0]
    spread = len({tuple(p) for p in (places - expected - shift).tolist()})
    assert spread == 1 or _thirds_hold(order, drawing), (places.tolist(), expected.tolist())
    centres = np.array([(s.box[:2] + s.box[2:]) / 2 for s in order])
    for axis in range(2):
        assert (np.diff(places[:, axis])[np.abs(np.diff(centres[:, axis])) < cell / 4] == 0).all()


def _thirds_hold(shapes, drawing):
    return all(
        tuple((GRID * (s.box[:2] + s.box[2:]) / 2 / drawing.size).astype(int)) == divmod(s.cell, GRID) for s in shapes
    )


@settings(max_examples=30, deadline=None)
@example(seed=27, cell=24, sigma=3.0, quality=30, paper=190)
@example(seed=205, cell=24, sigma=7.0, quality=30, paper=190)
@given(
    seed=st.integers(0, 1000),
    cell=st.integers(24, 120),
    sigma=st.floats(0, 12),
    quality=st.integers(30, 95),
    paper=st.integers(190, 250),
)
def test_noise(seed, cell, sigma, quality, paper):
    """JPEG and noise change neither what is found nor what lies away from the ink."""
    rng = np.random.default_rng(seed)
    kinds = dict(enumerate(rng.permutation(9).tolist()))
    clean = draw(shapes_of(kinds, seed), cell, paper=paper, ink=25)
    source = jpeg((clean + rng.normal(0, sigma, clean.shape)).clip(0, 255).astype(np.uint8), quality)
    drawing, still = read_drawing(source), read_drawing(source_from_array(clean))
    assert [s.cell for s in sorted(drawing.shapes, key=lambda s: s.cell)] == list(range(9))
    assert np.abs(drawing.miniature - still.miniature).mean() < 0.06
    painted = paint_shapes(drawing, dict.fromkeys(range(9), RED))
    away = cv2.distanceTransform((clean > (paper + 25) / 2).astype(np.uint8), cv2.DIST_L2, 5) > max(3, 0.15 * cell)
    np.testing.assert_array_equal(painted[away], source.rgb[away])
    inside = cv2.erode((clean == 25).astype(np.uint8), np.ones((5, 5))) > 0
    assert np.abs(painted[inside].mean(0) - RED).max() < 25
    middle = paint_shapes(drawing, dict.fromkeys(range(9), np.full(3, 128.0)))  # red clips at 255, which is no texture
    own = source.rgb[inside][:, 0]
    assert np.ptp(own) == 0 or np.corrcoef(middle[inside][:, 0], own)[0, 1] > 0.5


def test_the_texture_of_ink_and_paper_is_kept():
    rng = np.random.default_rng(0)
    clean = draw(shapes_of(ALL), 60, paper=200, ink=60)
    gray = (clean + rng.normal(0, 4, clean.shape)).clip(0, 255).astype(np.uint8)
    drawing = read_drawing(source_from_array(gray))
    painted = paint_shapes(drawing, {i: np.array([128.0, 128, 128]) for i in range(9)})
    inside = cv2.erode((clean == 60).astype(np.uint8), np.ones((5, 5))) > 0
    np.testing.assert_allclose(painted[inside][:, 0] - 128.0, gray[inside] - 60.0, atol=9)
    assert np.corrcoef(painted[inside][:, 0], gray[inside])[0, 1] > 0.9


def test_coloured_ink_becomes_the_colour():
    gray = draw(shapes_of({4: 8}), 100)
    rgb = np.dstack([gray // 2 + 127, gray, gray // 3 + 170]).astype(np.uint8)  # violet on white
    painted = paint_shapes(read_drawing(source_from_array(rgb)), {0: np.array([255.0, 255, 0])})
    assert (painted[gray == 0] == (255, 255, 0)).mean() > 0.99
    np.testing.assert_array_equal(painted[gray == 255], rgb[gray == 255])


def test_transparent_paper():
    """Black ink on nothing, as icons come: the result laid on white is that of the drawing laid on white."""
    gray = draw(shapes_of(ALL), 80)
    rgba = np.dstack([np.zeros((*gray.shape, 3), np.uint8), 255 - gray])
    drawing = read_drawing(source_from_array(rgba))
    assert cells_of(drawing) == set(range(9))
    colours = dict.fromkeys(range(9), RED)
    painted = Image.fromarray(np.dstack([paint_shapes(drawing, colours), rgba[..., 3]]), "RGBA")
    laid = np.array(Image.alpha_composite(Image.new("RGBA", painted.size, "white"), painted).convert("RGB")).astype(int)
    opaque = paint_shapes(read_drawing(source_from_array(gray)), colours).astype(int)
    assert np.abs(laid - opaque).max() <= 3


@pytest.mark.parametrize("size", [(30, 200), (2000, 300), (1700, 2500)])
def test_any_aspect_comes_back_in_its_size(size):
    small = draw(shapes_of(ALL), 30, margins=(5, 5, 5, 5))
    gray = cv2.resize(small, size[::-1], interpolation=cv2.INTER_CUBIC)
    drawing = read_drawing(source_from_array(gray))
    assert cells_of(drawing) == set(range(9))
    painted = paint_shapes(drawing, {0: RED})
    assert painted.shape == (*size, 3)
    differs = (painted != gray[..., None]).any(-1)
    share = share_of(drawing, 0)
    assert not differs[share == 0].any()
    assert (painted[share > 0.95][:, 0] > 230).mean() > 0.95 and (share > 0.95).any()


def test_shapes_that_nearly_touch_do_not_share_pixels():
    gray = np.full((90, 90), 255, np.uint8)
    gray[30:60, 8:43] = gray[30:60, 46:80] = 0
    gray = cv2.GaussianBlur(gray, (0, 0), 1)
    drawing = read_drawing(source_from_array(gray))
    assert len(drawing.shapes) == 2
    both = sum((changed(drawing, [i], paint_shapes(drawing, {i: RED})) > 0).astype(int) for i in range(2))
    assert both.max() == 1


def _frame() -> np.ndarray:
    gray = np.full((120, 120), 255, np.uint8)
    return cv2.rectangle(gray, (40, 40), (80, 80), 0, 2)


def test_what_is_doubtful_is_told():
    gray = draw(shapes_of(ALL), 100)
    gray[3:5, 3:5] = 0
    speck = read_drawing(source_from_array(gray))
    assert len(speck.shapes) == 9 and speck.notices == ("1 speck was left out as too small for a shape",)
    painted = paint_shapes(speck, dict.fromkeys(range(9), RED))
    assert (painted[3:5, 3:5] == 0).all()
    hollow = read_drawing(source_from_array(_frame()))
    assert any("not filled" in line and "row 2, column 2" in line for line in hollow.notices) and not hollow.clean
    coloured = np.repeat(draw(shapes_of(ALL), 100)[..., None], 3, 2)
    coloured[110:140, 120:150] = (255, 220, 0)
    drawing = read_drawing(source_from_array(coloured))
    assert any("neither paper nor ink" in line for line in drawing.notices) and not drawing.clean
    gray = np.full((300, 300), 255, np.uint8)
    gray[10:90, 10:90] = gray[240:254, 240:254] = 0
    tiny = read_drawing(source_from_array(gray))
    assert any("smaller" in line and "row 3, column 3" in line for line in tiny.notices)


def _four_by_four(columns: int = 4) -> np.ndarray:
    gray = np.full((400, 100 * columns), 255, np.uint8)
    for y in range(0, 400, 100):
        for x in range(0, 100 * columns, 100):
            gray[y + 20 : y + 80, x + 20 : x + 80] = 0
    return gray


def _two_in_a_cell() -> np.ndarray:
    gray = draw(shapes_of(dict.fromkeys(range(2, 9), 7)), 100)
    gray[40:60, 25:45] = gray[40:60, 55:75] = 0
    return gray


@pytest.mark.parametrize(
    ("gray", "says"),
    [
        (np.full((50, 50), 255, np.uint8), "no shapes"),
        (np.zeros((50, 50), np.uint8), "no shapes"),
        (np.full((1, 1), 90, np.uint8), "no shapes"),
        (255 - draw(shapes_of(ALL), 60), "edge of the picture is dark"),
        (np.tile(np.arange(256, dtype=np.uint8), (64, 1)), "neither paper nor ink|edge"),
        (_four_by_four(), "found 16 shapes"),
        (_four_by_four(2), "4 rows"),
        (_two_in_a_cell(), "row 1, column 1"),
        (draw(shapes_of(ALL), 60, paper=120, ink=100), "no shapes"),
        (sample_world().target, "neither paper nor ink"),
    ],
    ids=[
        "white",
        "black",
        "one pixel",
        "inverted",
        "ramp",
        "sixteen",
        "four rows",
        "two in a cell",
        "faint",
        "coloured",
    ],
)
def test_what_is_no_such_drawing_is_refused(gray, says):
    with pytest.raises(InputError) as caught:
        read_drawing(source_from_array(gray))  # (H, W) or (H, W, 3)
    assert any(part in str(caught.value) for part in says.split("|"))
    assert "three rows of three" in str(caught.value)


@settings(max_examples=60, deadline=None)
@given(
    size=st.tuples(st.integers(1, 60), st.integers(1, 60)),
    levels=st.integers(1, 6),
    seed=st.integers(0, 10_000),
    blur=st.floats(0, 4),
)
def test_nothing_but_an_input_error_comes_of_noise(size, levels, seed, blur):
    rng = np.random.default_rng(seed)
    gray = (rng.integers(0, levels, size) * (255 // levels)).astype(np.uint8)
    gray = cv2.GaussianBlur(gray, (0, 0), blur) if blur > 0.3 else gray
    try:
        drawing = read_drawing(source_from_array(gray))
    except InputError as error:
        assert "\n" not in str(error)
        return
    assert 1 <= len(drawing.shapes) <= 9 == len(KINDS)
    assert len(cells_of(drawing)) == len(drawing.shapes)
    assert np.isfinite(drawing.miniature).all() and 0 <= drawing.miniature.min() <= drawing.miniature.max() <= 1
    for shape in drawing.shapes:
        assert block(drawing, shape.cell).any()
    assert paint_shapes(drawing, dict.fromkeys(range(len(drawing.shapes)), RED)).shape == (*size, 3)


def test_the_sample_is_the_generators_drawing():
    from lbie.data.cosal.shapes import NO_SHAPE, draw_shape_map
    from lbie.image_io import read_image
    from lbie.samples import sample_path

    world = sample_world()
    expected = draw_shape_map(world.arrangement, world.geometry, 160) != NO_SHAPE
    np.testing.assert_array_equal(read_image(sample_path("shapes")).rgb[..., 0] == 0, expected)
    drawing = read_drawing(read_image(sample_path("shapes")))
    assert cells_of(drawing) == set(range(9)) and drawing.clean
