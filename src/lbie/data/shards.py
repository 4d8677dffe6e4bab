"""Images and their sentences in a few large files: Parquet, of which a row group is read at a time.

A row has `path` (of the image in its folder), `image` (the bytes of its file), `size` (their number), `split` (or none)
and `sentences`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from lbie.errors import InputError
from lbie.image_io import SourceImage, decode_image, read_file
from lbie.image_io.decode import MAX_BYTES
from lbie.remote import Place, Remote, told

SUFFIX = ".parquet"
ROWS = 1_000
"""Images of a shard."""
_GROUP = 64  # images that are read at once


@dataclass(frozen=True)
class Photo:
    """A row but for its image."""

    path: str
    """Its shard without the suffix, `/`, and its path in the folder that was sharded."""
    size: int
    """In bytes."""
    split: str | None
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Shards(Remote):
    """A folder of shards, of this machine or in a store, as a folder of images: `part-00000/album/cup.jpg`."""

    def read(self, path: str, name: str, most: int) -> bytes:
        """See `Remote`."""
        shard, _, inside = path.partition("/")
        with told(f"cannot read {name}"):
            row = _rows(self.url, f"{shard}{SUFFIX}").get(inside)
            if row is None:
                raise InputError(f"no such file: {name}")
            data: bytes = _group(self.url, f"{shard}{SUFFIX}", row // _GROUP)[row % _GROUP]
        if len(data) > most:
            raise InputError(f"{name} has {len(data):,} bytes; at most {most:,} are read")
        return data

    def read_image(self, path: str) -> SourceImage:
        """An image, decoded.

        Raises:
            InputError: as `read` and `decode_image`.
        """
        return decode_image(self.read(path, f"'{path}'", MAX_BYTES), f"'{path}'")

    def files(self) -> Iterator[tuple[str, int, int]]:
        """See `Remote`."""
        for photo in self.photos():
            yield photo.path, photo.size, 0

    def photos(self) -> Iterator[Photo]:
        """All rows by shard and in their order; no image is read.

        Raises:
            InputError: a shard cannot be read, or has other columns.
        """
        for shard in _shards(self):
            with told(f"cannot read the shard '{self.url}/{shard}'"), _opened(self.url, shard) as file:
                columns = ["path", "size", "split", "sentences"]
                for number in range(file.num_row_groups):
                    for row in file.read_row_group(number, columns=columns).to_pylist():
                        path = f"{shard.removesuffix(SUFFIX)}/{row['path']}"
                        yield Photo(path, row["size"], row["split"], tuple(row["sentences"]))


def as_shards(place: Place) -> Shards | None:
    """A folder as shards where it holds these and nothing else that is seen; else None."""
    try:
        names = [name for name in _listed(place) if not name.startswith(".")]
    except OSError:  # whoever reads it says so
        return None
    if not names or not all(name.endswith(SUFFIX) for name in names):
        return None
    return Shards(str(place.resolve() if isinstance(place, Path) else place))


def write_shards(photos: Iterable[Photo], folder: Path, output: Place, rows: int = ROWS) -> tuple[int, int]:
    """Write photos of a folder into shards, whole ones, `part-00000.parquet` and on.

    Args:
        photos: in the order in which they are to lie; `path` is relative to the folder.
        folder: of the images.
        output: where the shards go, which must hold none.
        rows: of a shard.

    Returns:
        Number of photos and of shards.

    Raises:
        InputError: there are shards, a photo cannot be read, or a shard cannot be written.
        ResourceError: the disk is full.
    """
    if isinstance(output, Path):
        output.mkdir(parents=True, exist_ok=True)
    if any(name.endswith(SUFFIX) for name in _listed(output)):
        raise InputError(f"'{output}' holds shards already: choose another folder")
    waiting: list[Photo] = []
    count = shards = 0
    for photo in photos:
        waiting.append(photo)
        if len(waiting) == rows:
            _write_shard(waiting, folder, output, shards)
            count, shards, waiting = count + rows, shards + 1, []
    if waiting:
        _write_shard(waiting, folder, output, shards)
        count, shards = count + len(waiting), shards + 1
    return count, shards


def _write_shard(photos: list[Photo], folder: Path, output: Place, number: int) -> None:
    """One shard; of its images, those of a row group are held at a time."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = [("path", pa.string()), ("image", pa.binary()), ("size", pa.int64()), ("split", pa.string())]
    schema = pa.schema([*kinds, ("sentences", pa.list_(pa.string()))])
    name = f"part-{number:05d}{SUFFIX}"
    with tempfile.TemporaryDirectory(prefix=".lbie-", dir=output if isinstance(output, Path) else None) as work:
        aside = Path(work) / name
        with pq.ParquetWriter(aside, schema, compression="none") as writer:  # images are compressed already
            for first in range(0, len(photos), _GROUP):
                rows = []
                for photo in photos[first : first + _GROUP]:
                    data = read_file(folder / photo.path, f"'{folder / photo.path}'", MAX_BYTES, "an image file")
                    own = {"path": photo.path, "image": data, "size": len(data), "split": photo.split}
                    rows.append(own | {"sentences": list(photo.sentences)})
                writer.write_table(pa.Table.from_pylist(rows, schema))
        if isinstance(output, Remote):
            output.write(name, aside.read_bytes())
        else:
            aside.replace(output / name)


def _listed(place: Place) -> list[str]:
    return place.names() if isinstance(place, Remote) else [entry.name for entry in place.iterdir()]


def _shards(place: Remote) -> list[str]:
    return sorted(name for name in place.names() if name.endswith(SUFFIX) and not name.startswith("."))


def _opened(url: str, shard: str) -> Any:
    """A Parquet file to read parts of."""
    try:
        from pyarrow.parquet import ParquetFile
    except ModuleNotFoundError as error:
        raise InputError("shards need the package 'pyarrow': pip install 'lbie[cluster]'") from error
    return ParquetFile(Remote(url).open(shard), pre_buffer=False)


@lru_cache(2)
def _rows(url: str, shard: str) -> dict[str, int]:
    """Path to number of row."""
    with _opened(url, shard) as file:
        return {path: number for number, path in enumerate(file.read(columns=["path"])["path"].to_pylist())}


@lru_cache(2)
def _group(url: str, shard: str, number: int) -> list[bytes]:
    """Images of a row group."""
    with _opened(url, shard) as file:
        return list(file.read_row_group(number, columns=["image"])["image"].to_pylist())
