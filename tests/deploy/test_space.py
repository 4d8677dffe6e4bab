"""The Space in deploy/space: started once, and what it gives is what `Editor` gives."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from packaging.requirements import Requirement
from PIL import Image

from lbie import Editor
from lbie.samples import sample_path

ROOT = Path(__file__).resolve().parents[2]
SPACE = ROOT / "deploy" / "space"
SENTENCE = "The flower is blue in color."


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A client of the running page."""
    reason = "needs lbie[space]: gradio, which is not in lbie[test] as it holds Pillow below 13"
    pytest.importorskip("gradio", reason=reason)
    from gradio_client import Client

    patch = pytest.MonkeyPatch()
    patch.setenv("GRADIO_TEMP_DIR", str(tmp_path_factory.mktemp("gradio")))
    patch.setenv("HF_HUB_OFFLINE", "1")
    patch.syspath_prepend(str(SPACE))
    page = import_module("app").page()
    _, url, _ = page.launch(prevent_thread_lock=True, server_name="127.0.0.1", quiet=True)
    yield Client(url, verbose=False)
    page.close()
    sys.modules.pop("app")
    patch.undo()


def test_it_edits_as_the_editor_does(client):
    from gradio_client import handle_file

    image, steps, told = client.predict(
        handle_file(str(sample_path("flower"))), SENTENCE, "by image and sentence", 1, api_name="/edit"
    )
    expected = Editor.from_pretrained("flowers").set_image("sample:flower").edit(SENTENCE)
    with Image.open(image) as result:
        np.testing.assert_array_equal(np.asarray(result), expected.rgb)
    with Image.open(steps) as sheet:
        assert min(sheet.size) > 200
    assert told.startswith("flowers: ") and f"confidence {expected.confidence:.2f}" in told


@pytest.mark.parametrize(
    ("sample", "sentence", "says"),
    [("flower", "zzz", "no word of the sentence"), ("flower", " ", "empty"), (None, SENTENCE, "choose an image")],
)
def test_it_says_what_is_wrong(client, sample, sentence, says):
    from gradio_client import handle_file
    from gradio_client.exceptions import AppError

    image = handle_file(str(sample_path(sample))) if sample else None
    with pytest.raises(AppError, match=says):
        client.predict(image, sentence, "flowers", 1, api_name="/edit")


def test_the_header_is_that_of_a_space():
    header = yaml.safe_load((SPACE / "README.md").read_text("utf-8").split("---")[1])
    assert header["sdk"] == "gradio" and header["app_file"] == "app.py" and (SPACE / "app.py").is_file()
    assert len(header["short_description"]) <= 60


def test_the_requirements_are_of_this_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = (SPACE / "requirements.txt").read_text().split("\n")
    core = {Requirement(needed).name for needed in project["dependencies"]}
    pins = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if line.split("==")[0] in core]
    assert pins and set(pins) <= set(lines)
    wheel = next(line for line in lines if line.startswith("lbie"))
    assert re.fullmatch(rf"lbie\[demo\] @ https://.*/lbie-{re.escape(project['version'])}-py3-none-any\.whl", wheel)
