"""Worlds of free drawings, each from its suite, split, seed and index alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from lbie.data.cosal.free.chance import Chance
from lbie.data.cosal.free.descriptions import describe
from lbie.data.cosal.free.drawing import Drawing, draw_paper, draw_picture
from lbie.data.cosal.free.layout import LEAST_SEEN, Layout, Shape, draw_layout
from lbie.data.cosal.free.looks import trace
from lbie.data.cosal.free.palette import draw_naming
from lbie.data.cosal.free.paper import colour_paper
from lbie.data.cosal.free.programme import Instruction, Pick
from lbie.data.cosal.free.solver import Scene, Solution, find, solve_programme
from lbie.data.cosal.free.wording import Writer
from lbie.data.cosal.free.world import UNTOUCHED, FreeWorld
from lbie.data.cosal.shapes import COLOURS, PALETTE
from lbie.data.cosal.templates import COLOUR_NAMES
from lbie.data.cosal.worlds import check_indices
from lbie.data.cosal.worlds import generate as generate_paper

FREE_SUITES = ("free", "overlap", "again", "hand", "palette", "palette-paper")
"""`free`: shapes apart, each told at most once. `overlap`: some cover part of others. `again`: the last sentences
change what was told. `hand`: drawn by hand, with gaps and overshoot, on photographed paper. `palette`: the drawings
and programmes of `free` in any colour. `palette-paper`: the worlds of `paper` in any colour."""
_LEAST_PIXELS = 12
"""That get a shape's colour."""


def generate_free(
    suite: str, split: str, count: int | None = None, *, seed: int = 0, start: int = 0
) -> Iterator[FreeWorld]:
    """Worlds `start` to `start + count - 1` of a split, in order; world i is the same however many are asked for.

    Args:
        suite: one of `FREE_SUITES`.
        split: train, val or test.
        count: number of worlds; without one, those from `start` to the end of the split.
        seed: any integer; the fixed splits have 0.
        start: index of the first world, 0 or more.

    Raises:
        InputError: one of the arguments is not as it should be.
    """
    indices = check_indices(suite, FREE_SUITES, split, count, start)
    if suite == "palette-paper":
        papers = generate_paper("paper", split, len(indices), seed=seed, start=start)
        return (colour_paper(world, split, seed) for world in papers)
    return (free_world(suite, split, index, seed) for index in indices)


def free_world(suite: str, split: str, index: int, seed: int = 0) -> FreeWorld:
    """One world of any suite but `palette-paper`; arguments as for `generate_free`."""
    stream = "free" if suite == "palette" else suite
    chance = Chance(f"{stream} {split} {seed} {index}")
    layout, drawing, scenes = _draw(suite == "overlap", suite == "hand", chance)
    words = Chance(f"words {suite} {split} {seed} {index}")
    return _described(index, suite, split, layout.shapes, drawing, scenes, chance, words)


def redescribed(world: FreeWorld, split: str, number: int) -> FreeWorld:
    """The drawing of a world with another description, one for each number; not for `palette-paper`."""
    chance = Chance(f"again {world.suite} {split} {world.index} {number}")
    scenes = _scenes(world.suite == "overlap", world.shapes, world.drawing)
    return _described(world.index, world.suite, split, world.shapes, world.drawing, scenes, chance, chance)


def _described(
    index: int,
    suite: str,
    split: str,
    shapes: tuple[Shape, ...],
    drawing: Drawing,
    scenes: Sequence[Scene],
    chance: Chance,
    words: Chance,
) -> FreeWorld:
    """A drawing with a description, by `chance` what it says and by `words` how."""
    programme = describe(scenes, len(COLOURS), suite == "again", chance)
    writer = Writer(scenes[0], split, suite == "overlap", words)
    palette = PALETTE[: len(COLOURS)]
    sentences, mentions = [], []
    if suite == "palette":
        programme, palette, told = _recolour(programme, split, words)
    else:
        told = [_spell(said.colour, words) for said in programme]
    for said, (name, rgb, held_out) in zip(_counted(programme, scenes[0]), told, strict=True):
        sentence, mention = writer.write(said, name, rgb, held_out)
        sentences.append(sentence)
        mentions.append(mention)
    solution = solve_programme(programme, scenes[0])
    return FreeWorld(
        index,
        suite,
        shapes,
        drawing,
        tuple(sentences),
        tuple(programme),
        tuple(mentions),
        tuple([said.form for said in programme]),
        palette,
        *_as_arrays(solution),
    )


def _draw(overlap: bool, by_hand: bool, chance: Chance) -> tuple[Layout, Drawing, list[Scene]]:
    while True:
        layout = draw_layout(overlap, by_hand, chance)
        traced = [trace(s.points, s.kind, s.look, chance) for s in layout.shapes]
        outlines, strokes = [t[0] for t in traced], [t[1] for t in traced]
        looks = [s.look for s in layout.shapes]
        drawing = draw_picture(layout.size, outlines, strokes, looks, draw_paper(by_hand, chance), chance)
        if all(p.seen >= LEAST_SEEN and (p.fill >= 128).sum() >= _LEAST_PIXELS for p in drawing.patches):
            return layout, drawing, _scenes(overlap, layout.shapes, drawing)


def _scenes(overlap: bool, shapes: Sequence[Shape], drawing: Drawing) -> list[Scene]:
    """Measures of the whole shapes, and where some cover others also of what is seen of them."""
    kinds = [s.kind for s in shapes]
    scenes = [Scene.of_outlines(kinds, [s.points for s in shapes])]
    return [*scenes, Scene.of_masks(kinds, list(drawing.inside))] if overlap else scenes


Spelling = tuple[str, tuple[int, int, int], bool]
"""Name, RGB, and whether it is held out."""


def _spell(colour: int | None, chance: Chance) -> Spelling:
    if colour is None:
        return "", (0, 0, 0), False
    red, green, blue = PALETTE[colour].tolist()
    return chance.choose(COLOUR_NAMES[colour]), (red, green, blue), False


def _recolour(
    programme: Sequence[Instruction], split: str, chance: Chance
) -> tuple[list[Instruction], np.ndarray, list[Spelling]]:
    """A colour of its own for each sentence that tells one."""
    told: list[Instruction] = []
    rows: list[tuple[int, int, int]] = []
    spelt: list[Spelling] = []
    for said in programme:
        if said.colour is None:
            told.append(said)
            spelt.append(_spell(None, chance))
            continue
        naming = draw_naming(split, chance)
        told.append(replace(said, colour=len(rows)))
        rows.append(naming.rgb)
        spelt.append((naming.name, naming.rgb, naming.held_out))
    return told, np.array(rows, np.uint8).reshape(-1, 3), spelt


def _counted(programme: Sequence[Instruction], scene: Scene) -> list[Instruction]:
    """The programme for the writer: where a rest is of one shape alone, its rank is 0."""
    out, told = [], frozenset[int]()
    for said in programme:
        targets = find(said.target, scene, told)
        alone = said.target.pick is Pick.REST and len(targets) == 1
        out.append(replace(said, target=replace(said.target, rank=0)) if alone else said)
        told |= targets
    return out


def _as_arrays(solution: Solution) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    colours, by, sources = (
        np.array([UNTOUCHED if x is None else x for x in several], np.int64)
        for several in (solution.colours, solution.told_by, solution.sources)
    )
    return colours, by, np.array(solution.hops, np.int64), sources
