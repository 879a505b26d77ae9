"""Who is going to a meeting: answers, seats, and the waiting list."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from papers.models import Discussion, Membership, Notice, Rsvp
from papers.services import agenda, memberships, rsvps, scheduling
from tests.factories import make_group, make_meeting, make_paper, make_user
from tests.pages import html_of, text_of


@pytest.fixture
def meeting(group, alice):
    """One with two seats."""
    return make_meeting(group=group, seats=2, created_by=alice)


@pytest.fixture
def crowd(group):
    """Five more members, by name."""
    found = [make_user(name) for name in ("dan", "eve", "fay", "gus", "hal")]
    Membership.objects.bulk_create(Membership(group=group, user=user) for user in found)
    return found


def come(meeting, *users, answer="coming"):
    return [rsvps.set_rsvp(discussion=meeting, user=user, answer=answer) for user in users]


def names(rsvps):
    return [rsvp.user.username for rsvp in rsvps]


def seats_told():
    """Whom a free seat was told, in order."""
    notices = Notice.objects.filter(event="seat").order_by("pk")
    return list(notices.values_list("user__username", flat=True))


def said(meeting, user, answer, client, **data):
    client.force_login(user)
    url = reverse("discussion-rsvp", args=[meeting.group.slug, meeting.pk])
    return client.post(url, {"answer": answer, **data})


def page(meeting, user, client):
    client.force_login(user)
    return text_of(client.get(meeting.get_absolute_url()))


def test_the_first_have_seats_and_the_others_wait_in_order(meeting, crowd):
    stands = come(meeting, *crowd)
    assert [stand.waiting_position for stand in stands] == [0, 0, 1, 2, 3]
    assert [str(stand) for stand in stands[1:4]] == [
        "You are going.",
        "You are first on the waiting list.",
        "You are second on the waiting list.",
    ]
    line = rsvps.attendance_of(meeting)
    assert names(line.seated) == ["dan", "eve"]
    assert names(line.waiting) == ["fay", "gus", "hal"]


def test_who_says_it_again_keeps_their_turn(meeting, crowd):
    come(meeting, *crowd)
    come(meeting, crowd[0])
    assert names(rsvps.attendance_of(meeting).seated) == ["dan", "eve"]


@pytest.mark.parametrize("answer", ["remote", "not", ""])
def test_who_leaves_gives_their_seat_to_the_first_who_waits(meeting, crowd, answer):
    come(meeting, *crowd)
    come(meeting, crowd[0], answer=answer)
    line = rsvps.attendance_of(meeting)
    assert names(line.seated) == ["eve", "fay"]
    assert names(line.waiting) == ["gus", "hal"]
    assert seats_told() == ["fay"]
    come(meeting, crowd[0])  # back again: at the end
    assert names(rsvps.attendance_of(meeting).waiting) == ["gus", "hal", "dan"]
    assert seats_told() == ["fay"]


def test_who_waits_and_leaves_moves_nobody_to_a_seat(meeting, crowd):
    come(meeting, *crowd)
    come(meeting, crowd[3], answer="not")
    assert names(rsvps.attendance_of(meeting).waiting) == ["fay", "hal"]
    assert seats_told() == []


def test_a_seat_that_comes_twice_is_told_twice(meeting, crowd):
    dan, eve, fay = crowd[:3]
    come(meeting, dan, eve, fay)
    come(meeting, dan, answer="not")
    come(meeting, fay, answer="not")
    come(meeting, dan, fay)
    come(meeting, eve, answer="remote")
    assert seats_told() == ["fay", "fay"]


def test_without_a_number_of_seats_all_have_one(group, crowd):
    meeting = make_meeting(group=group)
    assert {stand.waiting_position for stand in come(meeting, *crowd)} == {0}
    assert rsvps.attendance_of(meeting).waiting == []


def test_more_seats_are_told_and_fewer_let_the_last_wait(meeting, crowd, alice):
    come(meeting, *crowd)
    scheduling.update_discussion(discussion=meeting, by=alice, seats=4)
    assert seats_told() == ["fay", "gus"]
    scheduling.update_discussion(discussion=meeting, by=alice, seats=3)
    meeting.refresh_from_db()
    assert names(rsvps.attendance_of(meeting).waiting) == ["gus", "hal"]
    scheduling.update_discussion(discussion=meeting, by=alice, seats=None)
    assert seats_told() == ["fay", "gus", "gus", "hal"]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"state": "polling"}, "no date yet"),
        ({"state": "cancelled"}, "is cancelled"),
        ({"state": "held"}, "is held"),
        ({"is_written": True}, "in writing"),
        ({"starts_at": timezone.now() - timedelta(hours=2)}, "is over"),
    ],
    ids=["polling", "cancelled", "held", "written", "over"],
)
def test_what_takes_no_answers_says_why(group, bob, client, fields, why):
    meeting = make_meeting(group=group, **fields)
    with pytest.raises(ValidationError, match=why):
        come(meeting, bob)
    assert said(meeting, bob, "coming", client).status_code == 302
    assert why in page(meeting, bob, client)
    assert "Who is coming" not in page(meeting, bob, client)
    assert not Rsvp.objects.exists()


def test_a_meeting_that_has_begun_still_takes_them(group, bob):
    meeting = make_meeting(group=group, starts_at=timezone.now() - timedelta(minutes=10))
    assert str(come(meeting, bob)[0]) == "You are going."


def test_only_members_come(meeting, charlie, bob):
    with pytest.raises(ValidationError):
        come(meeting, charlie)
    bob.is_active = False
    bob.save()
    with pytest.raises(ValidationError):
        come(meeting, bob)
    assert not Rsvp.objects.exists()


def test_an_answer_in_a_transaction_that_holds_the_group_and_the_meeting(meeting, bob):
    with transaction.atomic():
        agenda.lock_group_and_discussion(meeting)
        come(meeting, bob)
    assert names(rsvps.attendance_of(meeting).seated) == ["bob"]


def leave(user, group):
    memberships.end_membership(membership=user.memberships.get(group=group), by=user)


def be_removed(user, group):
    organiser = group.memberships.organisers().first().user
    memberships.end_membership(membership=user.memberships.get(group=group), by=organiser)


def delete_account(user, group):
    memberships.delete_account(user=user, keep_writings=True)


def be_deactivated(user, group):
    memberships.deactivate_account(user=user)


GOING = pytest.mark.parametrize("go", [leave, be_removed, delete_account, be_deactivated])


@GOING
def test_who_goes_frees_their_seats(group, meeting, crowd, client, alice, go):
    come(meeting, *crowd)
    go(crowd[0], group)
    line = rsvps.attendance_of(meeting)
    assert names(line.seated) == ["eve", "fay"]
    assert names(line.waiting) == ["gus", "hal"]
    assert seats_told() == ["fay"]
    assert "Dan" not in page(meeting, alice, client)


def test_who_goes_keeps_what_was_and_what_other_groups_have(group, crowd):
    dan = crowd[0]
    other = make_group("Second", members=[dan])
    theirs = make_meeting(group=other)
    over = make_meeting(group=group, starts_at=timezone.now() - timedelta(days=7), state="held")
    Rsvp.objects.create(discussion=over, user=dan, answer="coming", turn=1)
    come(theirs, dan)
    leave(dan, group)
    assert set(dan.rsvps.values_list("discussion", flat=True)) == {theirs.pk, over.pk}


def test_an_account_closed_in_the_admin_frees_its_seat(meeting, crowd, client):
    come(meeting, *crowd)
    client.force_login(make_user("root", is_superuser=True, is_staff=True))
    dan = crowd[0]
    data = {"username": dan.username, "name": dan.name, "time_zone": ""}  # not: is_active
    response = client.post(reverse("admin:papers_user_change", args=[dan.pk]), data)
    assert response.status_code == 302
    dan.refresh_from_db()
    assert not dan.is_active
    assert seats_told() == ["fay"]


def test_a_row_of_somebody_who_is_not_active_holds_no_seat(meeting, crowd):
    """However they came to be so."""
    come(meeting, *crowd)
    crowd[1].is_active = False
    crowd[1].save()
    crowd[0].memberships.all().delete()
    assert names(rsvps.attendance_of(meeting).seated) == ["fay", "gus"]


def test_the_box_says_where_i_am_and_who_comes(meeting, crowd, alice, client):
    come(meeting, *crowd[:4])
    come(meeting, crowd[4], answer="remote")
    come(meeting, alice, answer="not")
    seen = page(meeting, crowd[3], client)
    assert "You are second on the waiting list." in seen
    assert "All seats (2) are taken. Whoever answers now joins the waiting list." in seen
    assert "Going (2) Dan Eve Waiting list (2) Fay Gus Joining online (1) Hal" in seen
    assert "Can't go (1) Alice" in seen
    assert "1 member has not answered." in seen  # Bob
    body = html_of(client.get(meeting.get_absolute_url()))
    assert body.count('aria-pressed="true"') == 1
    assert 'value="" aria-pressed="true">On the waiting list<' in body  # again: takes it back
    dan = html_of(client.get(meeting.get_absolute_url()))
    assert ">Going<" not in dan


def test_an_answer_leads_back_to_the_box(meeting, crowd, client):
    come(meeting, *crowd[:2])
    response = said(meeting, crowd[2], "coming", client)
    assert response.url == f"{meeting.get_absolute_url()}#rsvp"
    response = said(meeting, crowd[3], "coming", client, next="/curious-minds/")
    assert response.url == "/curious-minds/"
    assert "You are second on the waiting list." in text_of(client.get("/curious-minds/"))


@pytest.mark.parametrize("data", [{}, {"answer": "perhaps"}])
def test_what_is_no_answer_changes_nothing(meeting, bob, client, data):
    come(meeting, bob)
    client.force_login(bob)
    url = reverse("discussion-rsvp", args=[meeting.group.slug, meeting.pk])
    response = client.post(url, data)
    assert response.url == f"{meeting.get_absolute_url()}#rsvp"
    assert "Choose one of the answers" in page(meeting, bob, client)
    assert Rsvp.objects.get().answer == "coming"


def test_a_meeting_that_goes_meanwhile_is_not_found(meeting, bob, client, monkeypatch):
    answer = rsvps.set_rsvp

    def late(**given):
        Discussion.objects.all().delete()
        return answer(**given)

    monkeypatch.setattr(rsvps, "set_rsvp", late)
    assert said(meeting, bob, "coming", client).status_code == 404


def test_after_it_only_who_came_is_shown(group, meeting, crowd, bob, client):
    come(meeting, *crowd[:3])
    come(meeting, crowd[3], answer="remote")
    come(meeting, crowd[4], answer="not")
    past = timezone.now() - timedelta(days=1)
    Discussion.objects.update(state="held", starts_at=past, ends_at=past + timedelta(hours=1))
    seen = page(meeting, bob, client)
    assert "Who was there In the room (2) Dan Eve Online (1) Gus" in seen
    assert "Hal" not in seen
    assert "Fay" not in seen


def test_a_superuser_from_outside_looks_on(meeting, crowd, client):
    come(meeting, *crowd)
    root = make_user("root", is_superuser=True)
    seen = page(meeting, root, client)
    assert "Going (2) Dan Eve" in seen
    assert "On the waiting list" not in seen and "Join the waiting list" not in seen


def test_the_page_costs_the_same_for_one_member_and_for_thirty(group, alice, client):
    meeting = make_meeting(group=group, seats=10, papers=[make_paper(group=group)])
    client.force_login(alice)

    def number_of_queries():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(meeting.get_absolute_url()).status_code == 200
        return len(queries)

    come(meeting, alice)
    number_of_queries()
    few = number_of_queries()
    for n in range(30):
        user = make_user(f"user{n}")
        Membership.objects.create(group=group, user=user)
        come(meeting, user, answer=["coming", "remote", "not"][n % 3])
    assert number_of_queries() == few


def test_seats_are_counted_until_they_are_taken(meeting, crowd, client):
    come(meeting, crowd[0])
    assert "1 of 2 seats taken. When all seats are taken" in page(meeting, crowd[3], client)
    come(meeting, crowd[1])
    seen = page(meeting, crowd[3], client)
    assert "2 of 2" not in seen and "When all seats are taken" not in seen
