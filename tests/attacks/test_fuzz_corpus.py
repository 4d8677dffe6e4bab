"""The small inputs that fuzzing left (benchmarks/fuzz.py): together they run through what it reached of each reader."""

from __future__ import annotations

from pathlib import Path

import pytest

from fuzzed import targets

CORPUS = Path(__file__).resolve().parents[1] / "fuzz_corpus"


@pytest.mark.parametrize("name", targets.TARGETS)
def test_kept_inputs_are_read_or_refused(name: str) -> None:
    inputs = [path.read_bytes() for path in sorted((CORPUS / name).iterdir())]
    assert inputs and sum(map(len, inputs)) < 50_000
    for data in inputs:
        targets.TARGETS[name].run(data)
