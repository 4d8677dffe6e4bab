"""Fifty drawings from other hands: other sizes, moved shapes, soft edges, gray paper, JPEG noise; scored and drawn.

Shapes are drawn here as polygons and arcs by Pillow, not by the code that drew the training pictures. Sentences are
those of worlds of the test split's generator that lie beyond the 10,000 of the benchmark, every suite in turn.

python benchmarks/cosal_drawings.py [--model cosal] [-o results/cosal_drawings.json] [--sheet out/cosal_drawings.png]
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from tqdm import tqdm

from lbie import Editor
from lbie.data.cosal import generate
from lbie.data.cosal.shapes import BACKGROUND, GRID, PALETTE
from lbie.data.cosal.worlds import World
from lbie.errors import LbieError
from lbie.evaluation.report import machine, write_figures

COUNT, SEED, START, FINE = 50, 0, 20_000, 4
SUITES = ("paper", "wording", "chain")
SHOWN, TILE = 20, 220


def outline(kind: int, rng: np.random.Generator) -> tuple[str, np.ndarray]:
    """How Pillow draws a kind of shape, and its points about the origin, sides of about 1."""
    jitter = rng.uniform(0.93, 1.07, 2)
    halves = {1: (0.5, 0.25), 2: (0.25, 0.5), 3: (0.5, 0.25), 4: (0.25, 0.5), 8: (0.5, 0.5)}
    if kind in halves:
        half = np.array(halves[kind]) * (jitter if kind != 8 else 1)
        return ("chord" if kind in (3, 4) else "ellipse"), np.array([-half, half])
    if kind == 0:
        half = rng.uniform(0.38, 0.55, 2)
        return "polygon", np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * half
    if kind == 7:
        points = np.array([(-0.45, 0), (0, -0.45), (0.45, 0), (0, 0.45)]) + rng.uniform(-0.04, 0.04, (4, 2))
        return "polygon", points
    points = np.array([(-0.4, 0.42), (0.4, 0.42), (rng.uniform(-0.12, 0.12), -0.42)])
    return "polygon", points * (1, -1 if kind == 6 else 1)


def draw(world: World, rng: np.random.Generator) -> tuple[bytes, str, np.ndarray, np.ndarray]:
    """One drawing: the file, its suffix, share of ink (H, W) and the number of the cell of each pixel (H, W)."""
    height = int(rng.integers(64, 1025))
    width = int(np.clip(height * rng.uniform(0.6, 1.7), 64, 1024))
    cell = np.array([width, height]) / GRID
    size = cell.min() * rng.uniform(0.6, 0.8)
    ink = Image.new("L", (width * FINE, height * FINE))
    pen = ImageDraw.Draw(ink)
    for place, kind in enumerate(world.arrangement.tolist()):
        how, points = outline(kind, rng)
        row, column = divmod(place, GRID)
        low, high = points.min(0) * size, points.max(0) * size
        gap = 0.06 * cell.min()
        corner = cell * (column, row)
        origin = rng.uniform(corner - low + gap, np.maximum(corner + cell - high - gap, corner - low + gap))
        flat = [tuple(p) for p in ((points * size + origin) * FINE).tolist()]
        if how == "polygon":
            pen.polygon(flat, fill=255)
        elif how == "ellipse":
            pen.ellipse(flat, fill=255)
        else:
            pen.chord(flat, 0, 180, fill=255)
    share = np.asarray(ink.resize((width, height), Image.Resampling.BOX), float) / 255
    paper = rng.uniform(190, 255) + np.linspace(-1, 1, width) * rng.uniform(0, 6)
    gray = paper + share * (rng.uniform(0, 60) - paper) + rng.normal(0, rng.uniform(0, 3), share.shape)
    picture = Image.fromarray(gray.clip(0, 255).astype(np.uint8))
    file, jpeg = io.BytesIO(), rng.random() < 0.6
    picture.save(file, "JPEG" if jpeg else "PNG", **({"quality": int(rng.integers(40, 95))} if jpeg else {}))
    rows = np.minimum(np.arange(height) * GRID // height, GRID - 1)
    columns = np.minimum(np.arange(width) * GRID // width, GRID - 1)
    return file.getvalue(), ".jpg" if jpeg else ".png", share, rows[:, None] * GRID + columns


def score(rgb: np.ndarray, share: np.ndarray, cells: np.ndarray, world: World) -> tuple[np.ndarray, np.ndarray]:
    """Of each cell: is its shape in the right colour (9,), and [right, wrong, spilt] pixels (9, 3) as in reading (b)."""
    distance = np.linalg.norm(rgb[..., None, :].astype(float) - PALETTE.astype(float), axis=-1)  # (H, W, 7)
    got = distance.argmin(-1)
    wanted = world.colours[world.arrangement][cells]
    on = share > 0.5
    right, spilt = (got == wanted) & on, (got == wanted) & (share == 0) & (wanted != BACKGROUND)
    counts = np.stack([np.bincount(cells.ravel(), m.ravel(), 9) for m in (right, on & ~right, spilt)], -1)
    full = share == 1
    inside = np.bincount(cells.ravel(), (right & full).ravel(), 9) / np.bincount(cells.ravel(), full.ravel(), 9)
    return inside >= 0.95, counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="cosal")
    parser.add_argument("-o", "--output", type=Path, default=Path("results/cosal_drawings.json"))
    parser.add_argument("--sheet", type=Path, default=Path("out/cosal_drawings.png"))
    options = parser.parse_args()
    editor = Editor.from_pretrained(options.model)
    each = -(-COUNT // len(SUITES))
    worlds = [w for suite in SUITES for w in generate(suite, "test", each, start=START)][:COUNT]
    folder = options.sheet.parent / "cosal_drawings"
    folder.mkdir(parents=True, exist_ok=True)
    right, pixels, errors, tiles = [], [], [], []
    for i, world in enumerate(tqdm(worlds, desc="drawings")):
        data, suffix, share, cells = draw(world, np.random.default_rng((SEED, i)))
        path = folder / f"{i:02d}{suffix}"
        path.write_bytes(data)
        try:
            result = editor.set_image(path).edit(" ".join(world.sentences))
        except LbieError as error:
            errors.append(f"{path.name}: {error}")
            right.append(np.zeros(9, bool))
            continue
        result.save(path.with_name(f"{i:02d}-out.png"))
        fine, counts = score(result.rgb, share, cells, world)
        right.append(fine)
        pixels.append(counts)
        if i % (COUNT // SHOWN) == 0:
            before, after = Image.open(path).convert("RGB"), Image.fromarray(result.rgb)
            for picture in (before, after):
                picture.thumbnail((TILE, TILE))
                tile = Image.new("RGB", (TILE, TILE), (255, 240, 200) if not fine.all() else (225, 225, 235))
                tile.paste(picture, ((TILE - picture.width) // 2, (TILE - picture.height) // 2))
                tiles.append(np.asarray(tile))
    totals = np.sum(pixels, axis=0)
    suites = [suite for suite in SUITES for _ in range(each)][:COUNT]
    figures = {
        "model": options.model,
        "version": editor.card.version,
        "drawings": COUNT,
        "shapes_in_the_right_colour": round(float(np.mean(right)), 4),
        "drawings_all_right": int(np.all(right, axis=1).sum()),
        "shapes_right_by_suite": {
            s: round(float(np.mean(np.array(right)[[x == s for x in suites]])), 4) for s in SUITES
        },
        "iou_of_shapes": round(float(totals[:, 0].sum() / totals.sum()), 4),
        "errors": errors,
        "drawings_with_a_fault": [i for i, fine in enumerate(right) if not fine.all()],
        "data": {"suites": SUITES, "split": "test", "start": START, "seed": SEED},
        **machine(),
    }
    write_figures(options.output, figures)
    Image.fromarray(np.vstack([np.hstack(tiles[k : k + 8]) for k in range(0, len(tiles) // 8 * 8, 8)])).save(
        options.sheet
    )
    print({k: v for k, v in figures.items() if k in list(figures)[2:9]})


if __name__ == "__main__":
    main()
