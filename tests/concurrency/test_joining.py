"""The last use of an invitation, and the last organisers: many at once."""

import pytest
from django.core.exceptions import ValidationError

from papers.models import Invitation, Membership
from papers.services import belonging, joining
from tests.concurrency.together import at_once, meeting
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(group):
    return [make_user(f"guest{number}") for number in range(12)]


@pytest.fixture
def invitation(group, alice):
    return joining.invite(group=group, by=alice, role="member", days=7, uses=3)[0]


def number_let_in(group, people):
    return group.memberships.filter(user__in=people).count()


def test_three_uses_let_in_three_of_twelve(group, people, invitation):
    assert at_once(lambda user: joining.accept(invitation, by=user), *people) == []
    assert number_let_in(group, people) == 3
    assert Invitation.objects.get().uses_left == 0


def test_without_the_lock_they_let_in_more(group, people, invitation, monkeypatch):
    """The control: this is the race that the lock keeps out. The database's own check is left."""
    meet = meeting(len(people))

    def no_lock(pk):
        found = Invitation.objects.select_related("group").get(pk=pk)
        meet()
        return found

    monkeypatch.setattr(joining, "lock", no_lock)
    at_once(lambda user: joining.accept.__wrapped__(invitation, by=user), *people)
    assert number_let_in(group, people) > 3


def test_one_person_who_clicks_often_is_one_member_and_one_use(group, people, invitation):
    assert at_once(lambda _: joining.accept(invitation, by=people[0]), *range(8)) == []
    assert number_let_in(group, people) == 1
    assert Invitation.objects.get().uses_left == 2


@pytest.fixture
def organisers(group, alice):
    dora = make_user("dora")
    Membership.objects.create(group=group, user=dora, role="organiser")
    return list(group.memberships.organisers())


def delete(act, membership):
    act(membership.user, keep_writings=True)


WAYS = {
    "leave": ("end", lambda act, one: act(one, by=one.user)),
    "step down": ("set_role", lambda act, one: act(one, "member", by=one.user)),
    "delete the account": ("delete_account", delete),
}


@pytest.mark.parametrize("way", sorted(WAYS))
def test_of_two_organisers_who_go_at_once_one_stays(group, organisers, way):
    name, go = WAYS[way]
    raised = at_once(lambda one: go(getattr(belonging, name), one), *organisers)
    assert [type(error) for error in raised] == [ValidationError]
    assert group.memberships.organisers().count() == 1


@pytest.mark.parametrize("way", sorted(WAYS))
def test_without_the_lock_none_stays(group, organisers, way, monkeypatch):
    """The control: each looks while the other is still there, and goes."""
    meet, others_run = meeting(len(organisers)), belonging._others_run

    def slow(membership):
        found = others_run(membership)
        meet()
        return found

    monkeypatch.setattr(belonging, "_others_run", slow)
    monkeypatch.setattr(belonging, "lock_group", lambda pk: None)
    monkeypatch.setattr(belonging, "lock_groups", lambda user: None)
    name, go = WAYS[way]
    at_once(lambda one: go(getattr(belonging, name).__wrapped__, one), *organisers)
    assert group.memberships.organisers().count() == 0
