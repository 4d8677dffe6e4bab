from __future__ import annotations

from collections.abc import Iterator

import cv2
import pytest
import torch
from api_served import Client, png, served

from drawn import flower
from lbie.server.models import Models


@pytest.fixture(scope="package")
def models() -> Iterator[Models]:
    """The bundled models, loaded. Servers share the threads out; afterwards they are as before."""
    threads = torch.get_num_threads(), cv2.getNumThreads()
    yield Models("cpu")
    torch.set_num_threads(threads[0])
    cv2.setNumThreads(threads[1])


@pytest.fixture(scope="package")
def api(models: Models) -> Iterator[Client]:
    """A server with the default limits."""
    with served(models) as client:
        yield client


@pytest.fixture(scope="package")
def photo() -> bytes:
    """A drawn flower as PNG."""
    return png(flower("red", 3, 128))
