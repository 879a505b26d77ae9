"""A hundred want ten seats at once; and two want to present one paper."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from papers.discussions.attendance import attendance_of
from papers.models import Discussion, Membership, Notice, Rsvp, User
from papers.services import agenda, memberships, presenters, rsvps, scheduling
from tests.concurrency.together import at_once, in_lanes, rendezvous
from tests.factories import make_meeting, make_paper, make_user

pytestmark = pytest.mark.django_db(transaction=True)

SEATS, PEOPLE = 10, 100


@pytest.fixture
def seminar(group):
    return make_meeting(group=group, seats=SEATS, papers=[make_paper(group=group)])


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
def told(monkeypatch):
    """What the service told each: user id -> their place among those who wait, 0 for a seat."""
    told, rsvp = {}, rsvps.set_rsvp

    def listening(*, discussion, user, answer):
        stand = rsvp(discussion=discussion, user=user, answer=answer)
        told[user.pk] = stand.waiting_position
        return stand

    monkeypatch.setattr(rsvps, "set_rsvp", listening)
    return told


def answer(client, seminar, said="coming"):
    url = reverse("discussion-rsvp", args=[seminar.group.slug, seminar.pk])
    return client.post(url, {"answer": said}).status_code


def test_ten_have_seats_and_ninety_wait_in_order(seminar, people, told):
    clients = [Client() for _ in people]
    for client, user in zip(clients, people, strict=True):
        client.force_login(user)
    assert in_lanes(lambda client: answer(client, seminar), clients) == [302] * PEOPLE
    line = attendance_of(seminar)
    assert (len(line.seated), len(line.waiting)) == (SEATS, PEOPLE - SEATS)
    # Each was told the truth: ten that they have a seat, and every place in line to one.
    assert {told[rsvp.user_id] for rsvp in line.seated} == {0}
    assert [told[rsvp.user_id] for rsvp in line.waiting] == list(range(1, PEOPLE - SEATS + 1))
    assert list(seminar.rsvps.values_list("turn", flat=True)) == list(range(1, PEOPLE + 1))


def test_seats_that_are_given_up_at_once_go_to_the_first_who_wait(seminar, people):
    for user in people[: SEATS + 20]:
        rsvps.set_rsvp(discussion=seminar, user=user, answer="coming")
    clients = [Client() for _ in range(SEATS)]
    for client, user in zip(clients, people, strict=False):
        client.force_login(user)
    assert in_lanes(lambda client: answer(client, seminar, "not"), clients) == [302] * SEATS
    line = attendance_of(seminar)
    assert [rsvp.user for rsvp in line.seated] == people[SEATS : 2 * SEATS]
    assert [rsvp.user for rsvp in line.waiting] == people[2 * SEATS : SEATS + 20]
    told = Notice.objects.filter(event="seat").values_list("user", flat=True)
    assert sorted(told) == sorted(user.pk for user in people[SEATS : 2 * SEATS])


def test_a_hundred_clicks_of_one_member_are_one_turn(seminar, bob):
    client = Client()
    client.force_login(bob)
    assert in_lanes(lambda _: answer(client, seminar), range(PEOPLE)) == [302] * PEOPLE
    assert [rsvp.turn for rsvp in seminar.rsvps.all()] == [1]


def test_without_the_lock_two_get_one_turn(seminar, people, monkeypatch):
    """The control. In SQLite the transaction holds all there is."""
    meet, last_turn = rendezvous(10), rsvps._last_turn

    def slow(discussion):
        turn = last_turn(discussion)
        meet()
        return turn

    monkeypatch.setattr(rsvps, "_last_turn", slow)
    monkeypatch.setattr(
        rsvps, "lock_discussion", lambda meeting: Discussion.objects.get(pk=meeting.pk)
    )
    rsvp = rsvps.set_rsvp.__wrapped__

    def come(user):
        rsvp(discussion=seminar, user=user, answer="coming")

    raised = at_once(come, *people[:10])
    assert {type(error) for error in raised} == {IntegrityError}
    assert Rsvp.objects.count() == 10 - len(raised) == 1  # nine answers are lost


def test_who_is_removed_while_they_answer_has_no_seat(seminar, people, alice, monkeypatch):
    """Whichever is first: the other one sees it."""
    user, leave = people[0], rsvps.withdraw_from_discussions
    has_left = threading.Event()

    def slow(**given):
        leave(**given)
        has_left.set()  # and the membership is still there
        threading.Event().wait(0.3)

    monkeypatch.setattr(rsvps, "withdraw_from_discussions", slow)

    def act(who):
        if who == alice:
            return memberships.end_membership(membership=user.memberships.get(), by=alice)
        has_left.wait(4)
        return rsvps.set_rsvp(discussion=seminar, user=user, answer="coming")

    raised = at_once(act, alice, user)
    assert [type(error) for error in raised] == [ValidationError]
    assert not Rsvp.objects.exists()


def told_of_seats(seminar):
    """The last that each was told of their seat: user id -> event."""
    return dict(seminar.notices.exclude(user=None).order_by("pk").values_list("user", "event"))


def true_of(answers):
    """What may be said last to each: user id -> events, if anything was."""
    seats = {rsvp.user_id: {"seat"} for rsvp in answers.seated}
    return seats | {rsvp.user_id: {"seat-lost", "waiting-moved"} for rsvp in answers.waiting}


def test_fewer_seats_and_answers_at_once_tell_everybody_the_truth(seminar, people, alice):
    """Whatever comes first: the last that each hears is so."""
    for user in people[:30]:
        rsvps.set_rsvp(discussion=seminar, user=user, answer="coming")

    def act(number):
        if number in (5, 12, 19):  # 10 seats become 8, 6, 9
            seats = {5: 8, 12: 6, 19: 9}[number]
            return scheduling.update_discussion(discussion=seminar, by=alice, seats=seats)
        said = "not" if number % 2 else "remote"
        return rsvps.set_rsvp(discussion=seminar, user=people[number], answer=said)

    assert at_once(act, *range(20)) == []
    seminar.refresh_from_db()
    answers = attendance_of(seminar)
    assert len(answers.seated) == seminar.seats
    told, true = told_of_seats(seminar), true_of(answers)
    assert all(told[pk] in true[pk] for pk in true if pk in told)
    moved = [rsvp.user_id for rsvp in answers.waiting]  # somebody before each has gone
    assert set(moved) <= set(told)


def fewer_seats_while_one_declines(seminar, people, alice, monkeypatch, change):
    """Two seats become one, for which the loss of the second is confirmed, as the first declines.

    ``change``: `scheduling.update_discussion`. Returns the errors.
    """
    Discussion.objects.update(seats=2)
    for user in people[:3]:
        rsvps.set_rsvp(discussion=seminar, user=user, answer="coming")
    check, is_checked, has_declined = (
        rsvps.require_confirmed_losses,
        threading.Event(),
        threading.Event(),
    )

    def slow_check(*given):
        check(*given)
        is_checked.set()
        has_declined.wait(1)

    monkeypatch.setattr(rsvps, "require_confirmed_losses", slow_check)

    def act(who):
        if who == alice:
            confirmed = [people[1].pk]
            return change(discussion=seminar, by=alice, may_lose_seats=confirmed, seats=1)
        is_checked.wait(4)
        rsvps.set_rsvp(discussion=seminar, user=who, answer="not")
        return has_declined.set()

    return at_once(act, alice, people[0])


def test_nobody_loses_a_seat_whose_loss_was_not_confirmed(seminar, people, alice, monkeypatch):
    change = scheduling.update_discussion
    assert fewer_seats_while_one_declines(seminar, people, alice, monkeypatch, change) == []
    seminar.refresh_from_db()
    answers, told = attendance_of(seminar), told_of_seats(seminar)
    assert [rsvp.user for rsvp in answers.seated] == [people[1]]  # lost it, and has it again
    assert told == {people[1].pk: "seat", people[2].pk: "waiting-moved"}


def test_without_the_lock_one_is_told_of_a_seat_and_loses_it(seminar, people, alice, monkeypatch):
    """The control."""

    def look(discussion):
        return Discussion.objects.select_related("group").get(pk=discussion.pk)

    monkeypatch.setattr(agenda, "lock_group_and_discussion", look)
    change = scheduling.update_discussion.__wrapped__
    assert fewer_seats_while_one_declines(seminar, people, alice, monkeypatch, change) == []
    seminar.refresh_from_db()
    assert [rsvp.user for rsvp in attendance_of(seminar).waiting] == [people[2]]
    assert told_of_seats(seminar)[people[2].pk] == "seat"  # nobody tells them that it is gone


@pytest.fixture
def item(seminar):
    return seminar.agenda.select_related("discussion__group").get()


def test_of_ten_who_take_a_paper_one_presents_it(item, people):
    raised = at_once(lambda user: presenters.take_item(item=item, user=user), *people[:10])
    assert {type(error) for error in raised} == {ValidationError}
    assert len(raised) == 9
    item.refresh_from_db()
    assert item.is_confirmed
    assert {error.message for error in raised} == {f"{item.presenter} presents it already."}


def test_without_the_lock_all_ten_think_they_present_it(item, people, monkeypatch):
    """The control."""
    meet = rendezvous(10)

    def look(discussion):
        return Discussion.objects.select_related("group").get(pk=discussion.pk)

    monkeypatch.setattr(agenda, "lock_group_and_discussion", look)
    give = presenters._set_presenter

    def slow(*given, **more):
        meet()  # all have looked
        give(*given, **more)

    monkeypatch.setattr(presenters, "_set_presenter", slow)
    take = presenters.take_item.__wrapped__
    assert at_once(lambda user: take(item=item, user=user), *people[:10]) == []


def test_decline_and_hand_over_at_once_are_one_of_them(item, bob, alice):
    presenters.take_item(item=item, user=bob)

    def act(number):
        if number:
            return presenters.hand_over(item=item, user=bob, to=alice)
        return presenters.decline_item(item=item, user=bob)

    raised = at_once(act, 0, 1)
    item.refresh_from_db()
    assert [type(error) for error in raised] == [ValidationError]
    assert item.presenter in (None, alice)
    assert Notice.objects.filter(event="present").count() == (item.presenter == alice)


def test_swaps_in_both_directions_at_once_end(group, bob, alice):
    """Each holds both meetings, in another order: the group keeps them apart."""
    made = [make_meeting(group=group, papers=[make_paper(group=group)]) for _ in range(2)]
    mine, theirs = (one.agenda.select_related("discussion__group").get() for one in made)
    presenters.take_item(item=mine, user=bob)
    presenters.take_item(item=theirs, user=alice)
    swaps = {
        bob: {"item": mine, "user": bob, "other": theirs},
        alice: {"item": theirs, "user": alice, "other": mine},
    }
    assert at_once(lambda who: presenters.offer_swap(**swaps[who]), bob, alice) == []
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.swap_for, theirs.swap_for) == (theirs, mine)
    agreed = {bob: theirs, alice: mine}
    raised = at_once(lambda who: presenters.accept_swap(item=agreed[who], user=who), bob, alice)
    assert [type(error) for error in raised] == [ValidationError]
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.presenter, theirs.presenter) == (alice, bob)
    assert (mine.swap_for, theirs.swap_for) == (None, None)


def test_answers_and_a_leaving_and_more_seats_end(group, seminar, people, alice):
    """What holds groups and meetings takes them in one order: nobody waits for ever."""
    goer = make_user("goer")
    Membership.objects.create(group=group, user=goer)
    rsvps.set_rsvp(discussion=seminar, user=goer, answer="coming")
    item = seminar.agenda.select_related("discussion__group").get()

    def act(number):
        if number == 0:
            return memberships.delete_account(user=goer, keep_writings=False)
        if number == 1:
            return presenters.ask_to_present(item=item, by=alice, user=people[0])
        return rsvps.set_rsvp(discussion=seminar, user=people[number], answer="coming")

    assert at_once(act, *range(20)) == []
    assert seminar.rsvps.count() == 18
    assert len(attendance_of(seminar).seated) == SEATS
