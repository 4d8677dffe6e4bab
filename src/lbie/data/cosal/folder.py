"""Worlds as an image folder on disk, and as Parquet."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from itertools import islice
from math import ceil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image
from tqdm import tqdm

from lbie.data.cosal.programme import Form, Statement
from lbie.data.cosal.shapes import COLOURS, KINDS, PALETTE
from lbie.data.cosal.sheet import EXAMPLES, draw_sheet
from lbie.data.cosal.worlds import DIRECT, SPLITS, World, generate
from lbie.errors import InputError

SHARD = 10_000
"""Most worlds of one Parquet file."""
_PICTURES = {
    "image": ("file_name", "images"),
    "target": ("target_file_name", "targets"),
    "classes": ("classes_file_name", "classes"),
}
"""Name of a picture to its column of `metadata.jsonl` and its folder."""


def world_record(world: World) -> dict[str, Any]:
    """What `metadata.jsonl` says of a world, apart from where its pictures are."""
    return {
        "index": world.index,
        "sentences": list(world.sentences),
        "programme": [statement.record() for statement in world.programme],
        "references": world.references,
        "hops": dict(zip(KINDS, world.hops, strict=True)),
        "colors": {kind: COLOURS[c] for kind, c in zip(KINDS, world.colours.tolist(), strict=True)},
        "arrangement": [KINDS[k] for k in world.arrangement.tolist()],
    }


def _png(picture: np.ndarray) -> bytes:
    """PNG of (H, W) gray or (H, W, 3) RGB uint8."""
    done, data = cv2.imencode(".png", picture if picture.ndim == 2 else picture[..., ::-1])
    if not done:
        raise ValueError(f"a picture of shape {picture.shape} cannot be encoded")
    return data.tobytes()


def _write_classes(path: Path, classes: np.ndarray) -> None:
    """A PNG whose pixels are the classes 0 to 6, with a palette that shows their colours."""
    picture = Image.fromarray(classes)
    picture.putpalette(PALETTE.tobytes())
    picture.save(path, format="PNG")


def write_folder(
    output: Path,
    suite: str,
    split: str,
    count: int | None = None,
    *,
    seed: int = 0,
    direct: Sequence[int] = DIRECT,
) -> tuple[int, bool]:
    """Write `output/metadata.jsonl`, images/ (sketches), targets/ (coloured), classes/ and `sheet.png`.

    `images/` are gray, `targets/` RGB, `classes/` paletted PNGs whose values are the classes 0 to 6. Where the package
    `datasets` is installed, the same goes to `parquet/`. All of it is written aside first: after an error there is no
    output.

    Args:
        output: a folder that does not exist yet, or is empty.
        suite: as for `generate`, like the rest.
        split: train, val or test.
        count: number of worlds, the published one without.
        seed: any integer.
        direct: numbers of direct sentences.

    Returns:
        Number of worlds, and whether there is Parquet.

    Raises:
        InputError: the output is in use, or an argument is not as it should be.
    """
    output = output.resolve()
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise InputError(f"the output '{output}' exists already: choose an empty folder")
    if output == Path.cwd():
        raise InputError(f"the output '{output}' is the working folder: name one inside it")
    if count is not None and count < 1:
        raise InputError(f"at least one world is needed, got {count}")
    worlds = generate(suite, split, count, seed=seed, direct=direct)
    total = SPLITS[split] if count is None else count
    parquet = find_spec("datasets") is not None
    output.parent.mkdir(parents=True, exist_ok=True)
    part = output.with_name(f".{output.name}.{os.getpid()}.part")
    part.mkdir()
    try:
        _write(part, tqdm(worlds, desc=f"{suite} {split}", total=total, unit="world", disable=None))
        if parquet:
            _write_parquet(part, total)
        if output.exists():
            output.rmdir()
        os.replace(part, output)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return total, parquet


def _write(folder: Path, worlds: Iterable[World]) -> None:
    for _, name in _PICTURES.values():
        (folder / name).mkdir()
    examples: list[World] = []
    with (folder / "metadata.jsonl").open("w", encoding="utf-8") as lines:
        for world in worlds:
            if len(examples) < EXAMPLES:
                examples.append(world)
            places = {column: f"{name}/{world.index:06d}.png" for column, name in _PICTURES.values()}
            (folder / places["file_name"]).write_bytes(_png(world.source[..., 0]))
            (folder / places["target_file_name"]).write_bytes(_png(world.target))
            _write_classes(folder / places["classes_file_name"], world.classes)
            lines.write(json.dumps(places | world_record(world)) + "\n")
    draw_sheet(examples).save(folder / "sheet.png")


def _write_parquet(folder: Path, total: int) -> None:
    """The rows of `metadata.jsonl` with the pictures themselves, as `datasets` stores them."""
    import datasets

    datasets.disable_progress_bars()
    text = datasets.Value("string")
    columns = {name: datasets.Image() for name in _PICTURES} | {
        "index": datasets.Value("int64"),
        "sentences": datasets.Sequence(text),
        "programme": [dict.fromkeys(Statement(Form.DIRECT, 0).record(), text)],
        "references": text,
        "hops": dict.fromkeys(KINDS, datasets.Value("int64")),
        "colors": dict.fromkeys(KINDS, text),
        "arrangement": datasets.Sequence(text),
    }
    features = datasets.Features(columns)
    (folder / "parquet").mkdir()
    shards = ceil(total / SHARD)
    with (folder / "metadata.jsonl").open(encoding="utf-8") as lines:
        for number in tqdm(range(shards), desc="parquet", unit="file", disable=None):
            rows = []
            for line in islice(lines, SHARD):
                row = json.loads(line)
                for name, (column, _) in _PICTURES.items():
                    row[name] = {"bytes": (folder / row.pop(column)).read_bytes(), "path": None}
                rows.append(row)
            path = folder / "parquet" / f"{number:05d}-of-{shards:05d}.parquet"
            datasets.Dataset.from_list(rows, features=features).to_parquet(path)
