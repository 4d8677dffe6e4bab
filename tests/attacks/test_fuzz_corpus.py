"""The small inputs that fuzzing left (benchmarks/fuzz.py): together they run through what it reached of each reader."""

from __future__ import annotations

from pathlib import Path

import pytest

from fuzzed import targets

CORPUS = Path(__file__).resolve().parents[1] / "fuzz_corpus"


@pytest.mark.parametrize("name", targets.TARGETS)
def test_kept_inputs_are_read_or_refused(name: str) -> None:
    """Where no fuzzing has left any yet, those that it begins with."""
    kept = [path.read_bytes() for path in sorted((CORPUS / name).glob("*"))]
    assert sum(map(len, kept)) < 50_000
    for data in kept or targets.TARGETS[name].seeds():
        targets.TARGETS[name].run(data)
