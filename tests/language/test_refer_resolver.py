from __future__ import annotations

import numpy as np
import pytest
from scenes_by_hand import scene

from lbie.data.scene import Instance, Scene
from lbie.language.refer.colours import COLOURS, colour_values
from lbie.language.refer.facts import Facts
from lbie.language.refer.nouns import groups_of, nouns_of
from lbie.language.refer.programme import Coloured, InFront, Middle, Node, Placed, Ranked, Related, Sized, Things, hops
from lbie.language.refer.resolver import named, names_nothing, resolve

DOG, CAT, CAR, CUP, BOWL = (Things(nouns_of(k)[0]) for k in ("dog", "cat", "car", "cup", "bowl"))
ROW = scene(("dog", (40, 5, 60, 20)), ("dog", (40, 40, 60, 60)), ("dog", (40, 80, 60, 95)))
CUPS = scene(
    ("cup", (40, 5, 55, 15)), ("cup", (40, 70, 55, 80)), ("bowl", (38, 35, 60, 55)), ("laptop", (80, 30, 98, 60))
)


@pytest.mark.parametrize(
    ("where", "node", "expected"),
    [
        (ROW, DOG, None),
        (ROW, Ranked(DOG, "left", 0), 0),
        (ROW, Ranked(DOG, "left", 0, loose=True), 0),
        (ROW, Ranked(DOG, "left", 1), 1),
        (ROW, Ranked(DOG, "right", 0), 2),
        (ROW, Ranked(DOG, "left", 3), None),
        (ROW, Middle(DOG), 1),
        (ROW, Placed(DOG, "left"), 0),
        (ROW, Placed(DOG, "middle"), 1),
        (ROW, Placed(DOG, "top left"), None),
        (ROW, Sized(DOG, True), None),  # 400 against 300 pixels: not clear
        (ROW, CAT, None),
        (CUPS, BOWL, None),  # somebody may call a cup a bowl
        (CUPS, Ranked(CUP, "left", 0), None),  # and a bowl a cup
    ],
)
def test_what_a_programme_means(where: Scene, node: Node, expected: int | None) -> None:
    assert named(node, Facts(where)) == expected


def test_relations_and_two_hops() -> None:
    where = scene(
        ("dog", (40, 5, 55, 15)), ("dog", (40, 70, 55, 80)), ("tv", (38, 35, 60, 55)), ("clock", (80, 32, 98, 58))
    )
    facts = Facts(where)
    tv, clock = Things(nouns_of("tv")[0]), Things(nouns_of("clock")[0])
    assert named(Related(DOG, "left of", tv), facts) == 0
    assert named(Related(DOG, "right of", tv), facts) == 1
    assert names_nothing(Related(DOG, "below", clock), facts)
    assert named(Related(clock, "below", tv), facts) == 3
    chain = Related(DOG, "right of", Related(tv, "above", clock))
    assert named(chain, facts) == 1 and hops(chain) == 2
    assert named(Related(DOG, "left of", Related(tv, "below", clock)), facts) is None
    # An anchor that is not the only one leaves doubt, which is neither a name nor nothing.
    two = Related(tv, "right of", DOG)
    assert named(two, facts) is None and not names_nothing(two, facts)
    assert named(Related(DOG, "left of", Things(nouns_of("kite")[0])), facts) is None
    assert names_nothing(Related(DOG, "left of", Things(nouns_of("kite")[0])), facts)


def test_next_closest_and_on() -> None:
    near = Facts(scene(("dog", (40, 18, 60, 28)), ("dog", (40, 75, 60, 90)), ("clock", (40, 30, 60, 45))))
    clock = Things(nouns_of("clock")[0])
    assert named(Related(DOG, "next to", clock), near) == 0
    assert named(Related(DOG, "closest to", clock), near) == 0
    alike = Facts(scene(("dog", (40, 10, 60, 25)), ("dog", (40, 50, 60, 65)), ("clock", (40, 30, 60, 45))))
    assert named(Related(DOG, "closest to", clock), alike) is None
    couch = Things(nouns_of("couch")[0])
    sofa = Facts(scene(("cat", (35, 40, 52, 60)), ("cat", (80, 5, 95, 20)), ("couch", (50, 20, 75, 90))))
    assert named(Related(CAT, "on", couch), sofa) == 0
    assert named(Related(couch, "on", CAT), sofa) is None


def test_size_and_depth() -> None:
    facts = Facts(scene(("car", (60, 40, 98, 90)), ("car", (40, 5, 50, 20)), ("car", (38, 30, 46, 38))))
    assert named(Sized(CAR, True), facts) == 0 and named(Sized(CAR, False), facts) == 2
    assert named(InFront(CAR), facts) == 0
    high = Facts(scene(("car", (5, 40, 50, 90)), ("car", (60, 5, 70, 20))))  # the larger one is the upper one
    assert named(InFront(CAR), high) is None and not names_nothing(InFront(CAR), high)


def test_colours_are_sure_or_doubtful() -> None:
    where = scene(("dog", (10, 10, 40, 40)), ("cat", (50, 50, 80, 80)), dog=(25, 25, 25), cat=(240, 240, 240))
    facts = Facts(where)
    animal = Things(groups_of("dog")[0])
    assert named(Coloured(animal, "black"), facts) == 0 and named(Coloured(animal, "white"), facts) == 1
    assert names_nothing(Coloured(animal, "green"), facts)
    gray = Scene("g", np.repeat(where.image.mean(2, keepdims=True).astype(np.uint8), 3, axis=2), where.instances)
    assert (Facts(gray).colours(0) == 0.5).all()


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ((220, 20, 30), "red"), ((250, 130, 10), "orange"), ((245, 215, 30), "yellow"), ((40, 140, 50), "green"),
        ((30, 70, 200), "blue"), ((130, 40, 140), "purple"), ((250, 150, 190), "pink"), ((110, 65, 30), "brown"),
        ((20, 20, 22), "black"), ((120, 120, 120), "gray"), ((250, 250, 250), "white"),
    ],
)  # fmt: skip
def test_plain_colours_have_their_names(rgb: tuple[int, int, int], name: str) -> None:
    image = np.full((20, 20, 3), rgb, np.uint8)
    values = colour_values(image, np.ones((20, 20), bool))
    assert [c for c, v in zip(COLOURS, values, strict=True) if v == 1] == [name]


def test_slivers_and_unknown_kinds_are_not_named() -> None:
    mask = np.zeros((100, 100), bool)
    mask[40:60, 40:60] = True
    image = np.full((100, 100, 3), 90, np.uint8)
    sliver = Facts(Scene("s", image, (Instance("dog", mask, 0.2),)))
    assert named(DOG, sliver) is None and not names_nothing(DOG, sliver)
    unknown = Facts(Scene("s", image, (Instance("dog", mask),), frozenset({"dog"})))
    assert named(DOG, unknown) == 0
    assert not names_nothing(CAT, unknown) and named(Things(groups_of("dog")[0]), unknown) is None


def test_an_empty_scene_and_an_empty_mask() -> None:
    image = np.zeros((8, 8, 3), np.uint8)
    assert len(resolve(DOG, Facts(Scene("e", image, ())))) == 0
    hidden = Facts(Scene("e", image, (Instance("dog", np.zeros((8, 8), bool)),)))
    assert named(DOG, hidden) is None
