"""What the pieces of free drawings allow: the scores of a model that tells each piece right.

python benchmarks/pieces.py [--suite free] [--count 200] [--split val] [--sheet out/pieces.png]
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw

from lbie.data.cosal.free import FREE_SUITES, UNTOUCHED, FreeWorld, generate_free
from lbie.data.cosal.free.chance import Chance
from lbie.data.cosal.free.drawing import draw_paper, draw_picture
from lbie.data.cosal.free.looks import trace
from lbie.data.cosal.sheet import stack
from lbie.editing.pieces import Pieces, find_pieces
from lbie.evaluation.free_scores import FreeScores
from lbie.training.piece_examples import shapes_of

SIDE = 300


@dataclass(frozen=True)
class Outcome:
    """The pieces of a world, each given to the shape that it is part of."""

    world: FreeWorld
    pieces: Pieces
    shapes: list[int]
    """Of each piece, or `UNTOUCHED`."""
    seconds: float

    @property
    def owner(self) -> np.ndarray:
        """(H, W) int: the shape whose piece each pixel is in, or `UNTOUCHED`."""
        out = np.full(self.pieces.ink.shape, UNTOUCHED)
        for piece, shape in zip(self.pieces.pieces, self.shapes, strict=True):
            if shape != UNTOUCHED:
                out[piece.box][piece.share >= 128] = shape
        return out

    @property
    def painted(self) -> np.ndarray:
        """(H, W): what an oracle paints, as `score_parts` takes it."""
        return np.append(self.world.told, UNTOUCHED)[self.owner]

    def ious(self) -> list[float]:
        """Of each shape, its inside with its pieces."""
        owner, inside = self.owner, self.world.inside
        return [
            float((owner == i)[m | (owner == i)].mean() - (~m & (owner == i))[m | (owner == i)].mean())
            for i, m in enumerate(inside)
        ]


def judge(world: FreeWorld) -> Outcome:
    """Find the pieces, and give each to the shape that more than half of it is of."""
    began = time.process_time()
    pieces = find_pieces(world.source)
    seconds = time.process_time() - began
    return Outcome(world, pieces, shapes_of(pieces.pieces, world).tolist(), seconds)


def panel(outcome: Outcome) -> Image.Image:
    """Source, pieces in colours (none's in gray), truth."""
    world, rng = outcome.world, np.random.default_rng(outcome.world.index)
    several = rng.integers(40, 230, (64, 3)).tolist()
    colours = [several[i % 64] if s != UNTOUCHED else [150, 150, 150] for i, s in enumerate(outcome.shapes)]
    truth = world.drawing.paint([several[(i + 20) % 64] for i in range(len(world.shapes))])
    out = Image.new("RGB", (3 * SIDE + 40, SIDE + 30), "white")
    for column, picture in enumerate((world.source, outcome.pieces.paint(colours), truth)):
        image = Image.fromarray(picture)
        scale = SIDE / max(image.size)
        image = image.resize(
            (round(image.width * scale), round(image.height * scale)),
            Image.Resampling.NEAREST if scale > 1 else Image.Resampling.LANCZOS,
        )
        out.paste(image, (10 + column * (SIDE + 10), 20))
    worst = " ".join(f"{iou:.2f}" for iou in sorted(outcome.ious())[:5])
    ImageDraw.Draw(out).text(
        (10, 4),
        f"{world.suite} {world.index} {world.source.shape[1]}x{world.source.shape[0]}  worst {worst}",
        fill="black",
    )
    return out


def enlarged(world: FreeWorld, pixels: int = 1_000_000) -> np.ndarray:
    """(H, W, 3) the same layout drawn again at about so many pixels."""
    height, width = world.source.shape[:2]
    scale = (pixels / (height * width)) ** 0.5
    chance = Chance(f"enlarged {world.suite} {world.index}")
    looks = [
        replace(
            shape.look,
            width=shape.look.width * scale,
            wave=shape.look.wave * scale,
            tremor=shape.look.tremor * scale,
            overshoot=shape.look.overshoot * scale,
        )
        for shape in world.shapes
    ]
    traced = [
        trace(shape.points * scale, shape.kind, look, chance) for shape, look in zip(world.shapes, looks, strict=True)
    ]
    size = round(height * scale), round(width * scale)
    paper = draw_paper(world.suite == "hand", chance)
    return draw_picture(size, [t[0] for t in traced], [t[1] for t in traced], looks, paper, chance).source


def report(suite: str, outcomes: list[Outcome]) -> None:
    worlds = [o.world for o in outcomes]
    scores = FreeScores.of(worlds, [o.painted for o in outcomes])
    ious: dict[str, list[float]] = {}
    splits = nothing = stray = shapes = 0
    for outcome in outcomes:
        per = outcome.ious()
        for shape, iou in zip(outcome.world.shapes, per, strict=True):
            ious.setdefault(shape.look.manner, []).append(iou)
        counts = np.bincount([s for s in outcome.shapes if s != UNTOUCHED], minlength=len(per))
        splits, nothing, shapes = (
            splits + int((counts > 1).sum()),
            nothing + int((counts == 0).sum()),
            shapes + len(per),
        )
        stray += sum(s == UNTOUCHED for s in outcome.shapes)
    everything = np.concatenate(list(ious.values()))
    low = np.sort(everything)[: max(1, len(everything) // 20)].mean()
    each = "  ".join(f"{name} {np.mean(v):.4f}" for name, v in sorted(ious.items()))
    large = []
    for world in worlds[:10]:
        picture = enlarged(world)
        began = time.process_time()
        find_pieces(picture)
        large.append(time.process_time() - began)
    print(
        f"{suite:14} score {scores.average().mean():.4f}  IoU {everything.mean():.4f} worst 5% {low:.3f} ({each})  missed {nothing}/{shapes}"
        f"  several {splits}  stray {stray / len(worlds):.2f}/world  {1000 * np.mean([o.seconds for o in outcomes]):.1f} ms, 1 MP {1000 * np.mean(large):.0f} ms (max {1000 * max(large):.0f})",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suite", choices=FREE_SUITES, action="append")
    parser.add_argument("--split", default="val")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--sheet", type=Path, help="draw the worst worlds there")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    for suite in options.suite or FREE_SUITES:
        outcomes = [judge(world) for world in generate_free(suite, options.split, options.count)]
        report(suite, outcomes)
        if options.sheet:
            worst = sorted(outcomes, key=lambda o: np.mean(sorted(o.ious())[:2]))[:12]
            panels = [panel(o) for o in worst]
            options.sheet.parent.mkdir(parents=True, exist_ok=True)
            stack(panels, 2).save(options.sheet.with_name(f"{options.sheet.stem}_{suite}.png"))


if __name__ == "__main__":
    main()
