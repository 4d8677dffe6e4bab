"""The errors `lbie` raises on purpose: one line for a person, one exit code for a script."""

from __future__ import annotations


class LbieError(Exception):
    """Base of every expected error. `str(error)` is one readable line; `exit_code` is what the CLI ends with."""

    exit_code = 2


class InputError(LbieError):
    """The image, path, option or model that was given cannot be used (exit code 2)."""


class ImageSizeError(InputError):
    """The image has more pixels than the limit allows."""


class NoMatchError(LbieError):
    """Nothing in the image matches what was named: an answer, which the command line gives as exit code 3."""

    exit_code = 3


class SentenceError(LbieError):
    """The sentence does not apply to this model or image (exit code 4)."""

    exit_code = 4


class ResourceError(LbieError):
    """Not enough of something the machine has to give: memory, disk, a device (exit code 5)."""

    exit_code = 5
