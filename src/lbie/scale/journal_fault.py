"""What is wrong with the journal of a batch: it may have come with the folder, from anybody."""

from __future__ import annotations

import os
import sqlite3
from pathlib import PurePath

_TABLES = {("table", "settings"), ("table", "files"), ("index", "by_state")}
_ODD = """
SELECT 1 FROM settings WHERE typeof(name) != 'text' OR typeof(value) != 'text'
UNION ALL SELECT 1 FROM files WHERE typeof(path) != 'blob' OR typeof(output) NOT IN ('blob', 'null')
    OR typeof(run) != 'integer' OR typeof(sentence) NOT IN ('text', 'null') OR typeof(model) NOT IN ('text', 'null')
    OR typeof(reason) NOT IN ('text', 'null') OR typeof(details) NOT IN ('text', 'null')
    OR (state NOT IN ('failed', 'skipped') AND (sentence IS NULL OR output IS NULL))
LIMIT 1
"""


def find_fault(db: sqlite3.Connection) -> str | None:
    """Why a journal is not as `Journal` leaves it, in a few words; None where it is.

    Looked at are its tables, the kinds of their values, and whether each result lies inside the folder.
    """
    parts = db.execute("SELECT type, name FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")
    if set(parts) != _TABLES:
        return "its tables are not those of a batch"
    if db.execute(_ODD).fetchone():
        return "it holds values of other kinds"
    outputs = db.execute("SELECT output FROM files WHERE output IS NOT NULL")
    outside = next((out for (out,) in outputs if not _stays(os.fsdecode(out))), None)
    return None if outside is None else f"a result at '{os.fsdecode(outside)}'"


def _stays(output: str) -> bool:
    """Whether a place lies inside the folder that it is relative to."""
    path = PurePath(output)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts and "\0" not in output
