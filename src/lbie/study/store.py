"""The SQLite file of a study: its items, who rates them in which order, and the ratings."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lbie.errors import InputError, LbieError, ResourceError
from lbie.study.order import Item, viewing_order

FILE_NAME = "study.db"
_VERSION = 1
_SCHEMA = f"""
PRAGMA journal_mode = WAL;
PRAGMA user_version = {_VERSION};
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE items (
    id TEXT PRIMARY KEY, photo TEXT NOT NULL, system TEXT NOT NULL, sentence TEXT NOT NULL, UNIQUE (photo, system)
) WITHOUT ROWID;
CREATE TABLE assignments (
    rater TEXT NOT NULL, position INTEGER NOT NULL, item TEXT NOT NULL REFERENCES items (id),
    PRIMARY KEY (rater, position), UNIQUE (rater, item)
) WITHOUT ROWID;
CREATE TABLE ratings (
    rater TEXT NOT NULL, item TEXT NOT NULL,
    consistency INTEGER NOT NULL CHECK (typeof(consistency) = 'integer' AND consistency BETWEEN 1 AND 5),
    quality INTEGER NOT NULL CHECK (typeof(quality) = 'integer' AND quality BETWEEN 1 AND 5),
    rated_at TEXT NOT NULL,
    PRIMARY KEY (rater, item), FOREIGN KEY (rater, item) REFERENCES assignments (rater, item)
) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Shown:
    """A picture as its rater sees it; nothing here tells the system."""

    id: str
    sentence: str
    consistency: int | None
    """The rater's own rating, 1 to 5, or None."""
    quality: int | None
    """Likewise."""


@dataclass(frozen=True)
class Rating:
    """A rating, with what was rated."""

    rater: str
    photo: str
    system: str
    consistency: int
    quality: int


class NotAssignedError(LbieError):
    """The rater was not given this item, or is not known."""


def picture_path(folder: Path, item: str) -> Path:
    """Where the picture of an item lies."""
    return folder / "pictures" / f"{item}.png"


class Store:
    """Reads and writes a study. Every call is one transaction of its own connection, so threads may share it."""

    def __init__(self, folder: Path) -> None:
        """Open the study in a folder.

        Raises:
            InputError: there is none, or its file is broken.
        """
        self._path = folder / FILE_NAME
        if not self._path.is_file():
            raise InputError(f"no study in '{folder}': make one with `lbie study make`")
        with self._open() as db:
            if db.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
                raise InputError(f"'{self._path}' is not a study of this version of lbie")

    @classmethod
    def create(cls, folder: Path, items: Sequence[Item], settings: dict[str, Any]) -> Store:
        """Write a new study into a folder that has none; `settings` are stored as JSON."""
        with closing(sqlite3.connect(folder / FILE_NAME)) as db, db:
            db.executescript(_SCHEMA)
            db.executemany("INSERT INTO settings VALUES (?, ?)", [(k, json.dumps(v)) for k, v in settings.items()])
            rows = [(item.id, item.photo, item.system, item.sentence) for item in items]
            db.executemany("INSERT INTO items VALUES (?, ?, ?, ?)", rows)
        return cls(folder)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """A connection with one transaction: committed at the end, rolled back on an error."""
        try:
            with closing(sqlite3.connect(self._path)) as db, db:
                db.execute("PRAGMA foreign_keys = ON")
                yield db
        except sqlite3.OperationalError as error:
            raise ResourceError(f"cannot use '{self._path}' now: {error}") from error
        except sqlite3.DatabaseError as error:
            raise InputError(f"'{self._path}' is not a study, or is broken: {error}") from error

    def settings(self) -> dict[str, Any]:
        """How the study was made."""
        with self._open() as db:
            return {name: json.loads(value) for name, value in db.execute("SELECT name, value FROM settings")}

    def items(self) -> list[Item]:
        """All pictures, by id."""
        with self._open() as db:
            return [Item(*row) for row in db.execute("SELECT id, photo, system, sentence FROM items ORDER BY id")]

    def shown_to(self, rater: str) -> list[Shown]:
        """A rater's pictures in their order, with the ratings so far; the first call draws the order."""
        order = viewing_order(self.items(), f"{self.settings()['salt']} {rater}")
        with self._open() as db:
            rows = [(rater, position, item) for position, item in enumerate(order)]
            db.executemany("INSERT OR IGNORE INTO assignments VALUES (?, ?, ?)", rows)
            shown = db.execute(
                "SELECT items.id, sentence, consistency, quality FROM assignments JOIN items ON items.id = item"
                " LEFT JOIN ratings USING (rater, item) WHERE rater = ? ORDER BY position",
                (rater,),
            )
            return [Shown(*row) for row in shown]

    def rate(self, rater: str, item: str, consistency: int, quality: int) -> None:
        """Store a rating; it replaces the rater's earlier one of the same item.

        Raises:
            NotAssignedError: the rater was not given this item.
        """
        with self._open() as db:
            if not db.execute("SELECT 1 FROM assignments WHERE rater = ? AND item = ?", (rater, item)).fetchone():
                raise NotAssignedError("this picture was not given to this rater")
            now = datetime.now(UTC).isoformat(timespec="seconds")
            db.execute(
                "INSERT OR REPLACE INTO ratings VALUES (?, ?, ?, ?, ?)", (rater, item, consistency, quality, now)
            )

    def ratings(self) -> list[Rating]:
        """All ratings."""
        with self._open() as db:
            rows = db.execute(
                "SELECT rater, photo, system, consistency, quality FROM ratings JOIN items ON id = item"
                " ORDER BY rater, photo, system"
            )
            return [Rating(*row) for row in rows]
