"""What races share."""

import pytest

from tests.smtp import Server


@pytest.fixture
def server():
    """A mail server of the test's own."""
    server = Server()
    yield server
    server.shutdown()
    server.server_close()
