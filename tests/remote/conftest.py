import pytest

from tests.remote.loopback import loopback


@pytest.fixture
def server():
    """Answer as the test tells it."""
    with loopback() as told:
        yield told
