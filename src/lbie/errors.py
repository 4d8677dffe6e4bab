"""The errors `lbie` raises on purpose: one line for a person, one exit code for a script."""

from __future__ import annotations

import errno


def shown(name: str) -> str:
    """A name on one line: what is not printable (line ends, terminal codes, marks of direction) is escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in name)


class LbieError(Exception):
    """Base of every expected error. `str(error)` is one readable line; `exit_code` is what the CLI ends with."""

    exit_code = 2

    def __init__(self, message: str) -> None:
        """Take the line; whatever it quotes, it stays one."""
        super().__init__(shown(message))


class InputError(LbieError):
    """The image, path, option or model that was given cannot be used (exit code 2)."""


class ImageSizeError(InputError):
    """The image has more pixels than the limit allows."""

    def __init__(self, message: str, advice: str = "") -> None:
        """Take what is too large, and what to do."""
        super().__init__(f"{message}: {advice}" if advice else message)
        self.message = message


class NoMatchError(LbieError):
    """Nothing in the image matches what was named: an answer, which the command line gives as exit code 3."""

    exit_code = 3


class SentenceError(LbieError):
    """The sentence does not apply to this model or image (exit code 4)."""

    exit_code = 4


class ResourceError(LbieError):
    """Not enough of something the machine has to give: memory, disk, a device (exit code 5)."""

    exit_code = 5


def is_full_disk(error: BaseException | None) -> bool:
    """Whether a file could not be written because the disk, or what one may have of it, is full."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


_NO_MEMORY = (
    "can't start new thread",
    *("not enough memory", "Insufficient memory", "can't allocate memory", "Failed to allocate memory"),
    *("bad allocation", "bad_alloc"),
)


def is_out_of_memory(error: BaseException | None) -> bool:
    """Whether Python, OpenCV, torch on the processor or on a device, or ONNX Runtime found no memory."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, Exception) and any(words in str(error) for words in _NO_MEMORY)
