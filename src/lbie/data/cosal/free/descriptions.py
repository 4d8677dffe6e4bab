"""Programmes that describe a free drawing, each sentence plain to a person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from lbie.data.cosal.free.chance import Chance
from lbie.data.cosal.free.programme import ANY, FAMILIES, Instruction, Pick, Reference
from lbie.data.cosal.free.solver import Scene, UnclearError, find

MOST_HOPS = 3
"""References that a colour is handed over by at most."""
MOST_SENTENCES = 8
_FORMS: dict[str, float] = {
    "only": 0.16,
    "side": 0.14,
    "order": 0.14,
    "size": 0.22,
    "place": 0.14,
    "all": 0.09,
    "rest": 0.05,
    "same": 0.2,
}
_SIMPLE = (Pick.ONLY, Pick.SIDE, Pick.SIZE, Pick.ORDER)
_MOST_RANK = 4


@dataclass
class _Talk:
    """A description as far as it goes."""

    scenes: Sequence[Scene]
    chance: Chance
    programme: list[Instruction] = field(default_factory=list)
    hops: dict[int, int] = field(default_factory=dict)
    """Of the shapes that are told."""
    colours: dict[int, int] = field(default_factory=dict)
    mentioned: set[int] = field(default_factory=set)
    """Shapes that a sentence spoke of, told or not."""
    sources: set[int] = field(default_factory=set)

    @property
    def told(self) -> frozenset[int]:
        return frozenset(self.hops)

    @property
    def left(self) -> list[int]:
        return [i for i in range(len(self.scenes[0])) if i not in self.hops]

    def means(self, reference: Reference) -> frozenset[int]:
        """The shapes that are plainly meant, however the drawing is measured; none where it is not plain."""
        try:
            found = [find(reference, scene, self.told) for scene in self.scenes]
        except UnclearError:
            return frozenset()
        return found[0] if all(f == found[0] for f in found) else frozenset()

    def say(self, said: Instruction, targets: frozenset[int], colour: int, hops: int) -> None:
        """Add a sentence."""
        self.programme.append(said)
        self.mentioned |= targets
        for reference in (said.target, said.source):
            if reference is not None and reference.landmark is not None:
                self.mentioned |= self.means(reference.landmark)
        for i in targets:
            self.hops[i], self.colours[i] = hops, colour

    def nouns(self, index: int) -> list[tuple[int, ...]]:
        """What one may call a shape where it is compared with others: its kind, or a family of which one is there."""
        scene, kind = self.scenes[0], self.scenes[0].kinds[index]
        found: list[tuple[int, ...]] = [(kind,)]
        for family in FAMILIES:
            if kind in family and len({k for k in scene.kinds if k in family}) == 1:
                found = [family, family, (kind,)]
        return found

    def propose(self, pick: Pick, index: int) -> Reference | None:
        """A reference of this kind to one shape, if there is one."""
        nouns = self.chance.shuffled(self.nouns(index))
        if pick in (Pick.SIDE, Pick.SIZE):
            nouns = [*nouns, ANY] if self.chance.happens(0.75) else [ANY, *nouns]
        elif pick in (Pick.ORDER, Pick.PLACE):
            nouns = [*nouns, ANY] if self.chance.happens(0.6) else [ANY, *nouns]
        for kinds in nouns:
            for reference in self._candidates(pick, kinds, index):
                if self.means(reference) == {index}:
                    return reference
        return None

    def _candidates(self, pick: Pick, kinds: tuple[int, ...], index: int) -> list[Reference]:
        several = self.scenes[0].members(kinds)
        match pick:
            case Pick.ONLY:
                return [Reference(pick, kinds)]
            case Pick.SIDE:
                return self.chance.shuffled([Reference(pick, kinds, side) for side in range(4)])
            case Pick.ORDER:
                most = min(_MOST_RANK, len(several) if len(several) > 2 else 0)
                ranks = [Reference(pick, kinds, side, rank) for side in range(4) for rank in range(2, most + 1)]
                firsts = [Reference(pick, kinds, side) for side in range(4) if len(several) > 1]
                return [*self.chance.shuffled(ranks), *self.chance.shuffled(firsts)]
            case Pick.SIZE:
                most = 2 if len(several) > 2 else 1
                ways = [(rank, largest) for rank in range(1, most + 1) for largest in (False, True)]
                return self.chance.shuffled([Reference(pick, kinds, None, *way) for way in ways])
            case Pick.PLACE:
                others = self.chance.shuffled([i for i in range(len(self.scenes[0])) if i != index])[:5]
                found = []
                for other in others:
                    landmark = self.simple(other, (Pick.ONLY, Pick.SIDE, Pick.SIZE))
                    if landmark is not None:
                        found += [Reference(pick, kinds, side, landmark=landmark) for side in range(4)]
                return found
        return []

    def simple(self, index: int, picks: Sequence[Pick] = _SIMPLE) -> Reference | None:
        """A reference to one shape that names no other."""
        order = self.chance.shuffled(picks)
        if Pick.ONLY in order and self.chance.happens(0.5):
            order.sort(key=lambda pick: pick is not Pick.ONLY)
        for pick in order:
            reference = self.propose(pick, index)
            if reference is not None:
                return reference
        return None

    def group(self, among: Callable[[frozenset[int]], bool]) -> Reference | None:
        """All shapes of a kind, or of a family, for which `among` holds."""
        scene = self.scenes[0]
        families = [f for f in FAMILIES if len(scene.members(f)) > 1]
        nouns = self.chance.shuffled([*sorted({(k,) for k in scene.kinds}), *families])
        nouns.sort(key=len, reverse=self.chance.happens(0.5))
        for kinds in [*nouns, *([ANY] if self.chance.happens(0.05) else [])]:
            reference = Reference(Pick.ALL, kinds)
            found = self.means(reference)
            if found and among(found):
                return reference
        return None

    def rest(self, kinds: Sequence[tuple[int, ...]]) -> Reference | None:
        """All others of some kinds, where what was spoken of was told: "the others" could mean nothing else."""
        for noun in kinds:
            members = set(self.scenes[0].members(noun))
            reference = Reference(Pick.REST, noun)
            if not self.mentioned & members - self.told and self.means(reference):
                return reference
        return None


def describe(scenes: Sequence[Scene], colours: int, again: bool, chance: Chance) -> list[Instruction]:
    """One to eight sentences that each mean the same by every measure of a drawing, and tell each shape once.

    Args:
        scenes: the same drawing in several measures.
        colours: how many there are to choose from.
        again: add one or two sentences that change what was told.
        chance: of every choice.
    """
    talk = _Talk(scenes, chance)
    count = len(scenes[0])
    wanted = 1 + chance.below(min(MOST_SENTENCES - 1, count + 1))
    close = chance.happens(0.3)
    for _ in range(5 * wanted):
        if len(talk.programme) >= wanted or len(talk.left) <= (1 if close else 0):
            break
        _tell_more(talk, chance.weigh(_FORMS), colours)
    if close or not talk.programme:
        _close(talk, colours)
    if again:
        for _ in range(1 + chance.below(2)):
            _tell_again(talk, colours)
    return talk.programme


def _tell_more(talk: _Talk, form: str, colours: int) -> None:
    chance = talk.chance
    if not talk.left or (form == "same" and not talk.hops):
        return
    index = chance.choose(talk.left)
    if form == "same":
        _tell_same(talk, index)
        return
    if form == "all":
        reference = talk.group(lambda found: not found & talk.told)
    elif form == "rest":
        kinds = chance.shuffled(sorted({(talk.scenes[0].kinds[i],) for i in talk.told}))
        reference = talk.rest(kinds)
    else:
        reference = talk.propose(Pick(form), index)
    if reference is not None:
        colour = chance.below(colours)
        talk.say(Instruction(reference, colour), talk.means(reference), colour, 0)


def _tell_same(talk: _Talk, index: int) -> None:
    """Hand a colour on from a shape that has one; the longer the chain, the likelier."""
    chance = talk.chance
    able = [i for i in talk.told if talk.hops[i] < MOST_HOPS]
    if not able:
        return
    source = chance.weigh({i: 1.0 + 2 * talk.hops[i] for i in sorted(able)})
    named = talk.propose(Pick.PLACE, source) if chance.happens(0.5) else None
    named = named or talk.simple(source)
    target = talk.group(lambda found: not found & talk.told) if chance.happens(0.1) else None
    target = target or (talk.propose(Pick.PLACE, index) if chance.happens(0.15) else None) or talk.simple(index)
    if named is None or target is None:
        return
    found = talk.means(target)
    talk.sources.add(source)
    talk.mentioned.add(source)
    talk.say(Instruction(target, None, named), found, talk.colours[source], talk.hops[source] + 1)


def _close(talk: _Talk, colours: int) -> None:
    """Tell all that is left, or, where nothing could be said yet, everything."""
    colour = talk.chance.below(colours)
    reference = talk.rest([ANY]) if talk.programme else Reference(Pick.ALL, ANY)
    if reference is not None:
        talk.say(Instruction(reference, colour), talk.means(reference), colour, 0)


def _tell_again(talk: _Talk, colours: int) -> None:
    """Change the colour of a shape, or of all of a kind, from which none was handed on."""
    chance = talk.chance
    free = [i for i in talk.told if i not in talk.sources]
    if not free:
        return
    index = chance.choose(sorted(free))
    reference = talk.group(lambda found: found <= set(free)) if chance.happens(0.2) else None
    if reference is None:
        pick = chance.choose((Pick.ONLY, Pick.SIDE, Pick.ORDER, Pick.SIZE, Pick.PLACE))
        reference = talk.propose(pick, index) or talk.simple(index)
    if reference is None:
        return
    targets = talk.means(reference)
    old = {talk.colours[i] for i in targets}
    fresh = [c for c in range(colours) if c not in old]
    if fresh:
        colour = chance.choose(fresh)
        talk.say(Instruction(reference, colour, again=True), targets, colour, 0)
