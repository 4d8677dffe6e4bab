from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lbie.data.cosal.free.programme import Pick, Reference
from lbie.data.cosal.free.solver import find
from lbie.data.cosal.free.worlds import FreeWorld, generate_free
from lbie.editing.piece_view import view_pieces
from lbie.editing.pieces import find_pieces
from lbie.model.piece_facts import alike, beside, fact_values, own_facts, piece_facts
from lbie.training.piece_examples import shapes_of
from lbie.training.reference_facts import CATEGORIES, FACTS, fact_weights

WORLDS = 40


def facts_of(world: FreeWorld) -> tuple[np.ndarray, np.ndarray]:
    """Facts (K, F) of pieces whose kinds are known, and the shape that each is of."""
    found = find_pieces(world.source)
    places = torch.from_numpy(view_pieces(found.pieces, found.ink)[1])[None]
    shapes = shapes_of(found.pieces, world)
    kinds = np.array([1 + world.shapes[i].kind if i >= 0 else 0 for i in shapes])
    shares = F.one_hot(torch.from_numpy(kinds), CATEGORIES).float()[None]
    groups = alike(shares)
    return piece_facts(own_facts(places, shares, groups), beside(places, groups))[0].numpy(), shapes


def references(world: FreeWorld) -> Iterator[Reference]:
    for said in world.programme:
        yield from (r for r in (said.target, said.source) if r is not None and r.pick is not Pick.REST)


@pytest.mark.parametrize("suite", ["free", "hand"])
def test_facts_tell_whom_references_mean(suite: str) -> None:
    right: dict[str, list[bool]] = {}
    for world in generate_free(suite, "train", WORLDS):
        facts, shapes = facts_of(world)
        for reference in references(world):
            meant = np.isin(shapes, list(find(reference, world.scene)))
            right.setdefault(reference.pick, []).append(bool(((facts @ fact_weights(reference) > 0) == meant).all()))
    assert set(right) == set(Pick) - {Pick.REST}
    assert {pick: np.mean(of) for pick, of in right.items() if np.mean(of) < 0.9} == {}


def test_there_are_as_many_facts_as_the_model_finds() -> None:
    world = next(iter(generate_free("free", "train", 1)))
    assert facts_of(world)[0].shape[1] == FACTS == fact_values(CATEGORIES)
