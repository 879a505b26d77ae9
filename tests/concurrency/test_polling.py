"""Two organisers fix dates at once, the clock beside them; and members answer meanwhile."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils import timezone

from papers.models import Availability, Discussion, Membership, Notice, Rsvp, User
from papers.services import agenda, date_polls, poll_reopening
from tests.concurrency.together import at_once, rendezvous

pytestmark = pytest.mark.django_db(transaction=True)

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
PEOPLE = 20


@pytest.fixture
def people(group):
    User.objects.bulk_create(
        User(username=f"comer{n}", email=f"comer{n}@example.org", password="-")
        for n in range(PEOPLE)
    )
    found = list(User.objects.filter(username__startswith="comer"))
    Membership.objects.bulk_create(Membership(group=group, user=user) for user in found)
    return found


@pytest.fixture
def poll(group, alice, people):
    """Two dates; all say yes to both."""
    soon = timezone.now() + 30 * DAY
    options = [(soon, soon + HOUR), (soon + DAY, soon + DAY + HOUR)]
    poll = date_polls.open_poll(
        group=group, by=alice, options=options, answer_by=soon - DAY, quorum=2, seats=5
    )
    for user in people:
        answers = dict.fromkeys(poll.options.values_list("pk", flat=True), "yes")
        date_polls.save_answers(discussion=poll, user=user, answers=answers)
    return poll


def fix(option):
    date_polls.fix_date(option=option, by=None)


def options_of(poll):
    return list(poll.options.select_related("discussion__group"))


def fixed_is_one(poll, people):
    poll.refresh_from_db()
    assert poll.is_scheduled
    assert Notice.objects.filter(event="fixed").count() == 1
    turns = poll.rsvps.order_by("turn").values_list("user", "turn")
    assert list(turns) == [(user.pk, turn) for turn, user in enumerate(people, start=1)]


def test_of_two_who_fix_different_dates_exactly_one_wins(poll, people):
    raised = at_once(fix, *options_of(poll))
    assert [type(error) for error in raised] == [ValidationError]
    assert raised[0].message == "The date is chosen already."
    fixed_is_one(poll, people)


def test_ten_who_fix_and_the_clock_fix_it_once(poll, people):
    Discussion.objects.filter(pk=poll.pk).update(answer_by=timezone.now() - HOUR)
    acts = [lambda option=option: fix(option) for option in options_of(poll) * 3]
    acts += [lambda: date_polls.close_due_polls(at=timezone.now())] * 4
    raised = at_once(lambda act: act(), *acts)
    assert {type(error) for error in raised} <= {ValidationError}
    fixed_is_one(poll, people)


def test_without_the_lock_both_believe_that_they_have_fixed_it(poll, people, monkeypatch):
    """The control. In SQLite the transaction holds all there is: there is none here."""
    meet, polled = rendezvous(2), date_polls._require_polling

    def slow(discussion):
        polled(discussion)
        meet()

    monkeypatch.setattr(date_polls, "_require_polling", slow)
    monkeypatch.setattr(
        agenda,
        "lock_group_and_discussion",
        lambda one: Discussion.objects.select_related("group").get(pk=one.pk),
    )
    monkeypatch.setattr(date_polls.rsvps, "seat_members", lambda *given: None)
    raised = at_once(
        lambda option: date_polls.fix_date.__wrapped__(option=option, by=None), *options_of(poll)
    )
    assert ValidationError not in {type(error) for error in raised}
    poll.refresh_from_db()
    # Each fixed a date: one overwrote the other, and nobody knows.
    assert (poll.is_scheduled, poll.sequence) == (True, 2)
    assert not [error for error in raised if not isinstance(error, IntegrityError)]


def test_of_two_who_reopen_a_poll_exactly_one_does(poll, people):
    """The seats of the old date are free, and all answers are there."""
    fix(options_of(poll)[0])
    raised = at_once(lambda _: poll_reopening.reopen_poll(discussion=poll, by=people[0]), *range(4))
    assert [error.message for error in raised] == ["The date poll is open already."] * 3
    poll.refresh_from_db()
    assert poll.is_polling
    assert not poll.rsvps.exists()
    assert Availability.objects.filter(answer="yes").count() == 2 * PEOPLE
    assert Notice.objects.filter(event="reopened").count() == 1


def test_without_the_lock_several_believe_that_they_have_reopened_it(poll, people, monkeypatch):
    """The control. In SQLite the transaction holds all there is: there is none here."""
    fix(options_of(poll)[0])
    meet, why = rendezvous(2), poll_reopening.why_no_reopening

    def slow(discussion):
        problem = why(discussion)
        meet()
        return problem

    monkeypatch.setattr(poll_reopening, "why_no_reopening", slow)
    monkeypatch.setattr(
        agenda,
        "lock_group_and_discussion",
        lambda one: Discussion.objects.select_related("group").get(pk=one.pk),
    )
    raised = at_once(
        lambda _: poll_reopening.reopen_poll.__wrapped__(discussion=poll, by=people[0]), 1, 2
    )
    assert ValidationError not in {type(error) for error in raised}


def test_an_answer_meets_a_poll_that_is_being_fixed(poll, group, people):
    """It is in time, and they come; or it is refused, and nothing is left of it."""
    late = User.objects.create(username="late", email="late@example.org")
    Membership.objects.create(group=group, user=late)
    first = options_of(poll)[0]

    def act(who):
        if who == "fix":
            fix(first)
        else:
            date_polls.save_answers(discussion=poll, user=late, answers={first.pk: "yes"})

    raised = at_once(act, "answer", "fix")
    answered = Availability.objects.filter(user=late).exists()
    assert answered == Rsvp.objects.filter(user=late).exists()
    assert len(raised) == (0 if answered else 1)


def test_ten_answers_of_one_member_at_once_are_one_each(poll, people):
    first, second = options_of(poll)

    def answer(number):
        answers = {first.pk: ["yes", "no", "maybe", ""][number % 4], second.pk: "no"}
        date_polls.save_answers(discussion=poll, user=people[0], answers=answers)

    assert at_once(answer, *range(10)) == []
    assert Availability.objects.filter(user=people[0], option=second).count() == 1
    assert Availability.objects.filter(user=people[0], option=first).count() <= 1


def test_two_who_add_the_last_date_make_twenty(poll):
    soon = timezone.now() + 60 * DAY
    spans = [(soon + n * DAY, soon + n * DAY + HOUR) for n in range(17)]
    date_polls.edit_poll(discussion=poll, options=spans)
    raised = at_once(
        lambda n: date_polls.edit_poll(
            discussion=poll, options=[(soon + n * DAY, soon + n * DAY + HOUR)]
        ),
        100,
        101,
    )
    assert [type(error) for error in raised] == [ValidationError]
    assert poll.options.count() == 20
