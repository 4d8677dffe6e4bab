"""Finding in a photo what phrases name, and the region that several of them make together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from lbie.colour.bands import resized
from lbie.editing.overlay import Match
from lbie.editing.refine_mask import refine_mask
from lbie.editing.things import ARTICLES, FOREGROUND, Things
from lbie.errors import InputError, SentenceError
from lbie.image_io import SourceImage
from lbie.language.vocabulary import Tokens, Vocabulary, check_words
from lbie.runtime import Fused, Runtime
from lbie.tasks.photo_view import probability

MOST_PHRASES = 50
"""Phrases that are looked for at once; more are refused."""
_BOUNDARY = 0.5


@dataclass(frozen=True)
class Photo:
    """A photo, encoded."""

    source: SourceImage
    encoded: Any
    """Handle of the runtime."""
    grid: tuple[int, int]
    """Rows and columns of the network's regions."""
    output: tuple[int, int]
    """Rows and columns of its output."""
    wraps: bool = False
    """It is a panorama, whose sides touch."""


@dataclass(frozen=True)
class Found:
    """What was found."""

    shade: np.ndarray
    """(H, W) uint8: the whole region, above 127 inside. All 0 where nothing was found."""
    confidence: float
    """Of the least sure of what was found; the most of all where nothing was."""
    matches: tuple[Match, ...]
    """Each thing that is part of the region, and what is left where things are left out."""
    steps: np.ndarray
    """(H', W') int: the most steps that a region took for any phrase."""
    attention: np.ndarray
    """(T, N, H', W') float32, over the words of each phrase in turn."""
    tokens: tuple[str, ...]
    """The N words of all phrases."""
    token_sentence: tuple[int, ...]
    """Number of the phrase each belongs to."""
    unknown_words: tuple[str, ...]
    """Words that the model does not know."""
    warnings: tuple[str, ...]
    """One line each: what was not found, first."""


def find_things(
    runtime: Runtime, photo: Photo, wanted: Sequence[Things], threshold: float, max_steps: int | None = None
) -> Found:
    """Find things.

    Args:
        runtime: the model.
        photo: the photo.
        wanted: the region is the union of all of these.
        threshold: confidence, in [0, 1], from which on a thing is there.
        max_steps: limit on the steps of the fusion (None: the model's own).

    Raises:
        InputError: too many phrases.
        SentenceError: a phrase none of whose words the model knows, articles aside, or the background where the model
            has no kinds.
    """
    named = list(dict.fromkeys(phrase for things in wanted for phrase in things.phrases))
    if len(named) > MOST_PHRASES:
        raise InputError(f"at most {MOST_PHRASES} things are looked for at once, got {len(named)}")
    tokens = {
        phrase: _encode(phrase, runtime.vocabulary, runtime.config.max_words)
        for phrase in named
        if phrase != FOREGROUND
    }
    fused = runtime.fuse_phrases(photo.encoded, [t.ids for t in tokens.values()], max_steps) if tokens else []
    known = {
        phrase: _match(photo, phrase, *_certain(own), threshold) for phrase, own in zip(tokens, fused, strict=True)
    }
    if FOREGROUND in named:
        known[FOREGROUND] = _foreground(runtime, photo)
    parts: list[Match] = []
    for things in wanted:
        own = [known[phrase] for phrase in things.phrases]
        parts += [_all_but(photo, things, own)] if things.inverted else own
    there = [part for part in parts if part.found]
    shade = there[0].shade if there else _nothing(photo)
    for part in there[1:]:
        shade = np.maximum(shade, part.shade)
    words, sentences, attention = _read(tokens, fused)
    steps = np.max([f.steps for f in fused], 0) if fused else np.zeros(photo.grid, int)
    return Found(
        shade=shade,
        confidence=min(p.confidence for p in there) if there else max(p.confidence for p in parts),
        matches=tuple(dict.fromkeys(parts)),
        steps=steps,
        attention=attention if fused else np.zeros((1, 0, *photo.grid), np.float32),
        tokens=words,
        token_sentence=sentences,
        unknown_words=tuple(dict.fromkeys(word for t in tokens.values() for word in t.unknown)),
        warnings=(*_not_found(known, threshold), *_not_read(tokens, runtime.vocabulary)),
    )


def name_things(things: Things) -> str:
    """`the cat + the dog`, `everything except the cat`, `the background`, `everything`."""
    named = " + ".join(things.phrases)
    if not things.inverted:
        return named
    if things.phrases == (FOREGROUND,):
        return "the background"
    return f"everything except {named}" if named else "everything"


def _encode(phrase: str, vocabulary: Vocabulary, max_words: int) -> Tokens:
    unknown = tuple(dict.fromkeys(phrase.split()))
    try:
        tokens = vocabulary.encode(phrase, max_words)
        check_words(len(tokens.words) + tokens.cut, max_words, f"the phrase '{phrase[:40]}…'")
        if not tokens.unknown or set(tokens.words) - ARTICLES.union(tokens.unknown):
            return tokens
        unknown = tokens.unknown
    except SentenceError:
        pass
    raise SentenceError(f"no word of '{phrase}' is known to this model: {vocabulary.describe_unknown(unknown)}")


def _certain(fused: Fused) -> tuple[np.ndarray, float]:
    """The map of probability (h, w) of one phrase, and its confidence."""
    likely = probability(fused.output[0])
    if fused.presence is not None:
        return likely, fused.presence
    inside = likely > _BOUNDARY
    return likely, float(likely[inside].mean() if inside.any() else likely.max())


def _match(photo: Photo, phrase: str, likely: np.ndarray, confidence: float, threshold: float) -> Match:
    """What a phrase matches: nothing below the threshold, or where no pixel is rather in than out."""
    if confidence >= threshold and (likely > _BOUNDARY).any():
        match = Match(phrase, refine_mask(photo.source.rgb, likely, photo.source.gray, photo.wraps), confidence)
        if match.found:
            return match
    if confidence >= threshold:
        confidence = min(confidence, float(likely.max()))
    return Match(phrase, _nothing(photo), confidence)


def _nothing(photo: Photo) -> np.ndarray:
    """(H, W) uint8 of zeros, which take no memory."""
    return np.broadcast_to(np.uint8(0), photo.source.rgb.shape[:2])


def _foreground(runtime: Runtime, photo: Photo) -> Match:
    """Whatever is a thing of some kind that the model knows."""
    kinds = runtime.kinds(photo.encoded)
    if kinds is None:
        raise SentenceError(
            "this model cannot tell the background from the rest: name what is no background, as in 'blur everything "
            "except the dog'"
        )
    things = resized(1 - kinds[0], photo.output, cv2.INTER_LINEAR, photo.wraps).clip(0, 1)
    return _match(photo, FOREGROUND, things, float(1 - kinds[0].min()), _BOUNDARY)


def _all_but(photo: Photo, things: Things, matches: Sequence[Match]) -> Match:
    """What is left without some things; nothing where none of these is there."""
    there = [match for match in matches if match.found]
    if matches and not there:
        return Match(name_things(things), _nothing(photo), max(match.confidence for match in matches))
    left = np.full(photo.source.rgb.shape[:2], 255, np.uint8)
    for match in there:
        np.minimum(left, 255 - match.shade, out=left)
    return Match(name_things(things), left, min((match.confidence for match in there), default=1.0))


def _read(tokens: dict[str, Tokens], fused: Sequence[Fused]) -> tuple[tuple[str, ...], tuple[int, ...], np.ndarray]:
    """The words of all phrases, the phrase each belongs to, and the attention (T, N, H', W') to them."""
    words: list[str] = []
    sentences: list[int] = []
    for number, (own, one) in enumerate(zip(tokens.values(), fused, strict=True)):
        count = one.attention.shape[1]  # a twin that ignores the sentence reads one word
        words += own.words[:count]
        sentences += [number] * len(own.words[:count])
    attention = np.concatenate([one.attention for one in fused], 1) if fused else np.zeros(0)
    return tuple(words), tuple(sentences), attention


def _not_found(known: dict[str, Match], threshold: float) -> list[str]:
    lines = []
    for phrase, match in known.items():
        if match.found:
            continue
        if phrase == FOREGROUND:
            sure = f"(confidence {match.confidence:.2f})"
            lines.append(f"nothing in the photo is of a kind that the model tells from the background {sure}")
            continue
        why = f"below the threshold of {threshold:g}" if match.confidence < threshold else "and no pixel is in it"
        lines.append(f"nothing in the photo matches '{phrase}' (confidence {match.confidence:.2f}, {why})")
    return lines


def _not_read(tokens: dict[str, Tokens], vocabulary: Vocabulary) -> list[str]:
    unknown = tuple(dict.fromkeys(word for t in tokens.values() for word in t.unknown))
    return [f"words this model does not know: {vocabulary.describe_unknown(unknown)}"] if unknown else []
