"""The list of all that is reproduced, `benchmarks/reproduce.toml`: what makes each figure, picture and table."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from lbie.errors import InputError

LISTING = Path("benchmarks") / "reproduce.toml"
PLACES = {"out", "work", "runs", "data"}
"""What a command can name beside the things that are made."""
_PLACE = re.compile(r"\{([\w-]+)\}")
_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, config=_STRICT)
class Made:
    """Something that figures need: a model, shipped or to be trained, or what is measured with."""

    name: str
    """What commands call it: `{name}` is its folder, or the name of the shipped model."""
    folder: str
    """Where the commands put it, below the working folder."""
    commands: tuple[str, ...]
    minutes: float
    """About how long they take on two CPU cores."""
    shipped: bool = False
    """Whether the model comes with the package: without training that one is taken."""
    trains: bool = True
    """Whether the commands train, so that only --full runs them."""
    data: tuple[str, ...] = ()
    """Folders of the data sets that are needed."""
    packages: tuple[str, ...] = ()
    """Packages beyond the core that are needed, by the names they are imported by."""
    files: tuple[str, ...] = ()
    """What was kept of it in the repository, as patterns: recipe, log, curve. Not compared."""


@dataclass(frozen=True, config=_STRICT)
class Figure:
    """One file, or several that one command makes."""

    name: str
    files: tuple[str, ...]
    """In the repository; `{out}` stands for the first one's, or for the folder of a pattern (`docs/reading/*.jpg`)."""
    commands: tuple[str, ...]
    """With `{out}`, `{work}` (the working folder), `{runs}` (that of training runs), `{data}` (that of data sets) and
    `{name}` of what is made."""
    minutes: float
    """About how long they take on two CPU cores, without what they need."""
    needs: tuple[str, ...] = ()
    """Names of what must be made before."""
    takes: dict[str, str] = field(default_factory=dict)
    """Options of the last command that are added where the thing of this name is at hand."""
    trains: bool = False
    """Whether the command itself trains, so that only --full runs it."""
    by_hand: str = ""
    """Why it is not run from here, where it is not."""
    data: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    tolerance: float = 0.005
    """How far a figure may lie from the committed one, absolute, or as a share of it where that is above 1."""
    full_tolerance: float = 0.05
    """The same after training anew."""
    part: str = ""
    """Which key of a JSON file is this figure's; empty: all of it."""
    apart: tuple[str, ...] = ()
    """Patterns of keys that are not compared, such as times."""

    def output(self) -> Path | None:
        """The file or folder that `{out}` stands for; None where no command writes such."""
        first = Path(self.files[0])
        place = first.parent if "*" in first.name else first
        return place if any("{out}" in command for command in self.commands) else None


@dataclass(frozen=True, config=_STRICT)
class Listing:
    """All of it."""

    made: tuple[Made, ...]
    figure: tuple[Figure, ...]

    def __post_init__(self) -> None:
        """Refuse names that are used twice or that nothing has."""
        for names in ([made.name for made in self.made], [figure.name for figure in self.figure]):
            if twice := sorted({name for name in names if names.count(name) > 1}):
                raise ValueError(f"a name is used twice: {', '.join(twice)}")
        known = {made.name for made in self.made}
        for item in self.items:
            needed = {item.name} if isinstance(item, Made) else {*item.needs, *item.takes}
            options = [] if isinstance(item, Made) else list(item.takes.values())
            if unknown := needed - known:
                raise ValueError(f"'{item.name}' needs what nothing makes: {', '.join(sorted(unknown))}")
            if unknown := set(_PLACE.findall(" ".join((*item.commands, *options)))) - needed - PLACES:
                raise ValueError(f"'{item.name}' uses what it does not need: {', '.join(sorted(unknown))}")

    @property
    def items(self) -> list[Made | Figure]:
        """All that is listed."""
        return [*self.made, *self.figure]

    def of(self, path: str) -> Iterator[Made | Figure]:
        """What makes a file of the repository."""
        return (item for item in self.items if any(fnmatchcase(path, p) for p in item.files))

    def chosen(self, names: list[str]) -> list[Figure]:
        """Figures by their names, all where none is given.

        Raises:
            InputError: there is no figure of a name.
        """
        known = {item.name: item for item in self.figure}
        for name in names:
            if name not in known:
                raise InputError(f"no figure '{name}': there are {', '.join(known)}")
        return [item for item in self.figure if not names or item.name in names]


def read_listing(root: Path) -> Listing:
    """Read the list of a clone of the repository.

    Raises:
        InputError: the folder is no clone, or what it has is not such a list; the message says where.
    """
    path = root / LISTING
    if not path.is_file():
        raise InputError(f"figures are reproduced in a clone of the repository: there is no '{LISTING}' in '{root}'")
    try:
        values: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
        return TypeAdapter(Listing).validate_python(values)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise InputError(f"'{path}': {faults}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"'{path}' is not TOML: {error}") from error
