"""What was done to which file: a SQLite file beside the results, which a kill at any moment leaves whole."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

from lbie.errors import InputError, ResourceError
from lbie.remote import Remote
from lbie.scale.journal_fault import find_fault

FILE_NAME = ".lbie-batch.sqlite"
PARTS = ".lbie-*.part"
"""What a kill leaves of a file that was being written."""
_VERSION = 1
_SCHEMA = f"""
PRAGMA user_version = {_VERSION};
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE files (
    path BLOB PRIMARY KEY,  -- relative to the folder of images; bytes, as names need not be text
    output BLOB UNIQUE,     -- likewise, to that of the results
    sentence TEXT, model TEXT, size INTEGER, changed INTEGER,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'writing', 'done', 'unmatched', 'failed', 'skipped')),
    reason TEXT,            -- of 'unmatched', 'failed' and 'skipped'
    digest TEXT,            -- SHA-256 of what is or was written
    ours INTEGER NOT NULL DEFAULT 0,  -- whether the output, where there is one, was written by this batch
    details TEXT,           -- JSON: model, warnings, what was found
    run INTEGER NOT NULL    -- the last one that saw the file
) WITHOUT ROWID;
CREATE INDEX by_state ON files (state, path);
"""
_BATCH = 64  # files that are read from the journal at once

State = Literal["done", "unmatched", "failed"]


@dataclass(frozen=True)
class Item:
    """A file to work on."""

    path: str
    """Relative to the folder of images, with `/`."""
    output: str
    """Relative to the folder of results."""
    sentence: str
    """What the result looks like; what is looked for, where masks are written."""
    model: str | None = None
    """What edits it; None: chosen by what image and sentence show."""


@dataclass(frozen=True)
class Outcome:
    """What became of it."""

    state: State
    data: bytes = b""
    """Of the file to write, where it is done."""
    reason: str | None = None
    """Why it is not, in a line."""
    details: dict[str, Any] = field(default_factory=dict)
    """What there is to know of it, as JSON can hold it."""


@dataclass(frozen=True)
class Row:
    """A file, for reports."""

    path: str
    output: str | None
    sentence: str | None
    state: str
    reason: str | None
    details: dict[str, Any]


class Journal:
    """The journal of one folder of results, held by one process at a time; a context manager."""

    def __init__(self, folder: Path, store: Remote | None = None) -> None:
        """Open the journal of a folder, or begin one.

        Args:
            folder: it lies there, and so do the results,
            store: unless these are in a store.

        Raises:
            InputError: another process holds it, or it is broken or cannot be written.
            ResourceError: the disk is full.
        """
        self.folder, self.store = folder, store
        self.run = 0
        self._stored: set[str] | None = None
        with self._errors():
            self._db = sqlite3.connect(folder / FILE_NAME, timeout=0, isolation_level=None)
            try:
                self._db.execute("PRAGMA trusted_schema = OFF")
                self._db.execute("PRAGMA locking_mode = EXCLUSIVE")  # until it is closed: the lock on the folder
                self._db.execute("PRAGMA journal_mode = WAL")
                version = self._db.execute("PRAGMA user_version").fetchone()[0]
                if version == 0:
                    self._db.executescript(f"BEGIN EXCLUSIVE; {_SCHEMA} COMMIT;")
                elif version != _VERSION:
                    raise InputError(f"'{folder}' holds a batch of another version of lbie: choose another folder")
                else:
                    self._db.execute("BEGIN EXCLUSIVE")
                    self._db.execute("COMMIT")
                    if fault := find_fault(self._db):
                        raise self._broken(fault)
            except BaseException:
                self._db.close()
                raise

    @property
    def results(self) -> Path | Remote:
        """Where results are."""
        return self.store or self.folder

    def has(self, output: str) -> bool:
        """Whether something lies where a result goes; a store is looked at once, as a whole."""
        if self.store is None:
            return os.path.lexists(self.folder / output)
        if self._stored is None:
            self._stored = {path for path, _, _ in self.store.files()}
        return output in self._stored

    def copy(self) -> bytes:
        """All of it as the bytes of such a file."""
        with closing(sqlite3.connect(":memory:")) as db:
            self._db.backup(db)
            return db.serialize()

    def _broken(self, fault: object) -> InputError:
        return InputError(f"the journal '{self.folder / FILE_NAME}' is broken ({str(fault)[:120]}): delete it")

    def _parsed(self, text: str) -> Any:
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise self._broken(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        """Close it; what SQLite had to complain of inside becomes an `LbieError`."""
        with self._errors():
            self._db.close()
            if isinstance(error, sqlite3.Error):
                raise error

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of what is written inside, or nothing."""
        self._db.execute("BEGIN")
        try:
            yield
        except BaseException:
            if self._db.in_transaction:  # a full disk has ended it already
                self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            place = self.folder / FILE_NAME
            if "locked" in str(error):
                raise InputError(f"another lbie batch is at work in '{self.folder}': let it end first") from error
            if "full" in str(error):
                raise ResourceError(f"cannot write '{place}': the disk is full") from error
            raise InputError(f"cannot use the journal '{place}': {error}") from error
        except sqlite3.DatabaseError as error:
            raise self._broken(error) from error

    def settle(self, settings: dict[str, Any], begin_anew: bool) -> bool:
        """Take the settings that the results have, and put right what a kill left; in a transaction.

        Args:
            settings: as JSON can hold them.
            begin_anew: forget what was done with other settings.

        Returns:
            Whether there was no batch before.

        Raises:
            InputError: there are results with other settings.
        """
        known = {name: self._parsed(value) for name, value in self._db.execute("SELECT name, value FROM settings")}
        differing = [name for name in settings if known and known.get(name) != settings[name]]
        if differing and not begin_anew:
            raise InputError(
                f"'{self.results}' holds results of other settings ("
                + ", ".join(f"{n}: {_brief(known.get(n))}, now {_brief(settings[n])}" for n in differing)
                + "): choose another folder, or begin anew with --overwrite"
            )
        self._mend()
        if differing:
            self._db.execute("DELETE FROM files")
        values = [(name, json.dumps(value)) for name, value in settings.items()]
        self._db.executemany("INSERT OR REPLACE INTO settings VALUES (?, ?)", values)
        self.run = self._db.execute("SELECT coalesce(max(run), 0) + 1 FROM files").fetchone()[0]
        return not known

    def _mend(self) -> None:
        """Of files that were being written: take those that are whole as done, and remove what is left of others."""
        folders = {self.folder}
        claimed = self._db.execute("SELECT output FROM files WHERE state = 'waiting' AND ours")
        folders.update((self.folder / os.fsdecode(output)).parent for (output,) in claimed)
        for path, output, digest in self._db.execute(
            "SELECT path, output, digest FROM files WHERE state = 'writing'"
        ).fetchall():
            place = self.folder / os.fsdecode(output)
            folders.add(place.parent)
            whole = place.is_file() and hashlib.sha256(place.read_bytes()).hexdigest() == digest
            state = "done" if whole else "waiting"
            self._db.execute("UPDATE files SET state = ? WHERE path = ?", (state, path))
        for folder in folders:
            for part in folder.glob(PARTS):
                part.unlink(missing_ok=True)

    def enter(self, path: str, sentence: str | None, model: str | None, size: int, changed: int) -> None:
        """Note a file that is to be worked on; one that has changed since, or is asked something else, is again."""
        key, wanted = os.fsencode(path), (sentence, model, size, changed)
        row = self._db.execute(
            "SELECT sentence, model, size, changed, state, output FROM files WHERE path = ?", (key,)
        ).fetchone()
        if row is None:
            row = (*wanted, "skipped", None)
            self._db.execute("INSERT INTO files (path, state, run) VALUES (?, 'skipped', ?)", (key, self.run))
        state, output = row[4:]
        lost = state == "done" and not self.has(os.fsdecode(output))
        if row[:4] != wanted or state == "skipped" or lost:
            state = "waiting"
        self._db.execute(
            "UPDATE files SET sentence = ?, model = ?, size = ?, changed = ?, state = ?, run = ? WHERE path = ?",
            (*wanted, state, self.run, key),
        )

    def leave(self, path: str, state: Literal["failed", "skipped"], reason: str, sentence: str | None = None) -> None:
        """Note a file that is not worked on, and why."""
        self._db.execute(
            "INSERT INTO files (path, sentence, state, reason, run) VALUES (?, ?, ?, ?, ?) ON CONFLICT (path) DO UPDATE"
            " SET sentence = excluded.sentence, size = NULL, state = excluded.state, reason = excluded.reason,"
            " run = excluded.run",
            (os.fsencode(path), sentence, state, reason, self.run),
        )

    def forget_unseen(self) -> None:
        """Forget files that are no longer in the folder, unless there is a result."""
        self._db.execute("DELETE FROM files WHERE run < ? AND state NOT IN ('done', 'unmatched')", (self.run,))

    def unnamed(self) -> Iterator[str]:
        """Files to work on that have no name for their result."""
        rows = self._db.execute("SELECT path FROM files WHERE output IS NULL AND state = 'waiting' ORDER BY path")
        return (os.fsdecode(path) for (path,) in rows.fetchall())

    def name(self, path: str, output: str) -> bool:
        """Give a file a name for its result; False where another has it."""
        try:
            self._db.execute("UPDATE files SET output = ? WHERE path = ?", (os.fsencode(output), os.fsencode(path)))
        except sqlite3.IntegrityError:
            return False
        return True

    def retry_failed(self) -> None:
        """Let failed files be worked on again."""
        self._db.execute("UPDATE files SET state = 'waiting' WHERE state = 'failed' AND size IS NOT NULL")

    def in_the_way(self) -> list[str]:
        """Files where results are to be written that were not written by this batch."""
        rows = self._db.execute("SELECT output FROM files WHERE state = 'waiting' AND NOT ours ORDER BY output")
        names = (os.fsdecode(output) for (output,) in rows)
        return [name for name in names if self.has(name)]

    def waiting(self) -> Iterator[Item]:
        """Files to work on, by path; more are read as they are taken."""
        last = b""
        query = (
            "SELECT path, output, sentence, model FROM files WHERE state = 'waiting' AND path > ? ORDER BY path LIMIT ?"
        )
        while rows := self._db.execute(query, (last, _BATCH)).fetchall():
            last = rows[-1][0]
            for path, output, sentence, model in rows:
                yield Item(os.fsdecode(path), os.fsdecode(output), sentence, model)

    def claim(self) -> None:
        """Note that the results of all files that wait are about to be written, by others: their names are ours.

        After a kill they wait on. What was written of them is written once more, as the same bytes under the same name.
        """
        with self.transaction():
            self._db.execute("UPDATE files SET ours = 1 WHERE state = 'waiting'")

    def is_ours(self, item: Item) -> bool:
        """Whether the result of a file was written by this batch before."""
        row = self._db.execute("SELECT ours FROM files WHERE path = ?", (os.fsencode(item.path),)).fetchone()
        return bool(row[0])

    def writing(self, item: Item, outcome: Outcome) -> None:
        """Note that a result is about to be written: should that be the last that is heard, it is known by its hash."""
        digest = hashlib.sha256(outcome.data).hexdigest()
        with self.transaction():
            self._db.execute(
                "UPDATE files SET state = 'writing', ours = 1, digest = ?, reason = NULL, details = ? WHERE path = ?",
                (digest, json.dumps(outcome.details), os.fsencode(item.path)),
            )

    def finish(self, item: Item, outcome: Outcome) -> None:
        """Note what became of a file; its result lies in its place."""
        with self.transaction():
            self._db.execute(
                "UPDATE files SET state = ?, reason = ?, details = ? WHERE path = ?",
                (outcome.state, outcome.reason, json.dumps(outcome.details), os.fsencode(item.path)),
            )

    def counts(self) -> dict[str, int]:
        """Files in each state that there is."""
        return dict(self._db.execute("SELECT state, count(*) FROM files GROUP BY state"))

    def rows(self, *states: str) -> Iterator[Row]:
        """Files in these states, by path."""
        marks = ", ".join("?" * len(states))
        for path, output, sentence, state, reason, details in self._db.execute(
            f"SELECT path, output, sentence, state, reason, details FROM files WHERE state IN ({marks}) ORDER BY path",
            states,
        ):
            place = None if output is None else os.fsdecode(output)
            told = self._parsed(details or "{}")
            if not isinstance(told, dict):
                raise self._broken("details that are no JSON object")
            yield Row(os.fsdecode(path), place, sentence, state, reason, told)


def _brief(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}…"
