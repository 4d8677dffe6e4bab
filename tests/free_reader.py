"""A reader of sentences about free drawings, written apart from their generator.

It knows English words and pixels, no templates, programmes or margins: it takes the leftmost, the smallest, the nearest
as it finds them. Where it finds what the world says, a sentence is plain.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import takewhile

import cv2
import numpy as np

from lbie.data.cosal.free import FreeWorld

COLOURS = {"blue": 0, "green": 1, "red": 2, "black": 3, "gray": 4, "grey": 4, "yellow": 5}
HALF, OVAL = r"(?:half)", r"(?:ellipse|oval)s?"
WIDE, NARROW = r"(?:fat|wide|flat)", r"(?:thin|narrow)"
NOUNS = (
    (rf"{WIDE} {HALF} {OVAL}|{HALF} {WIDE} {OVAL}", (3,)),
    (rf"{NARROW} {HALF} {OVAL}|{HALF} {NARROW} {OVAL}", (4,)),
    (rf"{HALF} {OVAL}", (3, 4)),
    (rf"{WIDE} {OVAL}", (1,)),
    (rf"{NARROW} {OVAL}", (2,)),
    (OVAL, (2, 1)),  # alone, the first where there is one
    (r"(?:inverse|inverted|reverse|upside down) triangles?", (6,)),
    (r"upright triangles?", (5,)),
    (r"triangles?", (5, 6)),
    (r"rectangles?|box(?:es)?|oblongs?", (0,)),
    (r"diamonds?|rhombus(?:es)?|lozenges?", (7,)),
    (r"circles?|dis[ck]s?", (8,)),
    (r"shapes?|figures?", tuple(range(9))),
)
PLACES = (
    ("above", "directly above|above|on top of|over"),
    ("below", "directly below|below|underneath|under|beneath"),
    ("left", "on the left side of|to the left of|on the left of|left of|(?<!the )left to"),
    ("right", "on the right side of|to the right of|on the right of|right of|(?<!the )right to"),
)
WAYS = {"above": (0, -1), "below": (0, 1), "left": (-1, 0), "right": (1, 0)}
SIDES = {
    **dict.fromkeys(("top", "upper", "topmost", "highest"), "above"),
    **dict.fromkeys(("bottom", "lower", "bottommost", "lowest"), "below"),
    **dict.fromkeys(("left", "leftmost"), "left"),
    **dict.fromkeys(("right", "rightmost"), "right"),
}
SMALL, LARGE = {"smallest", "tiniest", "smaller"}, {"largest", "biggest", "larger", "bigger"}
RANKS = {"first": 1, "second": 2, "third": 3, "fourth": 4}
GROUPS = {"all", "both", "every", "each", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"}
GROUPS |= {"eleven", "twelve"}
BEFORE = {"the", "of", "one", "other", "remaining", *GROUPS, *SIDES, *SMALL, *LARGE, *RANKS}
_EDGE, _RANK = "(?:top|bottom|left|right)", f"(?:{'|'.join(RANKS)})"
PLAINLY = (  # what is said and plainer words for it, put in its place in this order
    ("that s", "that is"),
    ("these", "the"),
    ("every (single|last)", "every"),
    ("among the", "of the"),
    ("of the two", ""),  # "the left of the two boxes" is not a place beside them
    ("the rest of the", "the remaining"),
    ("(that|which) remain|still remaining", "remaining"),
    ("(that )?(i have |i haven t )?(not )?(mentioned|named) (yet|so far)", "remaining"),
    ("^the colou?r you see on|^whatever colou?r you use for|^(copy|apply|take) the colou?r of", "use the colour of"),
    ("^the same colou?r as", "use the same colour as"),
    ("^(the colou?r of .* should also be used for)", r"use \1"),
    ("^take the colou?r for", "paint"),  # "... the box from the circle": the other way round
    ("((when )?counting|when you count|if counted|starting|as seen|you see|you come to) from|beginning at", "from"),
    (f"in ({_RANK}) (place|position)", r"\1"),
    ("(that |which )?you (can )?(see|find)|that has been drawn|which sits|to be found", ""),
    ("located|placed|situated|positioned|drawn|standing|sitting|there|very|all the way", ""),
    (f"(closest|nearest|farthest|furthest|closer|nearer|further)( to| towards)? the ({_EDGE})", r"furthest to the \3"),
    ("that comes", "that is"),
    (f"(that|which) is the (?={'|'.join((_RANK, *SIDES, *SMALL, *LARGE))})", r"\1 is "),
    ("that (?!is|lies)", "the "),
)


@dataclass
class Noun:
    kinds: tuple[int, ...]
    plural: bool


def symbols(text: str) -> list[object]:
    """Words, with every noun as a `Noun` and every place before a landmark as ("place", way)."""
    text = re.sub(r"[^a-z]+", " ", text.lower()).strip()
    for said, plainly in PLAINLY:
        text = " ".join(re.sub(rf"\b(?:{said})\b", plainly, text).split())
    text = text.replace("everything", "all shapes").replace("all shapes else", "all the other shapes")
    pattern = "|".join(
        [f"(?P<p{i}>{p})(?= the)" for i, (_, p) in enumerate(PLACES)]
        + [f"(?P<n{i}>{p})" for i, (p, _) in enumerate(NOUNS)]
    )
    out: list[object] = []
    end = 0
    for found in re.finditer(rf"\b(?:{pattern})\b", text):
        out += text[end : found.start()].split()
        name = found.lastgroup or ""
        if name.startswith("p"):
            out.append(("place", PLACES[int(name[1:])][0]))
        else:
            noun, words = NOUNS[int(name[1:])][1], found.group()
            out.append(Noun(noun, words.endswith("s") and not words.endswith("rhombus")))
        end = found.end()
    return out + text[end:].split()


class Reader:
    def __init__(self, world: FreeWorld) -> None:
        self.kinds = [shape.kind for shape in world.shapes]
        self.centres = []
        for mask in world.inside:
            ys, xs = np.nonzero(mask)
            self.centres.append((xs.mean(), ys.mean()))
        self.areas = [cv2.contourArea(shape.points.astype(np.float32)) for shape in world.shapes]

    def candidates(self, noun: Noun, bare: bool) -> list[int]:
        for kinds in [(k,) for k in noun.kinds] if bare and len(noun.kinds) == 2 else []:
            if any(k in kinds for k in self.kinds):
                return [i for i, k in enumerate(self.kinds) if k in kinds]
        return [i for i, k in enumerate(self.kinds) if k in noun.kinds]

    def furthest(self, among: list[int], side: str) -> list[int]:
        """From the one that lies furthest to a side on."""
        x, y = WAYS[side]
        return sorted(among, key=lambda i: -(x * self.centres[i][0] + y * self.centres[i][1]))

    def phrase(self, words: list[object], at: int, told: set[int]) -> tuple[set[int], int]:  # noqa: PLR0911
        """What the phrase around the noun at `at` means, and where it ends."""
        noun = words[at]
        assert isinstance(noun, Noun)
        before = set()
        for word in reversed(words[:at]):
            if not isinstance(word, str) or word not in BEFORE:
                break
            before.add(word)
        end = at + 1
        after: list[str] = []
        while end < len(words) and words[end] in ("that", "which", "is", "lies", "lying", "counted", "furthest", "to"):
            after.append(str(words[end]))
            end += 1
        rank = next((RANKS[w] for w in before if w in RANKS), None)
        rest = words[end : end + 4]
        tail = [str(w) for w in takewhile(lambda w: isinstance(w, str), rest)]
        if tail[:1] == ["remaining"]:
            before, tail, end = before | {"remaining"}, tail[1:], end + 1
        group = bool(before & GROUPS) or bool(before & {"other", "remaining"} and noun.plural)
        bare = not group and not noun.plural
        many = self.candidates(noun, bare)
        everyone = self.candidates(noun, False)
        if rest and isinstance(rest[0], tuple):
            there, end = self.phrase(words, self.next_noun(words, end), told)
            return {self.nearest(many, there, rest[0][1])}, end
        if tail[:1] and tail[0] in RANKS:  # "that is second from the left", "that is second largest"
            rank, tail, end = RANKS[tail[0]], tail[1:], end + 1
        side = self.edge(words, end + 1)
        if tail[:1] == ["from"] and side:
            assert rank is not None
            return {self.furthest(everyone, side)[rank - 1]}, end + 3
        if {"that", "which"} & {*after} and tail[:1] and tail[0] in SMALL | LARGE | SIDES.keys():
            before, end = before | {tail[0]}, end + 1
        elif tail[:1] in (["at"], ["on"]) and side:
            return {self.furthest(everyone, side)[0]}, end + 3
        elif "furthest" in after:
            return {self.furthest(everyone, SIDES[tail[1]])[0]}, end + 2
        else:
            end = at + 1
        if before & (SMALL | LARGE):
            ordered = sorted(everyone, key=lambda i: self.areas[i], reverse=bool(before & LARGE))
            return {ordered[(rank or 1) - 1]}, end
        sides = before & SIDES.keys()
        if sides:
            return {self.furthest(everyone, SIDES[sides.pop()])[0]}, end
        if before & {"other", "remaining"}:
            return set(everyone) - told, end
        if (before & GROUPS or noun.plural) and not before & RANKS.keys():
            return set(everyone), end
        assert len(many) == 1, "one shape is spoken of"
        return set(many), end

    def nearest(self, among: list[int], landmarks: set[int], way: str) -> int:
        (landmark,) = landmarks
        x, y = WAYS[way]
        here = np.array(self.centres[landmark])
        distances = {}
        for i in among:
            dx, dy = np.array(self.centres[i]) - here
            along, across = x * dx + y * dy, abs(y * dx) + abs(x * dy)
            if i != landmark and along > across:
                distances[i] = float(np.hypot(dx, dy))
        return min(distances, key=lambda i: distances[i])

    @staticmethod
    def edge(words: list[object], at: int) -> str | None:
        """The side that "the left" at `at` means, None where it goes on, as in "the left circle"."""
        the, side, *more = [*words[at : at + 3], "", ""]
        plain = the == "the" and isinstance(side, str) and not isinstance(more[0], Noun) and more[0] != "one"
        return SIDES.get(str(side)) if plain else None

    @staticmethod
    def next_noun(words: list[object], start: int) -> int:
        return next(i for i in range(start, len(words)) if isinstance(words[i], Noun))

    def read(self, sentence: str, told: set[int]) -> tuple[set[int], set[int] | None]:
        """Shapes whose colour is told, and where it is another's, whose."""
        words = symbols(sentence)
        first, end = self.phrase(words, self.next_noun(words, 0), told)
        if not any(isinstance(word, Noun) for word in words[end:]):
            return first, None
        second, _ = self.phrase(words, self.next_noun(words, end), told)
        if words[0] in ("use", "take"):  # the colour of one for another
            return second, first
        return first, second


def read_world(world: FreeWorld) -> list[int | None]:
    """The colour of each shape, as the sentences say it: the number of the sentence that names it."""
    reader, told_by = Reader(world), [None] * len(world.shapes)
    for number, (sentence, mention) in enumerate(zip(world.sentences, world.mentions, strict=True)):
        name = "$^" if mention is None else rf"\b{re.escape(mention.name)}\b"
        text = re.sub(name, " ", sentence, count=1, flags=re.I)
        targets, source = reader.read(text, {i for i, by in enumerate(told_by) if by is not None})
        by = number
        if source is not None:
            (shape,) = source
            assert told_by[shape] is not None, sentence
            by = told_by[shape]
        for i in targets:
            told_by[i] = by
    return told_by
