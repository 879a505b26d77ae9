"""The last use of an invitation, and the last organisers: many at once."""

import pytest
from django.core.exceptions import ValidationError

from papers.models import Invitation, JoinRequest, Membership
from papers.services import joining, memberships
from tests.concurrency.together import at_once, rendezvous
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(group):
    return [make_user(f"guest{number}") for number in range(12)]


@pytest.fixture
def invitation(group, alice):
    return joining.create_invitation(group=group, by=alice, role="member", days=7, uses=3)[0]


def number_let_in(group, people):
    return group.memberships.filter(user__in=people).count()


def test_three_uses_let_in_three_of_twelve(group, people, invitation):
    raised = at_once(
        lambda user: joining.accept_invitation(invitation=invitation, by=user), *people
    )
    assert raised == []
    assert number_let_in(group, people) == 3
    assert Invitation.objects.get().uses_left == 0


def test_without_the_lock_they_let_in_more(group, people, invitation, monkeypatch):
    """The control: this is the race that the lock keeps out. The database's own check is left."""
    meet = rendezvous(len(people))

    def no_lock(pk):
        found = Invitation.objects.select_related("group").get(pk=pk)
        meet()
        return found

    monkeypatch.setattr(joining, "lock_invitation", no_lock)
    monkeypatch.setattr(joining, "lock_group", lambda pk: None)
    monkeypatch.setattr(joining, "lock_user", lambda pk: pk)
    at_once(
        lambda user: joining.accept_invitation.__wrapped__(invitation=invitation, by=user), *people
    )
    assert number_let_in(group, people) > 3


def test_one_person_who_clicks_often_is_one_member_and_one_use(group, people, invitation):
    raised = at_once(
        lambda _: joining.accept_invitation(invitation=invitation, by=people[0]), *range(8)
    )
    assert raised == []
    assert number_let_in(group, people) == 1
    assert Invitation.objects.get().uses_left == 2


@pytest.fixture
def organisers(group, alice):
    dora = make_user("dora")
    Membership.objects.create(group=group, user=dora, role="organiser")
    return list(group.memberships.organisers())


def delete(act, membership):
    act(user=membership.user, keep_writings=True)


WAYS = {
    "leave": ("end_membership", lambda act, one: act(membership=one, by=one.user)),
    "step down": ("set_role", lambda act, one: act(membership=one, role="member", by=one.user)),
    "delete the account": ("delete_account", delete),
}


@pytest.mark.parametrize("way", sorted(WAYS))
def test_of_two_organisers_who_go_at_once_one_stays(group, organisers, way):
    name, go = WAYS[way]
    raised = at_once(lambda one: go(getattr(memberships, name), one), *organisers)
    assert [type(error) for error in raised] == [ValidationError]
    assert group.memberships.organisers().count() == 1


@pytest.mark.parametrize("way", sorted(WAYS))
def test_without_the_lock_none_stays(group, organisers, way, monkeypatch):
    """The control: each looks while the other is still there, and goes."""
    meet, others_run = rendezvous(len(organisers)), memberships._has_other_organiser

    def slow(membership):
        found = others_run(membership)
        meet()
        return found

    monkeypatch.setattr(memberships, "_has_other_organiser", slow)
    monkeypatch.setattr(memberships, "lock_group", lambda pk: None)
    monkeypatch.setattr(memberships, "lock_groups_of", lambda user: None)
    monkeypatch.setattr(memberships, "lock_user", lambda pk: None)
    monkeypatch.setattr(memberships.publishing, "raise_for_presenter", lambda user: None)
    name, go = WAYS[way]
    at_once(lambda one: go(getattr(memberships, name).__wrapped__, one), *organisers)
    assert group.memberships.organisers().count() == 0


def test_the_last_one_leaves_while_others_come_in(group, alice, bob, invitation):
    """Whoever comes in finds an organiser, or the door closed: never a group that nobody runs."""
    bob.memberships.all().delete()
    guests = [make_user(f"late{number}") for number in range(3)]

    def act(person):
        if person == alice:
            memberships.end_membership(membership=alice.memberships.get(), by=alice)
        else:
            joining.accept_invitation(invitation=invitation, by=person)

    raised = at_once(act, *guests[:2], alice, guests[2])
    assert [type(error) for error in raised] in ([], [ValidationError])
    assert group.memberships.organisers().exists() or not group.memberships.exists()


def test_deleting_an_account_while_it_joins_is_one_or_the_other(group, people, invitation):
    person = people[0]

    def act(what):
        if what == "delete":
            memberships.delete_account(user=person, keep_writings=True)
        else:
            joining.accept_invitation(invitation=invitation, by=person)

    assert at_once(act, "delete", "join", "join", "join") == []
    assert not group.memberships.filter(user__username=person.username).exists()


def test_who_withdraws_while_being_let_in_is_in_or_not_asked(group, alice, people):
    asked = JoinRequest.objects.create(group=group, user=people[0])

    def act(what):
        if what == "withdraw":
            JoinRequest.objects.filter(pk=asked.pk).delete()
        else:
            joining.accept_request(request=JoinRequest.objects.get(pk=asked.pk), by=alice, link="")

    at_once(act, "withdraw", "admit")
    assert not JoinRequest.objects.exists()


def test_two_who_invite_at_once_send_no_more_than_a_day_allows(group, alice, monkeypatch):
    monkeypatch.setattr(joining, "MAX_MAILS_PER_DAY", 3)

    def invite(name):
        addresses = [f"{name}{number}@example.org" for number in range(2)]
        return joining.send_invitations(
            group=group, role="member", days=7, addresses=addresses, by=alice, link=str
        )

    raised = at_once(invite, "a", "b", "c")
    assert [type(error) for error in raised] == [ValidationError] * 2
    assert group.invitations.count() == 2
