"""Several superusers set up the first group, or add the same person, at once."""

import pytest
from django.core.exceptions import ValidationError

from papers.models import Group
from papers.services import group_setup, memberships
from tests.concurrency.together import at_once, rendezvous
from tests.factories import make_group, make_user

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 8


@pytest.fixture
def roots(db):
    return [make_user(f"root{number}", is_superuser=True) for number in range(MANY)]


@pytest.fixture
def new_group(db):
    return make_group("New", set_up_at=None)


def set_up(act, group, by):
    act(
        group=Group.objects.get(pk=group.pk),
        by=by,
        name=by.name,
        slug=by.username,
        time_zone="Europe/Berlin",
        weekday=None,
        meets_at=None,
    )


def test_one_of_many_sets_the_group_up(new_group, roots):
    raised = at_once(lambda by: set_up(group_setup.set_up_group, new_group, by), *roots)
    assert [type(error) for error in raised] == [ValidationError] * (MANY - 1)
    organiser = new_group.memberships.get().user
    new_group.refresh_from_db()
    assert (new_group.name, new_group.slug) == (organiser.name, organiser.username)


def test_without_the_lock_several_do(new_group, roots, monkeypatch):
    """The control: this is the race that the lock keeps out."""
    meet = rendezvous(MANY)

    def no_lock(pk):
        found = Group.objects.get(pk=pk)
        meet()
        return found

    monkeypatch.setattr(memberships, "lock_group", no_lock)
    monkeypatch.setattr(memberships, "make_organiser", lambda **_: None)
    raised = at_once(lambda by: set_up(group_setup.set_up_group.__wrapped__, new_group, by), *roots)
    assert len(raised) < MANY - 1


def test_a_person_added_by_many_is_one_member(new_group, roots):
    nora = make_user("nora")
    raised = at_once(
        lambda by: memberships.add_member(group=new_group, user=nora, role="member", by=by), *roots
    )
    assert [type(error) for error in raised] == [ValidationError] * (MANY - 1)
    assert new_group.memberships.count() == 1
