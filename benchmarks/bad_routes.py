"""The ways by which a file comes into lbie, and what is a fault of one; as a process, each takes files one by one.

python benchmarks/bad_routes.py edit|segment|batch|api|editor   # lines of JSON in, lines of JSON out
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import resource
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

SENTENCE, DRAWN, PHRASE = "The flower is blue.", "The circle is red.", "the flower"
SECONDS = 10
"""Of the processor, for one file."""
MEMORY = 2**30
"""Bytes beyond those of the process with its models loaded."""
_VECTOR = (".svg", ".svgz", ".dxf")
_SENT = 40 * 2**20  # bytes of a file that are sent to the server, which takes 32 MiB


@dataclass(frozen=True)
class Outcome:
    """What became of a file."""

    kind: str
    """`result`, `refused` or `fault`."""
    code: str
    """Exit code, status, or type of the error."""
    said: str = ""
    """The line, where it was refused; what is wrong, where that is a fault."""


def command(words: list[str], output: Path) -> Outcome:
    """Call `lbie` in this process; `output` is what it should write."""
    from lbie.cli import main

    sys.argv = ["lbie", *words]
    with _caught() as caught:
        try:
            main()
            code = 0
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 1
        except BaseException:
            return Outcome("fault", "traceback", _last_line())
    return judge(code, caught["out"], caught["err"], output)


def judge(code: int, out: str, err: str, output: Path) -> Outcome:
    """What a command's exit code and lines come to."""
    lines = err.split("\n")[:-1]
    if not all(line.startswith("lbie: ") and line.isprintable() for line in lines):
        return Outcome("fault", str(code), f"lines that are none of lbie's: {err[:300]!r}")
    errors = [line.removeprefix("lbie: error: ") for line in lines if line.startswith("lbie: error: ")]
    if code == 0 and not errors and output.exists():
        return Outcome("result", "0")
    if code in (2, 3, 4, 5) and len(errors) == 1 and not output.exists() and not out:
        return Outcome("refused", str(code), errors[0])
    return Outcome("fault", str(code), f"{len(errors)} errors, output {output.exists()}, {out[:100]!r}, {err[:200]!r}")


def edit(place: Path, work: Path) -> Outcome:
    """`lbie edit`."""
    vector = place.suffix.lower() in _VECTOR
    output = work / ("out.svg" if vector else "out.png")
    return command(["edit", str(place), DRAWN if vector else SENTENCE, "-o", str(output), "--device", "cpu"], output)


def segment(place: Path, work: Path) -> Outcome:
    """`lbie segment`, of which whatever it finds is a result."""
    output = work / "out.png"
    return command(["segment", str(place), PHRASE, "-o", str(output), "--threshold", "0", "--device", "cpu"], output)


def batch(place: Path, work: Path) -> Outcome:
    """`lbie batch` of the folder that the file lies in."""
    from lbie.cli import main

    output = work / "results"
    sentence = DRAWN if place.suffix.lower() in _VECTOR else SENTENCE
    sys.argv = ["lbie", "batch", str(place.parent), sentence, "-o", str(output), "--device", "cpu", "--json"]
    with _caught() as caught:
        try:
            main()
            code = 0
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 1
        except BaseException:
            return Outcome("fault", "traceback", _last_line())
    return judge_batch(code, caught["out"], caught["err"], place.name)


def judge_batch(code: int, out: str, err: str, name: str) -> Outcome:
    """What the lines of `lbie batch --json` come to for a file."""
    foreign = [line for line in err.split("\n")[:-1] if not (line.startswith("lbie: ") and line.isprintable())]
    if foreign:
        return Outcome("fault", str(code), f"lines that are none of lbie's: {foreign[0][:300]!r}")
    if not out:
        error = err.rpartition("lbie: error: ")[2].strip()
        return Outcome("refused" if code == 2 and error else "fault", str(code), error or err[:300])
    told = json.loads(out)
    reason = next((failure["reason"] for failure in told["failures"] if failure["file"] == name), None)
    if reason is not None:
        return Outcome("fault" if reason.startswith("an unexpected") else "refused", "failed", reason)
    if code in (0, 3):
        done = told["done"] > 0
        return Outcome("result", "done") if done else Outcome("refused", "3", "nothing matched, or skipped")
    return Outcome("fault", str(code), err[:300])


def editor(place: Path, work: Path) -> Outcome:
    """`Editor`, in Python."""
    import numpy as np

    from lbie.editor import Editor
    from lbie.errors import LbieError

    try:
        result = Editor.from_pretrained("flowers", "cpu").set_image(place).edit(SENTENCE)
        sound = result.rgb.shape == (*result.mask.shape, 3) and bool(np.isfinite(result.mask).all())
        return Outcome("result", "") if sound else Outcome("fault", "", "arrays that do not fit")
    except LbieError as error:
        return Outcome("refused" if str(error).isprintable() else "fault", type(error).__name__, str(error))
    except BaseException:
        return Outcome("fault", "traceback", _last_line())


def api(place: Path, work: Path) -> Outcome:
    """`POST /v1/edit`: the file with its name; of what is no file, the path as the id of an image."""
    import requests

    root, form = _server(), {"sentence": SENTENCE}
    if place.is_file() and not str(place.resolve()).startswith("/proc"):
        with place.open("rb") as file:
            data = file.read(_SENT)
        name = os.fsencode(place.name).decode("utf-8", "replace")
        answer = requests.post(f"{root}/v1/edit", data=form, files={"image": (name, data)}, timeout=60)
    else:
        fields = {name: (None, value) for name, value in (form | {"image_id": str(place)[-64:]}).items()}
        answer = requests.post(f"{root}/v1/edit", files=fields, timeout=60)
    code = str(answer.status_code)
    if answer.status_code == 200:
        return Outcome("result", code)
    kind = answer.headers.get("content-type", "")
    detail = answer.json()["detail"] if kind == "application/problem+json" else answer.text[:300]
    typed = kind == "application/problem+json" and answer.status_code != 500 and detail.isprintable()
    return Outcome("refused" if typed and "/tmp" not in detail else "fault", code, detail)


ROUTES: dict[str, Callable[[Path, Path], Outcome]] = {
    "edit": edit, "segment": segment, "batch": batch, "api": api, "editor": editor,
}  # fmt: skip


@cache
def _server() -> str:
    """The address of a server in a thread of this process."""
    import threading

    from lbie.server.models import Models
    from lbie.server.run import make_server
    from lbie.server.settings import Settings
    from lbie.study.server import listen

    server = make_server(Settings(device="cpu", workers=1, store_bytes=2**28, time_to_live=5.0), Models("cpu"))
    stack = ExitStack()
    socket = stack.enter_context(listen("127.0.0.1", 0))
    threading.Thread(target=server.run, kwargs={"sockets": [socket]}, daemon=True).start()
    while not server.started:
        time.sleep(0.02)
    stack.pop_all()
    return f"http://127.0.0.1:{socket.getsockname()[1]}"


@contextmanager
def models_kept() -> Iterator[None]:
    """Models are loaded once, and a batch works in this process: else a file would take seconds."""
    from lbie.editor import Editor
    from lbie.scale import run

    loading, pool = Editor.__dict__["from_pretrained"], run.run_pool
    kept: dict[tuple[str, str, str], Any] = {}

    def load(cls: type, name: Any = "flowers", device: str = "auto", runtime: str = "auto", threads: int = 0) -> Any:
        key = str(name), device, runtime
        if key not in kept:
            kept[key] = loading.__func__(cls, name, device, runtime, threads)
        return kept[key]

    def in_this_process(items: Any, start: Any, workers: int) -> Iterator[Any]:
        one = start()
        for item in items:
            yield item, one(item)

    Editor.from_pretrained = classmethod(load)  # type: ignore[method-assign, assignment]
    run.run_pool = in_this_process  # type: ignore[assignment]
    try:
        yield
    finally:
        Editor.from_pretrained, run.run_pool = loading, pool  # type: ignore[method-assign, assignment]


@contextmanager
def _caught() -> Iterator[dict[str, str]]:
    """What is written to the standard output and to standard errors, by libraries in C, too."""
    caught: dict[str, str] = {}
    before = sys.stdout, sys.stderr
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        kept = os.dup(1), os.dup(2)
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        try:
            with (
                open(1, "w", encoding="utf-8", errors="backslashreplace", closefd=False) as sys.stdout,
                open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False) as sys.stderr,
            ):
                yield caught
        finally:
            sys.stdout, sys.stderr = before
            for number, own in enumerate(kept, 1):
                os.dup2(own, number)
                os.close(own)
            for name, file in (("out", out), ("err", err)):
                file.seek(0)
                caught[name] = file.read().decode("utf-8", "backslashreplace")


def _last_line() -> str:
    return " ".join(traceback.format_exc().split())[-400:]


def _status(field: str) -> int:
    """A line of /proc/self/status, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{field}:"))


def limit_memory() -> None:
    """From now on this process gets so much more: beyond that, allocations fail."""
    resource.setrlimit(resource.RLIMIT_DATA, (_status("VmData") + MEMORY,) * 2)


def measured(route: Callable[[Path, Path], Outcome], place: Path, start: int) -> dict[str, Any]:
    """Put a file through a route; beside the outcome, seconds of the processor and the peak of memory in MiB."""
    limit = int(time.process_time()) + SECONDS + 1
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    Path("/proc/self/clear_refs").write_text("5")  # the peak is now
    began = time.process_time()
    with tempfile.TemporaryDirectory() as work:
        outcome = route(place, Path(work))
        shutil.rmtree(Path(work) / "results", ignore_errors=True)
    seconds = time.process_time() - began
    peak = max(0, _status("VmHWM") - start)
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    return asdict(outcome) | {"seconds": round(seconds, 2), "mib": round(peak / 2**20)}


def main() -> None:
    import cv2
    import torch

    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    route = ROUTES[sys.argv[1]]
    with os.fdopen(os.dup(1), "w") as answers, models_kept(), tempfile.TemporaryDirectory() as work:
        from bad_pictures import drawn, saved

        for suffix, form in ((".png", "PNG"), (".tif", "TIFF")):
            place = Path(work) / f"good{suffix}"
            place.write_bytes(saved(drawn(), form))
            good = route(place, Path(work))
            shutil.rmtree(Path(work) / "results", ignore_errors=True)
        start = _status("VmRSS")
        limit_memory()
        print(json.dumps(asdict(good) | {"start_mib": start // 2**20}), file=answers, flush=True)
        for line in sys.stdin:
            print(json.dumps(measured(route, Path(json.loads(line)), start)), file=answers, flush=True)


if __name__ == "__main__":
    main()
