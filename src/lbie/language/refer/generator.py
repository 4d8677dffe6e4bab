"""Phrases of a scene: each names exactly one thing of it, or surely none, and the resolver has said so."""

from __future__ import annotations

import hashlib

import numpy as np

from lbie.data.scene import Phrase, Scene
from lbie.language.refer.compose import Draw
from lbie.language.refer.facts import Facts
from lbie.language.refer.programme import hops
from lbie.language.refer.resolver import named, names_nothing
from lbie.language.refer.templates import KINDS, templates

_CHAINED = "chained"
_STRATA = (*KINDS, _CHAINED)
"""What is balanced: the kinds, and relations of two hops beside those of one."""
_TRIES = dict.fromkeys(_STRATA, 14) | {"order": 24, "relation": 30, "combination": 30, "none": 20, _CHAINED: 40}
"""Draws for a phrase before its kind is given up for the scene."""
_KINDS_OF_NONE = ("category", "side", "side", "order", "colour", "relation", "combination")
_NONE_IN = 6
"""At most one phrase in so many names nothing, up to chance where that is no whole number."""


def phrases(scene: Scene, rng: np.random.Generator, count: int, held_out: bool = False) -> list[Phrase]:
    """Different phrases of a scene, as evenly over the kinds as it allows.

    Args:
        scene: photo and things.
        rng: the chance; the same state gives the same phrases.
        count: how many at most; a scene where little can be said gives fewer, an empty one none.
        held_out: in the wordings that training never sees.

    Returns:
        Phrases that name exactly one of `scene.instances`, or nothing (kind `none`, target None).
    """
    facts = Facts(scene)
    found: dict[str, Phrase] = {}
    left = dict.fromkeys(_STRATA if facts.askable.sum() > 2 else KINDS, 0)
    most_of_none = int(count / _NONE_IN + rng.random())
    while left and len(found) < count:
        if left.get("none", -1) == most_of_none:
            del left["none"]
            continue
        least = min(left.values())
        kinds = [k for k, n in left.items() if n == least]
        kind = kinds[int(rng.integers(len(kinds)))]
        for _ in range(_TRIES[kind]):
            phrase = _attempt(facts, kind, rng, held_out)
            if phrase is not None and phrase.text not in found:
                found[phrase.text] = phrase
                left[kind] += 1
                break
        else:
            del left[kind]
    return list(found.values())


def evaluation_phrases(scene: Scene, count: int, held_out: bool = False) -> list[Phrase]:
    """The phrases that are always the same for a photo, whatever was drawn before."""
    digest = hashlib.sha256(f"lbie phrases 1: {scene.photo_id} {held_out}".encode()).digest()
    return phrases(
        scene, np.random.Generator(np.random.Philox(key=int.from_bytes(digest[:16], "little"))), count, held_out
    )


def _attempt(facts: Facts, kind: str, rng: np.random.Generator, held_out: bool) -> Phrase | None:
    """One draw of a phrase of a kind, or None where it names several things or there is doubt."""
    target = _target(facts, kind, rng)
    if target is None:
        return None
    wrong = kind == "none"
    said = _KINDS_OF_NONE[int(rng.integers(len(_KINDS_OF_NONE)))] if wrong else kind
    chained = kind == _CHAINED or (wrong and rng.random() < 0.3)
    if kind == _CHAINED:
        said = kind = "relation"
    pool = templates(said, held_out)
    if said == "relation":
        pool = tuple(t for t in pool if (t.form == "chained") == chained)
    forms = sorted({(t.form, t.sides) for t in pool})
    if said != "side" or rng.random() < 0.5:
        form = forms[int(rng.integers(len(forms)))]
        pool = tuple(t for t in pool if (t.form, t.sides) == form)
    template = pool[int(rng.integers(len(pool)))]
    drawn = Draw(facts, target, rng, wrong).draw(template)
    if drawn is None:
        return None
    node, text = drawn
    if wrong:
        return Phrase(text, None, "none", hops(node), template.name) if names_nothing(node, facts) else None
    return Phrase(text, target, kind, hops(node), template.name) if named(node, facts) == target else None


def _target(facts: Facts, kind: str, rng: np.random.Generator) -> int | None:
    """A thing to be named: any for a category, mostly one of several of its kind for what tells those apart."""
    askable = [i for i in range(len(facts)) if facts.askable[i] or kind == "none"]
    if kind == "colour":
        askable = [i for i in askable if facts.colours(i).max() == 1]
    if not askable:
        return None
    categories = sorted({facts.kinds[i] for i in askable})
    several = [c for c in categories if facts.kinds.count(c) > (2 if kind == "order" else 1)]
    single = [c for c in categories if facts.kinds.count(c) == 1]
    chance = rng.random()
    if kind == "category":
        categories = single or categories
    elif kind != "none" and several and chance < (0.5 if kind == "colour" else 0.8):
        categories = several
    category = categories[int(rng.integers(len(categories)))]
    those = [i for i in askable if facts.kinds[i] == category]
    return those[int(rng.integers(len(those)))]
