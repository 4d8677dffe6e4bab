"""Free drawings as the sketch model sees them, each with several descriptions; made once and kept."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from lbie.data.cosal.free.world import UNTOUCHED
from lbie.data.cosal.free.worlds import FreeWorld, free_world, redescribed
from lbie.data.storage import cache_root
from lbie.editing.piece_view import AnyPiece, view_pieces
from lbie.editing.pieces import find_pieces

VERSION = 4
"""Of what is kept: raise it where drawings, pieces or their view change."""
_CHUNK = 500
_DESCRIPTIONS = 6


@dataclass(frozen=True)
class Said:
    """A description of a drawing of N shapes."""

    sentences: tuple[str, ...]
    told: np.ndarray
    """(N,) colour, an index into CoSaL's six, or `UNTOUCHED`."""
    told_by: np.ndarray
    """(N,) the sentence, or `UNTOUCHED`."""
    source: np.ndarray
    """(N,) the shape whose colour a shape takes, or `UNTOUCHED`."""


@dataclass(frozen=True)
class Example:
    """A drawing of K pieces."""

    crops: np.ndarray
    """(K, 2, 24, 24) uint8."""
    places: np.ndarray
    """(K, 10) float32."""
    shape: np.ndarray
    """(K,) the shape that each piece is of, or `UNTOUCHED`."""
    kind: np.ndarray
    """(N,) of each shape."""
    said: tuple[Said, ...]


def piece_examples(suite: str, split: str, count: int) -> list[Example]:
    """Drawings 0 to `count - 1` of a suite of free drawings; what was made once is read from the cache."""
    found: list[Example] = []
    bar = tqdm(total=count, desc=f"pieces of {suite}", unit="drawing", disable=None, leave=False)
    with bar:
        for start in range(0, count, _CHUNK):
            size = min(_CHUNK, count - start)
            path = cache_root() / "sketch" / f"v{VERSION}-{suite}-{split}-{start}-{size}.npz"
            if not path.exists():
                _keep(path, [_example(suite, split, i) for i in range(start, start + size)])
            found += _read(path)
            bar.update(size)
    return found


def shapes_of(pieces: Sequence[AnyPiece], world: FreeWorld) -> np.ndarray:
    """The shape that more than half of each of K pieces is of, (K,) int64, or `UNTOUCHED`."""
    out = np.full(len(pieces), UNTOUCHED)
    for i, piece in enumerate(pieces):
        own = piece.share >= 128
        inside = world.owner[piece.box][own]
        numbers, times = np.unique(inside, return_counts=True)
        if len(numbers) and times.max() * 2 > len(inside):
            out[i] = numbers[times.argmax()]
    return out


def _example(suite: str, split: str, index: int) -> Example:
    world = free_world(suite, split, index)
    found = find_pieces(world.source)
    crops, places = view_pieces(found.pieces, found.ink)
    worlds = [world, *(redescribed(world, split, n) for n in range(1, _DESCRIPTIONS))]
    said = tuple([Said(w.sentences, w.told, w.told_by, w.taken_from) for w in worlds])
    kinds = np.array([s.kind for s in world.shapes])
    return Example(crops, places, shapes_of(found.pieces, world), kinds, said)


def _keep(path: Path, examples: Sequence[Example]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays = {
        name: np.concatenate([getattr(e, name) for e in examples]) for name in ("crops", "places", "shape", "kind")
    }
    ends = np.cumsum([[len(e.shape), len(e.kind)] for e in examples], 0)
    said = json.dumps(
        [[[s.sentences, s.told.tolist(), s.told_by.tolist(), s.source.tolist()] for s in e.said] for e in examples]
    )
    aside = path.with_suffix(f".part{np.random.default_rng().integers(1 << 30)}.npz")
    np.savez(aside, ends=ends, said=np.frombuffer(said.encode(), np.uint8), **arrays)  # type: ignore[arg-type]
    aside.replace(path)


def _read(path: Path) -> Iterator[Example]:
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    said = json.loads(arrays["said"].tobytes())
    piece = shape = 0
    for (last_piece, last_shape), own in zip(arrays["ends"].tolist(), said, strict=True):
        ways = tuple([Said(tuple(s), *(np.array(x, np.int64) for x in rest)) for s, *rest in own])
        crops, places, of = (arrays[name][piece:last_piece] for name in ("crops", "places", "shape"))
        yield Example(crops, places, of, arrays["kind"][shape:last_shape], ways)
        piece, shape = last_piece, last_shape
