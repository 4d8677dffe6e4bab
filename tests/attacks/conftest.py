from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import pytest
from attacked import END, LIMITS, Attacked, attacked, part, status, wait_until
from PIL import Image


@pytest.fixture(scope="package")
def small_photo() -> bytes:
    """A PNG."""
    out = io.BytesIO()
    Image.fromarray(np.full((16, 16, 3), 90, np.uint8)).save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory, small_photo: bytes) -> Iterator[Attacked]:
    """`lbie serve` with low limits; at the end it holds what it held at the start, and has not failed by itself."""
    words = ("-m", "lbie.cli", "serve", "--port", "0", "--device", "cpu", *LIMITS)
    with attacked(tmp_path_factory.mktemp("served"), *words) as found:
        asked = {b"flowers": b"The flower is red in color.", b"photos": b"blur the dog"}
        asked |= {b"sketch": b"All shapes are red.", b"cosal": b"The circle is red."}
        for model, sentence in asked.items():  # all are in memory before it is measured
            form = part("image", small_photo, "x") + part("sentence", sentence) + part("model", model) + END
            assert status(found.post("/v1/edit", form)) in ({200} if model == b"flowers" else {200, 422}), model
        for path in ("/metrics", "/healthz", "/v1/images/none", "/v1/examples/flower"):
            found.get(path)
        files, threads, memory = found.files, found.threads, found.mebibytes
        yield found
        wait_until(lambda: found.files == files and not found.metric("lbie_running "))
        assert found.threads <= threads + 2  # workers start when they are first needed
        assert found.mebibytes - memory < 64
        assert "Traceback" not in "".join(found.log)


@pytest.fixture
def alive(server: Attacked) -> Iterator[None]:
    """It answers after a test as before."""
    yield
    assert server.process.poll() is None
    assert status(server.get("/healthz")) == 200
