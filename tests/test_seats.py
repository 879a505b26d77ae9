"""Everybody is told when they get or lose a seat, or move on the waiting list."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from papers.discussions import attendance
from papers.discussions.attendance import RsvpStatus
from papers.models import Discussion, Membership, Notice, Rsvp
from papers.notifications import fan_out
from papers.services import date_polls, memberships, presenters, scheduling
from tests.browsing import Browser
from tests.factories import make_group, make_meeting, make_paper, make_user
from tests.test_fan_out import make_poll
from tests.test_rsvps import GOING, come

pytestmark = pytest.mark.django_db

NAMES = ["dan", "eve", "fay", "gus", "hal"]


@pytest.fixture
def crowd(group):
    """Five more members, by name."""
    found = [make_user(name) for name in NAMES]
    Membership.objects.bulk_create(Membership(group=group, user=user) for user in found)
    return found


@pytest.fixture
def meeting(group, alice, crowd):
    """One with two seats: Dan and Eve have them, Fay, Gus and Hal wait."""
    meeting = make_meeting(
        group=group, seats=2, created_by=alice, papers=[make_paper(group=group, title="On tides")]
    )
    come(meeting, *crowd)
    return meeting


def told():
    """Who was told what, in order: (name, event)."""
    notices = Notice.objects.exclude(user=None).order_by("pk")
    return list(notices.values_list("user__username", "event"))


def set_seats(meeting, by, seats):
    scheduling.update_discussion(discussion=meeting, by=by, seats=seats)


# Each way in which seats change


def test_fewer_seats_are_told_to_those_who_lose_theirs_and_move_back(meeting, alice):
    set_seats(meeting, alice, 1)
    assert told() == [
        ("eve", "seat-lost"),
        ("fay", "waiting-moved"),
        ("gus", "waiting-moved"),
        ("hal", "waiting-moved"),
    ]


def test_three_lose_their_seats_at_once(group, alice, crowd):
    meeting = make_meeting(group=group, seats=5)
    come(meeting, *crowd)
    set_seats(meeting, alice, 2)
    assert told() == [(name, "seat-lost") for name in ("fay", "gus", "hal")]


def test_more_seats_are_told_to_those_who_get_one_and_move_up(meeting, alice):
    set_seats(meeting, alice, 3)
    assert told() == [("fay", "seat"), ("gus", "waiting-moved"), ("hal", "waiting-moved")]
    Notice.objects.all().delete()
    set_seats(meeting, alice, None)
    assert told() == [("gus", "seat"), ("hal", "seat")]


def test_a_limit_where_there_was_none(group, alice, crowd):
    meeting = make_meeting(group=group)
    come(meeting, *crowd)
    set_seats(meeting, alice, 4)
    assert told() == [("hal", "seat-lost")]


@pytest.mark.parametrize("answer", ["not", "remote", ""])
def test_who_gives_up_a_seat_moves_the_line(meeting, crowd, answer):
    come(meeting, crowd[0], answer=answer)
    assert told() == [("fay", "seat"), ("gus", "waiting-moved"), ("hal", "waiting-moved")]


@pytest.mark.parametrize("answer", ["not", "remote", ""])
def test_who_leaves_the_line_moves_those_behind(meeting, crowd, answer):
    come(meeting, crowd[3], answer=answer)
    assert told() == [("hal", "waiting-moved")]


@GOING
def test_who_leaves_the_group_moves_the_line(group, meeting, crowd, go):
    go(crowd[0], group)
    assert told() == [("fay", "seat"), ("gus", "waiting-moved"), ("hal", "waiting-moved")]


def test_what_changes_nobodys_place_is_told_to_nobody(meeting, alice, crowd):
    come(meeting, crowd[0])
    come(meeting, crowd[4], answer="not")
    scheduling.update_discussion(discussion=meeting, by=alice, place="B 12", seats=2)
    assert told() == []


def test_calendars_learn_of_a_seat_that_changes_hands(meeting, crowd):
    """A calendar shows who waits: what it shows has changed, though nobody edited the meeting."""
    meeting.refresh_from_db()
    before = meeting.sequence
    come(meeting, crowd[0], answer="not")
    meeting.refresh_from_db()
    assert meeting.sequence > before


# What they are told


def mails_after(mailoutbox, send_mails):
    mailoutbox.clear()
    for notice in Notice.objects.filter(told_at=None):
        fan_out.send_notifications.call(notice.pk)
    send_mails()
    return {one.to[0].partition("@")[0]: (one.subject, one.body) for one in mailoutbox}


def test_the_mail_says_that_the_seat_is_lost(meeting, alice, mailoutbox, send_mails):
    set_seats(meeting, alice, 1)
    subject, body = mails_after(mailoutbox, send_mails)["eve"]
    assert subject.startswith("You are on the waiting list, ") and "On tides" in subject
    assert "you no longer have one" in body
    assert "You are first on the waiting list." in body
    assert "You are going" not in body
    assert f"Change your answer:\n\nhttp://127.0.0.1:8000{meeting.get_absolute_url()}#rsvp" in body


def test_a_seat_lost_and_regained_before_the_mail_is_no_loss(
    meeting, alice, mailoutbox, send_mails
):
    set_seats(meeting, alice, 1)
    set_seats(meeting, alice, 2)
    assert all("no longer" not in body for _, body in mails_after(mailoutbox, send_mails).values())


def test_the_place_in_line_is_in_the_digest_unless_the_meeting_is_sooner(
    meeting, crowd, mailoutbox, send_mails
):
    come(meeting, crowd[0], answer="not")
    assert set(mails_after(mailoutbox, send_mails)) == {"fay"}
    soon = timezone.now() + timedelta(minutes=5)
    Discussion.objects.update(starts_at=soon, ends_at=soon + timedelta(hours=1))
    come(meeting, crowd[1], answer="not")
    mails = mails_after(mailoutbox, send_mails)
    assert set(mails) == {"gus", "hal"}
    assert "Your place on the waiting list" in mails["hal"][1]


@pytest.mark.parametrize(("seats", "says"), [(None, "going"), (1, "waiting")])
def test_a_yes_in_the_poll_is_told_as_what_became_of_it(
    group, alice, bob, mailoutbox, send_mails, seats, says
):
    """They were asked again whether they come."""
    poll = make_poll(group, seats=seats)
    option = poll.options.first()
    dan = make_user("dan")
    Membership.objects.create(group=group, user=dan)
    for user in (dan, bob):
        date_polls.save_answers(discussion=poll, user=user, answers={option.pk: "yes"})
    date_polls.fix_date(option=option, by=alice)
    body = mails_after(mailoutbox, send_mails)["bob"][1]
    if says == "going":
        assert "You said yes to this date in the poll: you are going." in body
    else:
        assert "You said yes to this date in the poll, but all seats are taken." in body
        assert "You are first on the waiting list." in body and "you are going" not in body
    assert "Change your answer:" in body
    assert "Say whether you are going" not in body


def test_who_has_not_answered_is_asked(group, alice, bob, mailoutbox, send_mails):
    poll = make_poll(group)
    date_polls.fix_date(option=poll.options.first(), by=alice)
    body = mails_after(mailoutbox, send_mails)["bob"][1]
    assert f"Say whether you are going:\n\nhttp://127.0.0.1:8000{poll.get_absolute_url()}#rsvp" in (
        body
    )
    assert "You said yes" not in body


# The form names who would lose their seats


def edit_page(meeting, user):
    return Browser(user).open(f"{meeting.get_absolute_url()}edit/")


def seats_of(meeting):
    return Discussion.objects.get(pk=meeting.pk).seats


def test_the_form_names_those_who_would_lose_a_seat_before_it_saves(meeting, alice):
    form = edit_page(meeting, alice).form("Save")
    form.fill("Seats", "1")
    form.fill("Place", "C 7")
    page = form.submit()
    assert page.status == 200
    assert (
        "With 1 seat, 1 member loses their seat and moves to the waiting list: Eve"
        in page.root.text
    )
    assert seats_of(meeting) == 2 and told() == []

    page = page.form("Move 1 to the waiting list").submit()
    assert "The meeting is saved." in page.root.text
    assert seats_of(meeting) == 1
    assert Discussion.objects.get(pk=meeting.pk).place == "C 7"  # nothing is lost on the way
    assert ("eve", "seat-lost") in told()


def test_the_form_asks_again_if_others_would_lose_theirs_by_then(meeting, alice, crowd):
    form = edit_page(meeting, alice).form("Save")
    form.fill("Seats", "1")
    page = form.submit()
    come(meeting, crowd[0], answer="not")  # Eve and Fay have the seats now
    page = page.form("Move 1 to the waiting list").submit()
    assert "moves to the waiting list: Fay" in page.root.text
    assert seats_of(meeting) == 2
    page.form("Move 1 to the waiting list").submit()
    assert seats_of(meeting) == 1


@pytest.mark.parametrize("seats", ["2", "5", ""])
def test_the_form_asks_nothing_if_nobody_loses_a_seat(meeting, alice, seats):
    form = edit_page(meeting, alice).form("Save")
    form.fill("Seats", seats)
    page = form.submit()
    assert "The meeting is saved." in page.root.text
    assert seats_of(meeting) == (int(seats) if seats else None)


# One definition


@pytest.mark.parametrize("seats", [None, 1, 2, 3, 9])
def test_both_readings_of_a_status_agree(group, alice, crowd, seats):
    """That of one meeting with everybody, and that of one member at all their meetings."""
    gone, off = make_user("gone"), make_user("off", is_active=False)
    Membership.objects.create(group=group, user=off)
    make_group("Elsewhere", members=[gone, *crowd])
    meeting = make_meeting(group=group, seats=seats)
    for turn, user in enumerate([gone, crowd[0], off, crowd[1], crowd[2]], start=3):
        Rsvp.objects.create(discussion=meeting, user=user, answer="coming", turn=turn)
    Rsvp.objects.create(discussion=meeting, user=crowd[3], answer="remote")
    Rsvp.objects.create(discussion=meeting, user=crowd[4], answer="not")
    come(make_meeting(group=group, seats=1), *crowd)  # another one
    everybody = attendance.attendance_of(meeting)
    for user in crowd:
        mine = attendance.statuses_of(user, [meeting.pk])
        assert mine == {meeting.pk: everybody.status_of(user)}
        assert attendance.statuses_of(user)[meeting.pk] == mine[meeting.pk]
    assert attendance.statuses_of(alice, [meeting.pk]) == {}
    assert everybody.status_of(alice) == RsvpStatus("")
    waiting = 0 if seats is None else max(0, 3 - seats)
    assert len(everybody.waiting) == waiting


def test_a_change_that_is_rolled_back_is_told_to_nobody(meeting, alice):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        set_seats(meeting, alice, 1)
        _ = 1 / 0
    assert told() == []


def test_the_button_says_what_it_does(meeting, alice, crowd):
    """ "Going" only where it is a seat."""
    for user, label in [
        (crowd[0], "Going"),
        (crowd[2], "On the waiting list"),
        (alice, "Join the waiting list"),
    ]:
        for address in (meeting.get_absolute_url(), meeting.group.get_absolute_url()):
            page = Browser(user).open(address)
            labels = [one.text for one in page.root.all("button") if one.get("name") == "answer"]
            assert labels == [label, "Joining online", "Can't go"], (user, address)
    page = Browser(alice).open(meeting.get_absolute_url()).form("Join the waiting list").submit()
    assert "You are fourth on the waiting list." in page.root.text
    page = page.form("On the waiting list").submit()
    assert "You have not answered yet." in page.root.text
    assert attendance.attendance_of(meeting).status_of(alice).answer == ""


# Who leaves while the meeting is cancelled


def test_who_left_a_cancelled_meeting_neither_presents_nor_keeps_a_seat(
    group, meeting, alice, crowd
):
    dan, eve, fay, *_ = crowd
    item = meeting.agenda.get()
    presenters.ask_to_present(item=item, by=alice, user=dan)
    presenters.take_item(item=item, user=dan)
    scheduling.cancel_discussion(discussion=meeting, by=alice)
    Browser(dan).open("/curious-minds/leave/").form("Leave the group").submit()
    assert not [name for name, event in told() if event in ("seat", "waiting-moved")]
    Browser(alice).open(meeting.get_absolute_url()).form("Reinstate the meeting").submit()
    assert "Dan" not in Browser(eve).open(meeting.get_absolute_url()).root.text
    memberships.add_member(group=group, user=dan, role="member", by=alice)
    meeting.refresh_from_db()
    seated = [rsvp.user for rsvp in attendance.attendance_of(meeting).seated]
    assert seated == [eve, fay]  # Fay, who has moved up, does not lose it to one who comes back
    assert attendance.attendance_of(meeting).status_of(dan).answer == ""
