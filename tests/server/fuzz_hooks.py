"""Hooks of schemathesis: most requests that it makes up as they should be get a real image, sentence or id."""

from __future__ import annotations

import os
import random
from typing import Any

import requests
import schemathesis
from api_served import png

from drawn import flower

_IMAGE = png(flower("red", 1, 48))
_ROOT = os.environ["LBIE_FUZZED"]
_DRAWS = random.Random(0)
_SENTENCES = ("The flower is red in color.", "make the flower darker", "cut out the flower", "blur the background")


def _result_id() -> str:
    form = {"image": ("x", _IMAGE), "sentence": (None, _SENTENCES[1]), "model": (None, "photos")}
    return requests.post(f"{_ROOT}/v1/edit", files=form, timeout=60).json()["id"]


_ID = _result_id()


@schemathesis.hook
def before_call(_context: Any, case: Any, **_: Any) -> None:
    """Fill in what is real."""
    if not case.meta or case.meta.generation.mode != schemathesis.GenerationMode.POSITIVE or _DRAWS.random() < 0.2:
        return
    if case.path_parameters:
        case.path_parameters = {k: _ID if k.endswith("_id") else v for k, v in case.path_parameters.items()}
    if isinstance(case.body, dict):
        case.body = {"image": _IMAGE} if case.operation.path == "/v1/images" else _filled(case.body)


def _filled(body: dict[str, Any]) -> dict[str, Any]:
    body = {k: v for k, v in body.items() if k not in ("image", "image_id", "mask", "model")}
    if _DRAWS.random() < 0.5:
        body["image"] = _IMAGE
    else:
        body["image_id"] = _ID
    if "sentence" in body or not body.get("phrase"):
        body["sentence"] = _DRAWS.choice(_SENTENCES)
        body.pop("phrase", None)
    if _DRAWS.random() < 0.7:
        body = {k: v for k, v in body.items() if k not in ("keep_background", "then", "hints", "seed", "strength")}
    return body
