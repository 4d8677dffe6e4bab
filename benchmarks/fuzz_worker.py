"""A process that fuzzes one reader with atheris until its time of the processor is over or it dies; started by fuzz.py.

python benchmarks/fuzz_worker.py TARGET FOLDER [flags of libFuzzer]
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
import traceback
import warnings
from pathlib import Path

SECONDS = 10
"""Of the processor, for one input."""
MEMORY = 2**30
"""Bytes beyond the process at its start, at the peak."""


def signature(error: BaseException) -> str:
    """Type of an error and the innermost place in lbie, by which crashes are told apart."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "/lbie/" in f.filename]
    place = f"{frames[-1].filename.rpartition('/lbie/')[2].replace('/', '.')}-{frames[-1].lineno}" if frames else "none"
    return f"{type(error).__name__}-{place}"


def keep(folder: Path, name: str, data: bytes, told: str) -> None:
    """Keep an input of a crash, unless one like it is there."""
    if not (folder / f"{name}.bin").exists():
        (folder / f"{name}.bin").write_bytes(data)
        (folder / f"{name}.txt").write_text(told, "utf-8", "backslashreplace")


def peak() -> int:
    """Bytes of resident memory at the peak so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    import atheris

    name, folder = sys.argv[1], Path(sys.argv[2])
    warnings.simplefilter("ignore")
    with atheris.instrument_imports(include=["lbie", *os.environ["LBIE_FUZZ_PARSERS"].split()]):
        from fuzz_targets import TARGETS

        target = TARGETS[name]
        for seed in target.seeds():  # modules that are imported as they are needed
            try:
                target.run(seed[: target.most_bytes])
            except Exception as error:
                keep(folder / "crashes", signature(error), seed, traceback.format_exc())
    start, ends = peak(), time.process_time() + float(os.environ["LBIE_FUZZ_SECONDS"])

    def once(data: bytes) -> None:
        began = time.process_time()
        try:
            target.run(data)
        except Exception as error:
            keep(folder / "crashes", signature(error), data, traceback.format_exc())
        if (took := time.process_time() - began) > SECONDS:
            keep(folder / "crashes", "slow", data, f"{took:.1f} s of the processor")
        if (taken := peak() - start) > MEMORY:
            keep(folder / "crashes", "large", data, f"{taken / 2**20:.0f} MiB")
            os._exit(1)
        if time.process_time() > ends:
            os.kill(os.getpid(), signal.SIGUSR1)  # by which libFuzzer ends after this input

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    atheris.Setup([sys.argv[0], *sys.argv[3:]], once, enable_python_coverage=True)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
