"""Worlds: the same everywhere, uniform, and described as each suite says."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Iterable

import numpy as np
import pytest
from scipy.stats import chisquare, kstest

from lbie.data.cosal import SPLITS, SUITES, World, generate
from lbie.data.cosal.draws import draw_numbers
from lbie.data.cosal.programme import NEIGHBOURS, OPPOSITE, Form, Statement, count_hops
from lbie.data.cosal.shapes import HIGHEST, KINDS, LOWEST
from lbie.errors import InputError

DIGESTS = {
    "paper train": "c432682f9e56a7b4",
    "paper test": "487575f3ecf7e6aa",
    "wording train": "40c99e0416152695",
    "wording test": "c786ac32db3888cf",
    "chain train": "68e8ef533fc6a67c",
    "chain test": "7e30061062fa335d",
}
"""Of the first 300 worlds."""


def digest(worlds: Iterable[World]) -> str:
    total = hashlib.sha256()
    for world in worlds:
        for array in (world.arrangement, world.colours, world.shapes, world.classes, world.source, world.target):
            total.update(array.tobytes())
        total.update("\n".join(world.sentences).encode())
    return total.hexdigest()[:16]


@pytest.mark.parametrize("name", DIGESTS)
def test_same_bytes_on_every_machine(name: str) -> None:
    suite, split = name.split()
    assert digest(generate(suite, split, 300, direct=(1, 4, 6, 9))) == DIGESTS[name]


@pytest.mark.parametrize("suite", SUITES)
def test_a_world_depends_on_its_index_alone(suite: str) -> None:
    whole = list(generate(suite, "test", 600, seed=5))
    assert [w.index for w in whole] == list(range(600))
    for start, count in ((0, 1), (255, 3), (599, 1), (250, 300)):
        part = list(generate(suite, "test", count, seed=5, start=start))
        assert digest(part) == digest(whole[start : start + count])
        for a, b in zip(part, whole[start : start + count], strict=True):
            assert (a.index, a.programme, a.hops, a.references) == (b.index, b.programme, b.hops, b.references)
            np.testing.assert_array_equal(a.geometry, b.geometry)
    others = [digest(generate(suite, split, 600, seed=seed)) for split, seed in (("train", 5), ("val", 5), ("test", 6))]
    assert len({digest(whole), *others}) == 4


def test_pictures_do_not_repeat() -> None:
    seen = [w.source.tobytes() for split in SPLITS for w in generate("paper", split, 2000)]
    assert len(set(seen)) == len(seen)


def test_published_counts() -> None:
    assert SPLITS["train"] == 50_000 and SPLITS["test"] == 10_000
    assert sum(1 for _ in generate("paper", "test")) == 10_000
    assert sum(1 for _ in generate("chain", "train", start=49_990)) == 10


def test_numbers_are_uniform() -> None:
    numbers = draw_numbers("any", 0, 5000, 8)
    assert numbers.min() >= 0 and numbers.max() < 1
    assert kstest(numbers.ravel(), "uniform").pvalue > 1e-3
    np.testing.assert_array_equal(draw_numbers("any", 4321, 5, 8), numbers[4321:4326])
    assert abs(np.corrcoef(numbers.T) - np.eye(8)).max() < 0.05


@pytest.mark.parametrize("suite", SUITES)
def test_positions_colours_and_sizes_are_uniform(suite: str) -> None:
    worlds = list(generate(suite, "train", 6000))
    cells = np.stack([w.arrangement for w in worlds])
    colours = np.stack([w.colours for w in worlds])
    for kind in range(9):
        assert chisquare(np.bincount(np.nonzero(cells == kind)[1], minlength=9)).pvalue > 1e-4
        assert chisquare(np.bincount(colours[:, kind], minlength=6)).pvalue > 1e-4
    pairs = np.bincount(cells[:, 0].astype(int) * 9 + cells[:, 1], minlength=81).reshape(9, 9)
    assert (np.diag(pairs) == 0).all() and chisquare(pairs[~np.eye(9, dtype=bool)]).pvalue > 1e-4
    if suite != "chain":  # each shape's colour is independent of the others'
        assert chisquare(np.bincount(colours[:, 0].astype(int) * 6 + colours[:, 8], minlength=36)).pvalue > 1e-4
    geometry = np.stack([w.geometry for w in worlds])
    for kind in range(9):
        own = geometry[cells == kind]
        for p in np.flatnonzero(HIGHEST[kind]):
            unit = (own[:, p] - LOWEST[kind, p]) / (HIGHEST[kind, p] - LOWEST[kind, p])
            assert kstest(unit, "uniform").pvalue > 1e-5, (KINDS[kind], p)


def position(world: World, kind: int) -> int:
    return world.arrangement.tolist().index(kind)


def lies(world: World, relation: int | None, landmark: int | None) -> int:
    """Kind of the shape in the relation to the landmark."""
    assert relation is not None and landmark is not None
    return int(world.arrangement[dict(NEIGHBOURS[position(world, landmark)])[relation]])


@pytest.mark.parametrize("suite", ["paper", "wording"])
@pytest.mark.parametrize("direct", [1, 4, 6, 9])
def test_direct_then_relational_to_a_shape_before(suite: str, direct: int) -> None:
    told = Counter()
    for world in generate(suite, "test", 800, direct=(direct,)):
        assert len(world.programme) == len(world.sentences) == 9
        assert [s.form for s in world.programme] == [Form.DIRECT] * direct + [Form.RELATIONAL] * (9 - direct)
        before: set[int] = set()
        for said in world.programme:
            assert said.colour == world.colours[said.target] and said.source is None
            if said.form is Form.RELATIONAL:
                assert said.landmark in before
                assert lies(world, said.relation, said.landmark) == said.target
            before.add(said.target)
        assert before == set(range(9))
        assert max(world.hops) == (0 if direct == 9 else 1) and sum(world.hops) == 9 - direct
        assert world.references == "none"
        told.update(s.target for s in world.programme[:direct])
    assert direct == 9 or chisquare([told[k] for k in range(9)]).pvalue > 1e-4


def test_the_papers_words() -> None:
    sentences = {s for w in generate("paper", "test", 3000, direct=(1,)) for s in w.sentences}
    assert {"The fat ellipse is light-green.", "The color of the shape above the thin ellipse is blue."} <= sentences
    assert "The color of the shape left to the diamond is gray." in sentences
    spatial = "The thin ellipse has the same color as the shape above the circle."
    chain = {s for w in generate("chain", "test", 12_000) for s in w.sentences}
    assert {"The thin ellipse has the same color as the diamond.", spatial} <= chain


def test_wording_has_the_worlds_of_paper() -> None:
    both = zip(
        generate("paper", "val", 300, direct=(1, 6)), generate("wording", "val", 300, direct=(1, 6)), strict=True
    )
    for paper, wording in both:
        np.testing.assert_array_equal(paper.classes, wording.classes)
        assert paper.programme == wording.programme and paper.sentences != wording.sentences


def test_the_picture_does_not_depend_on_direct() -> None:
    mixed = list(generate("paper", "train", 900, direct=(1, 4, 6, 9)))
    for a, b in zip(mixed, generate("paper", "train", 900), strict=True):
        np.testing.assert_array_equal(a.classes, b.classes)
    counts = Counter(sum(s.form is Form.DIRECT for s in w.programme) for w in mixed)
    assert set(counts) == {1, 4, 6, 9} and chisquare(list(counts.values())).pvalue > 1e-4


SHARES = {"train": (12, 10, 10, 10), "val": (12, 10, 10, 10), "test": (18, 14, 14, 9, 4, 4)}
"""Of the shapes at 1, 2, … hops, in a round of forests."""


def roots(world: World) -> dict[int, int]:
    """Each kind of shape to the directly told one whose colour it has."""
    sources = {s.target: s.source for s in world.programme}
    found = {}
    for kind in sources:
        root = kind
        while sources[root] is not None:
            root = sources[root]
        found[kind] = root
    return found


@pytest.mark.parametrize("split", SPLITS)
def test_chains(split: str) -> None:
    hops, kinds, told, first_is_direct = Counter(), Counter(), Counter(), 0
    for world in generate("chain", split, 4000):
        direct = [s for s in world.programme if s.form is Form.DIRECT]
        assert len(direct) == len({s.colour for s in direct}) == 2
        assert {s.target for s in world.programme} == set(range(9))
        for said in world.programme:
            if said.form is Form.DIRECT:
                assert world.hops[said.target] == 0 and said.colour == world.colours[said.target]
                assert sum(s.source == said.target for s in world.programme) == 1
                continue
            assert said.form.value == world.references and said.source is not None
            assert world.colours[said.source] == world.colours[said.target]
            assert world.hops[said.target] == world.hops[said.source] + 1
            if said.form is Form.SPATIAL:
                assert lies(world, said.relation, said.landmark) == said.source and said.landmark != said.target
        sizes = sorted(Counter(roots(world).values()).values())
        assert len(sizes) == 2 and sizes[0] >= 2  # with the root
        assert sizes == [4, 5] or max(world.hops) > 4 or split != "test"
        hops.update(h for h in world.hops if h)
        kinds[world.references] += 1
        told.update(s.target for s in direct)
        first_is_direct += world.programme[0].form is Form.DIRECT
    assert set(kinds) == {"named", "spatial"} and chisquare(list(kinds.values())).pvalue > 1e-4
    assert chisquare([told[k] for k in range(9)]).pvalue > 1e-4
    assert first_is_direct / 4000 == pytest.approx(2 / 9, abs=0.03)  # any order
    expected = SHARES[split]
    for hop, share in enumerate(expected, 1):
        assert hops[hop] / sum(hops.values()) == pytest.approx(share / sum(expected), rel=0.02)
    assert len(hops) == len(expected)


@pytest.mark.parametrize("split", SPLITS)
def test_chains_must_be_followed(split: str) -> None:
    """What is right without following a chain to its end, of the shapes coloured by reference."""
    rng = np.random.default_rng(0)
    right: dict[str, Counter[int]] = {}
    shapes: Counter[int] = Counter()
    for world in generate("chain", split, 1000):
        direct = [s.target for s in world.programme if s.form is Form.DIRECT]
        named = [s.source for s in world.programme if s.source in direct]
        sources = {s.source for s in world.programme}
        longer = [s.source for s in world.programme if s.source in direct and s.target in sources]  # goes on after it
        in_tree = Counter(roots(world).values())
        guesses = {
            "first told": direct[0],
            "first named": named[0],
            "most often named": max(direct, key=named.count),
            "any": rng.choice(direct),
            "two looks": longer[0],
            "largest tree": max(
                direct, key=in_tree.__getitem__
            ),  # the best single colour; who sees it has followed all
        }
        referring = [(kind, hop) for kind, hop in enumerate(world.hops) if hop]
        shapes.update(hop for _, hop in referring)
        for name, root in guesses.items():
            own = right.setdefault(name, Counter())
            own.update(hop for kind, hop in referring if world.colours[kind] == world.colours[root])
    for name, own in right.items():
        assert own.total() / shapes.total() <= 0.70, name
        if name not in ("two looks", "largest tree"):  # which no forest of nine shapes keeps from the far hops
            assert all(own[hop] / shapes[hop] <= 0.60 for hop in shapes), name


def test_hops_are_counted_in_any_order() -> None:
    told = [Statement(Form.DIRECT, k, 0) for k in range(3, 9)]
    chain = [Statement(Form.NAMED, 2, source=1), Statement(Form.NAMED, 1, source=0), Statement(Form.NAMED, 0, source=8)]
    assert count_hops([*chain, *told]) == (1, 2, 3, 0, 0, 0, 0, 0, 0)
    assert count_hops([*told, *reversed(chain)]) == (1, 2, 3, 0, 0, 0, 0, 0, 0)
    with pytest.raises(ValueError, match="circle"):
        count_hops([*told, *chain[:2], Statement(Form.NAMED, 0, source=2)])
    with pytest.raises(ValueError, match="2 shapes have no colour"):
        count_hops([*told, chain[2]])


def test_neighbours() -> None:
    assert [len(n) for n in NEIGHBOURS] == [2, 3, 2, 3, 4, 3, 2, 3, 2]
    assert dict(NEIGHBOURS[4]) == {0: 1, 1: 7, 2: 3, 3: 5}
    for cell, near in enumerate(NEIGHBOURS):
        for relation, other in near:
            assert dict(NEIGHBOURS[other])[OPPOSITE[relation]] == cell


@pytest.mark.parametrize(
    ("arguments", "options", "named"),
    [
        (("sentences", "test", 1), {}, "no suite 'sentences': there are paper"),
        (("paper", "dev", 1), {}, "no split 'dev': there are train"),
        (("paper", "test", -1), {}, "count -1"),
        (("paper", "test", 1), {"start": -4}, "start -4"),
        (("paper", "test", 1), {"direct": (0,)}, "1 to 9"),
        (("paper", "test", 1), {"direct": (4, 10)}, "1 to 9"),
        (("paper", "test", 1), {"direct": ()}, "1 to 9"),
    ],
)
def test_what_is_wrong_is_named(arguments: tuple, options: dict, named: str) -> None:
    with pytest.raises(InputError, match=named):
        generate(*arguments, **options)


@pytest.mark.slow
def test_five_thousand_worlds_a_second() -> None:
    list(generate("paper", "train", 500, seed=1))
    began = time.process_time()
    for world in generate("paper", "train", 20_000):
        _ = world.source, world.target
    assert 20_000 / (time.process_time() - began) >= 5_000
