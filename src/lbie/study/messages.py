"""What the page sends to the server, checked."""

from __future__ import annotations

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

MAX_NAME = 64


def _clean_name(name: str) -> str:
    """One spelling of a name: composed, single spaces."""
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if any(unicodedata.category(c) in ("Cc", "Cs") for c in name):
        raise ValueError("a name cannot hold control characters")
    if len(name) > MAX_NAME:
        raise ValueError(f"a name has at most {MAX_NAME} characters")
    return name


Name = Annotated[str, Field(max_length=4 * MAX_NAME), AfterValidator(_clean_name)]
Points = Annotated[int, Field(ge=1, le=5)]


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Start(_Message):
    """Someone begins, or comes back."""

    rater: Name
    """Empty for a random name."""


class Rate(_Message):
    """A rating."""

    rater: Annotated[Name, Field(min_length=1)]
    item: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    consistency: Points
    quality: Points
