"""The journal of a batch whose results are in a store: it lies on this machine, and a copy of it with the results."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lbie.remote import Place, Remote
from lbie.scale.journal import FILE_NAME, Item, Journal, Outcome

SECONDS = 60
"""Time between copies, at least; and they take a twentieth of it at most."""
_MAX_BYTES = 64 * 2**30


@contextmanager
def open_journal(results: Place) -> Iterator[Journal]:
    """The journal of a folder of results, which one process at a time holds where it is a folder of this machine.

    Raises:
        InputError: another process holds it, or it is broken or cannot be read or written.
    """
    if not isinstance(results, Remote):
        with Journal(results.resolve()) as journal:
            yield journal
        return
    with tempfile.TemporaryDirectory(prefix="lbie-batch-") as folder:
        if results.exists(FILE_NAME):
            data = results.read(FILE_NAME, f"'{results}/{FILE_NAME}'", _MAX_BYTES)
            (Path(folder) / FILE_NAME).write_bytes(data)
        with StoredJournal(Path(folder), results) as journal:
            yield journal
            journal.save()


class StoredJournal(Journal):
    """A journal that is copied to a store before there are results, from time to time, and at its end."""

    def __init__(self, folder: Path, store: Remote) -> None:
        """Open it in a folder of this machine; raises as `Journal`."""
        super().__init__(folder, store)
        self._next = time.monotonic() + SECONDS

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Save it, whatever happened; raises as `Journal`."""
        if error is not None and self.run:
            self.save()
        super().__exit__(kind, error, trace)

    def claim(self) -> None:
        """As `Journal`; the copy in the store knows of it before there is a result."""
        super().claim()
        self.save()

    def finish(self, item: Item, outcome: Outcome) -> None:
        """As `Journal`."""
        super().finish(item, outcome)
        if time.monotonic() > self._next:
            self.save()

    def save(self) -> None:
        """Copy it to the store.

        Raises:
            InputError: it cannot be written there.
        """
        assert self.store is not None
        began = time.monotonic()
        self.store.write(FILE_NAME, self.copy())
        self._next = time.monotonic() + max(SECONDS, 20 * (time.monotonic() - began))
