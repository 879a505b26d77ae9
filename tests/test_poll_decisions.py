"""Decisions that many are told of: a page says first what will happen, and how many hear of it."""

from datetime import timedelta

import pytest
import vobject
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from papers.discussions import times
from papers.models import (
    DateOption,
    Discussion,
    MailChoice,
    Membership,
    Paper,
)
from papers.services import date_polls, feeds, poll_reopening, rsvps, scheduling
from papers.services.voting import set_vote
from tests.browsing import Browser
from tests.factories import make_group, make_meeting, make_paper, make_user

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SOON = (timezone.now() + 30 * DAY).replace(hour=15, minute=0, second=0, microsecond=0)


@pytest.fixture
def carol(group):
    carol = make_user("carol")
    Membership.objects.create(group=group, user=carol)
    return carol


@pytest.fixture
def poll(group, alice, bob, carol):
    """Two dates; Bob and then Carol can come on the first, and Carol on the second."""
    group.time_zone = "Europe/Berlin"
    group.save()
    options = [(SOON, SOON + HOUR), (SOON + DAY, SOON + DAY + HOUR)]
    poll = date_polls.open_poll(
        group=group, by=alice, options=options, papers=[make_paper(group=group, title="Tides")]
    )
    for user, answers in ((bob, ["yes", "no"]), (carol, ["yes", "yes"])):
        given = dict(zip(poll.options.values_list("pk", flat=True), answers, strict=True))
        date_polls.save_answers(discussion=poll, user=user, answers=given)
    return poll


@pytest.fixture
def chosen(poll, alice):
    """The meeting on the first date of the poll."""
    return date_polls.fix_date(option=poll.options.first(), by=alice)


def answers_of(poll):
    answers = poll.options.values_list("starts_at", "answers__user__name", "answers__answer")
    return sorted((f"{start:%d}", *rest) for start, *rest in answers if rest[0])


def events(discussion):
    return list(discussion.notices.order_by("pk").values_list("event", flat=True))


def address(name, discussion):
    return reverse(f"discussion-{name}", args=[discussion.group.slug, discussion.pk])


# Choosing a date


def test_the_page_names_the_date_the_papers_and_how_many_are_told(poll, group, alice, bob):
    poll.seats = 1
    poll.save()
    MailChoice.objects.create(user=bob, kind="date", way="off")
    added = make_paper(group=group, title="Moons")
    first = poll.options.first()
    browser = Browser(alice)
    page = browser.open(f"{address('fix', poll)}?pick={first.pk}:{added.pk}")
    when = times.meeting_time(first, group)
    text = page.root.text
    assert f"{when.day}, {when.hours} Europe/Berlin" in text
    assert when.hours.startswith(("16:00", "17:00"))
    assert "Tides" in text
    assert "Moons Added" in text
    assert "Bob, Carol" in text
    assert "Yes answers to this date become RSVPs." in text
    assert "The meeting has 1 seat: 1 of these members goes on the waiting list." in text
    assert "1 member will be notified by mail." in text  # Carol: not Alice, and not Bob
    poll.refresh_from_db()
    assert poll.is_polling
    page = page.form("Choose this date").submit()
    assert "The date is chosen. 1 member is notified." in page.root.text
    poll.refresh_from_db()
    assert poll.starts_at == first.starts_at
    assert [item.paper.title for item in poll.agenda.all()] == ["Tides", "Moons"]
    line = rsvps.attendance_of(poll)
    assert [rsvp.user.name for rsvp in [*line.seated, *line.waiting]] == ["Bob", "Carol"]


def test_a_date_that_is_past_or_of_another_poll_has_no_such_page(poll, group, alice, charlie):
    others = make_group("Second", organisers=[charlie])
    foreign = date_polls.open_poll(group=others, by=charlie, options=[(SOON, SOON + HOUR)])
    first = poll.options.first()
    DateOption.objects.filter(pk=first.pk).update(starts_at=timezone.now() - HOUR)
    for option, said in (
        (first, "That date is in the past."),
        (foreign.options.get(), "Choose one of the dates."),
    ):
        page = Browser(alice).open(f"{address('fix', poll)}?pick={option.pk}:")
        assert said in page.root.text
        assert page.address.startswith(poll.get_absolute_url())


# Cancelling


@pytest.mark.parametrize("kind", ["meeting", "date poll", "written discussion"])
def test_cancelling_says_first_how_many_are_told(group, alice, bob, carol, tell, kind):
    dan = make_user("dan")
    Membership.objects.create(group=group, user=dan)
    MailChoice.objects.create(user=dan, kind="date", way="off")
    state = "polling" if kind == "date poll" else "scheduled"
    papers = [make_paper(group=group, title="Tides")]
    is_written = kind == "written discussion"
    one = make_meeting(group=group, papers=papers, state=state, is_written=is_written)
    if kind == "meeting":
        one.rsvps.create(user=bob, answer="not")
    number = "1 member" if kind == "meeting" else "2 members"
    browser = Browser(alice)
    page = browser.open(one.get_absolute_url())
    assert f"Manage this {kind}" in page.root.text
    page = browser.open(address("cancel", one))
    assert f"{number} will be notified by mail." in page.root.text
    page = page.form(f"Cancel the {kind}").submit()
    verb = "is" if kind == "meeting" else "are"
    assert f"The {kind} is cancelled. {number} {verb} notified." in page.root.text
    assert len(tell()) == int(number[0])
    page = page.form(f"Reinstate the {kind}").submit()
    assert f"The {kind} is reinstated." in page.root.text


def test_of_a_meeting_that_is_over_nobody_is_told_and_the_page_says_so(group, alice, tell):
    over = make_meeting(group=group, starts_at=timezone.now() - DAY)
    page = Browser(alice).open(address("cancel", over))
    assert "Nobody will be notified." in page.root.text
    page.form("Cancel the meeting").submit()
    assert tell() == []


# Reopening


def test_a_chosen_date_is_reopened_with_all_answers(chosen, group, alice, bob, carol, tell):
    before, sequence = answers_of(chosen), chosen.sequence
    tell()
    browser = Browser(alice)
    page = browser.open(chosen.get_absolute_url())
    assert "Reopen the date poll" in [link.text for link in page.root.all("a")]
    page = browser.open(address("poll-reopen", chosen))
    assert f"{times.meeting_time(chosen, group)}" in page.root.text
    assert "2 members answered" in page.root.text
    assert "2 members will be notified by mail." in page.root.text
    page = page.form("Reopen the date poll").submit()
    assert "The date poll is open again. 2 members are notified." in page.root.text
    assert "When can you come?" in page.root.text
    poll = Discussion.objects.get()
    assert poll.is_polling
    assert answers_of(poll) == before
    assert poll.sequence > sequence
    assert not poll.rsvps.exists()
    assert [item.paper.title for item in poll.agenda.all()] == ["Tides"]
    assert Paper.objects.get().status == "scheduled"
    assert tell() == [
        (name, "Curious minds: the date is open again: Tides") for name in ("bob", "carol")
    ]


def test_the_mail_names_the_withdrawn_date_and_those_to_choose(chosen, alice, tell, mailoutbox):
    withdrawn = times.meeting_time(chosen, chosen.group)
    poll_reopening.reopen_poll(discussion=chosen, by=alice)
    tell()
    (mail,) = [one for one in mailoutbox if "open again" in one.subject and "bob@" in one.to[0]]
    text = " ".join(mail.body.split())
    assert "All answers are kept; you can add or change yours." in text
    assert f"It is not on {withdrawn} any more." in text
    assert "The dates to choose from:" in text


def test_of_two_that_nobody_heard_of_yet_only_the_last_is_told(chosen, alice, tell):
    poll_reopening.reopen_poll(discussion=chosen, by=alice)
    date_polls.fix_date(option=chosen.options.last(), by=alice)
    day = times.meeting_time(Discussion.objects.get(), chosen.group).day
    assert {subject.partition(",")[0] for _, subject in tell() if "when can" not in subject} == {
        f"Curious minds: meeting on {day}: Tides"
    }


def test_another_date_is_chosen_and_told_again(chosen, group, alice, bob, carol, tell):
    tell()
    poll_reopening.reopen_poll(discussion=chosen, by=alice)
    tell()
    again = date_polls.fix_date(option=chosen.options.last(), by=alice)
    assert [rsvp.user for rsvp in rsvps.attendance_of(again).seated] == [carol]
    day = times.meeting_time(again, group).day
    assert tell() == [
        (name, f"Curious minds: meeting on {day}: Tides") for name in ("bob", "carol")
    ]
    assert events(again) == ["poll-opened", "fixed", "reopened", "fixed"]
    assert (again.withdrawn_starts_at, again.withdrawn_ends_at) == (None, None)


def test_what_was_said_after_the_date_was_chosen_becomes_an_answer(chosen, alice, bob, carol):
    """Bob cannot come after all, Carol joins online, and Alice, who had not answered, comes."""
    rsvps.set_rsvp(discussion=chosen, user=bob, answer="not")
    rsvps.set_rsvp(discussion=chosen, user=carol, answer="remote")
    rsvps.set_rsvp(discussion=chosen, user=alice, answer="coming")
    poll_reopening.reopen_poll(discussion=chosen, by=alice)
    answers = dict(chosen.options.first().answers.values_list("user__name", "answer"))
    assert answers == {"Alice": "yes", "Bob": "no", "Carol": "yes"}
    assert chosen.options.last().answers.count() == 2


@pytest.mark.parametrize("kind", ["group", "answered", "wanted", "mine"])
def test_calendars_show_the_withdrawn_date_as_cancelled(chosen, group, alice, carol, client, kind):
    chosen.agenda.update(presenter=carol, is_confirmed=True)
    set_vote(paper=Paper.objects.get(), user=carol, stance="want")
    where = {"group": group} if kind == "group" else {}
    _, token = feeds.create_feed(user=carol, kind=kind, **where)

    def shown():
        body = client.get(f"/feeds/{token}/calendar.ics").content.decode()
        (event,) = vobject.readOne(body).contents["vevent"]
        return event.status.value, event.dtstart.value, int(event.sequence.value)

    status, start, first = shown()
    assert (status, start) == ("CONFIRMED", SOON)
    poll_reopening.reopen_poll(discussion=chosen, by=alice)
    status, start, second = shown()
    assert (status, start) == ("CANCELLED", SOON)
    client.force_login(carol)
    file = client.get(address("ics", chosen)).content.decode()
    assert "STATUS:CANCELLED" in file
    date_polls.fix_date(option=chosen.options.last(), by=alice)
    status, start, third = shown()
    assert (status, start) == ("CONFIRMED", SOON + DAY)
    assert first < second < third


def test_a_deadline_that_has_passed_chooses_no_date_at_once(poll, alice):
    ours = {"answer_by": timezone.now() - HOUR, "quorum": 1}
    Discussion.objects.filter(pk=poll.pk).update(**ours)
    date_polls.close_due_polls(at=timezone.now())
    poll.refresh_from_db()
    assert poll.is_scheduled
    page = Browser(alice).open(address("poll-reopen", poll))
    assert "The deadline for answers has passed, so it is removed." in page.root.text
    page.form("Reopen the date poll").submit()
    date_polls.close_due_polls(at=timezone.now())
    poll.refresh_from_db()
    assert poll.is_polling
    assert (poll.answer_by, poll.quorum) == (None, None)


@pytest.mark.parametrize("kind", ["never a poll", "begun", "held", "cancelled", "open"])
def test_what_cannot_be_reopened_says_why(poll, group, alice, kind):
    if kind == "never a poll":
        poll = make_meeting(group=group)
    elif kind != "open":
        poll = date_polls.fix_date(option=poll.options.first(), by=alice)
    if kind in ("begun", "held"):
        Discussion.objects.filter(pk=poll.pk).update(
            starts_at=timezone.now() - HOUR, state="held" if kind == "held" else "scheduled"
        )
    if kind == "cancelled":
        scheduling.cancel_discussion(discussion=poll, by=alice)
    poll.refresh_from_db()
    state = poll.state
    page = Browser(alice).open(address("poll-reopen", poll))
    said = {"begun": "has begun", "open": "is open already"}.get(kind, "no date poll to reopen")
    assert said in page.root.text
    assert "Reopen the date poll" not in [link.text for link in page.root.all("a")]
    with pytest.raises(ValidationError, match=said):
        poll_reopening.reopen_poll(discussion=poll, by=alice)
    poll.refresh_from_db()
    assert poll.state == state


def test_a_reopened_poll_is_cancelled_and_reinstated_as_a_poll(chosen, alice):
    poll_reopening.reopen_poll(discussion=chosen, by=alice)
    page = Browser(alice).open(address("cancel", chosen)).form("Cancel the date poll").submit()
    page.form("Reinstate the date poll").submit()
    poll = Discussion.objects.get()
    assert poll.is_polling
    assert len(answers_of(poll)) == 4
