"""Whatever values a configuration has: it is refused in one line, or there is a model of it that works."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from hypothesis import HealthCheck, given, settings

import strategies as any_of
from lbie.errors import InputError
from lbie.language.vocabulary import PADDING, UNKNOWN, Vocabulary
from lbie.model.config import ModelConfig
from lbie.model.editing_model import CONFIG, EditingModel, read_config

WORDS = Vocabulary([PADDING, UNKNOWN, "red", "blue"])
QUICK = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def accepted(folder: Path, values: dict[str, Any]) -> ModelConfig | None:
    """What is read of values; None where they are refused in one line."""
    (folder / CONFIG).write_bytes(json.dumps(values).encode("utf-8", "surrogatepass"))
    try:
        return read_config(folder)
    except InputError as error:
        assert str(error).isprintable() and len(str(error)) < 1_000
        return None


@given(any_of.configurations())
@QUICK
def test_what_is_accepted_is_built_loaded_and_run(tmp_path: Path, values: dict[str, Any]) -> None:
    config = accepted(tmp_path, values)
    if config is None:
        return
    EditingModel(config, WORDS).save_pretrained(tmp_path / "model")
    model = EditingModel.load_folder(tmp_path / "model")
    assert model.config == config
    if model.pieces:
        return
    side = 2 * model.image_encoder.size_multiple
    ids = torch.tensor([[2, 3]])
    with torch.no_grad():
        out = model(torch.zeros(1, config.in_channels, side, side), ids[None] if config.by_sentence else ids)
    assert out.output.isfinite().all()


@given(any_of.wrong_configurations())
@QUICK
def test_anything_is_a_configuration_or_refused(tmp_path: Path, values: dict[str, Any]) -> None:
    assert isinstance(accepted(tmp_path, values), ModelConfig | None)
