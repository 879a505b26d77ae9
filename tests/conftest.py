"""The small cast of the tests: Alice organises, Bob is a member, Charlie must see nothing."""

import os

import pytest

os.environ.setdefault("DEBUG", "1")
os.environ["HTTPS"] = "0"

from tests.factories import make_group, make_user  # noqa: E402


@pytest.fixture
def alice(db):
    return make_user("alice")


@pytest.fixture
def bob(db):
    return make_user("bob")


@pytest.fixture
def charlie(db):
    """A member of another group."""
    charlie = make_user("charlie")
    make_group("Others", members=[charlie])
    return charlie


@pytest.fixture
def group(alice, bob):
    return make_group(organisers=[alice], members=[bob])
