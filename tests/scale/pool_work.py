"""What works on items in the tests of the pool, in processes of their own."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

from lbie.errors import InputError, ResourceError
from lbie.image_io import decode_image, encode_image
from lbie.remote import read_from
from lbie.scale.journal import Item, Outcome
from lbie.scale.settings import BatchSettings


def starts() -> Callable[[Item], Outcome]:
    return work


def work(item: Item) -> Outcome:
    if item.path == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if item.path == "exit":
        os._exit(3)
    if item.path == "full":
        raise ResourceError("the disk is full")
    if item.path == "sleep":
        time.sleep(60)
    return Outcome("done", item.path.encode(), details={"process": os.getpid()})


def refuses() -> Callable[[Item], Outcome]:
    raise InputError("no such device")


def breaks() -> Callable[[Item], Outcome]:
    raise ValueError("a broken installation")


def dies() -> Callable[[Item], Outcome]:
    os._exit(1)


class Negatives:
    """Knows no model: it turns pictures into their negatives, and dies of a file called `die.png`."""

    def __init__(self, settings: BatchSettings, device: str, threads: int, runtime: str) -> None:
        if device == "none":
            raise InputError("no such device")
        self.settings = settings

    def __call__(self, item: Item) -> Outcome:
        if item.path.endswith("die.png"):
            os.kill(os.getpid(), signal.SIGKILL)
        try:
            data = read_from(self.settings.source, item.path, "the image", 10_000_000, "an image")
            source = decode_image(data, "the image")
        except InputError as error:
            return Outcome("failed", reason=str(error))
        return Outcome("done", encode_image(255 - source.rgb, ".png", source=source)[0])
