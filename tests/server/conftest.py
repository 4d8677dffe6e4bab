from __future__ import annotations

from collections.abc import Iterator

import pytest
from api_served import Client, png, served

from drawn import flower
from lbie.server.models import Models


@pytest.fixture(scope="package")
def models() -> Models:
    """The bundled models, loaded."""
    return Models("cpu")


@pytest.fixture(scope="package")
def api(models: Models) -> Iterator[Client]:
    """A server with the default limits."""
    with served(models) as client:
        yield client


@pytest.fixture(scope="package")
def photo() -> bytes:
    """A drawn flower as PNG."""
    return png(flower("red", 3, 128))
