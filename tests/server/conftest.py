from __future__ import annotations

from collections.abc import Iterator

import pytest
from api_served import Client, served

from drawn import flower
from lbie.server.models import Models


@pytest.fixture(scope="session")
def models() -> Models:
    """The bundled models, loaded."""
    return Models("cpu")


@pytest.fixture(scope="session")
def api(models: Models) -> Iterator[Client]:
    """A server with the default limits."""
    with served(models) as client:
        yield client


@pytest.fixture(scope="session")
def photo() -> bytes:
    """A drawn flower as PNG."""
    from api_served import png

    return png(flower("red", 3, 128))
