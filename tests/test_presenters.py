"""Who presents: whose turn it is, and asked, taken, confirmed, declined, handed over, swapped."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from papers.discussions import presenter_turns
from papers.models import AgendaItem, Discussion, Membership, Notice, Offer
from papers.notifications import letters, recipients
from papers.services import memberships, presenters, rsvps, scheduling
from tests.factories import make_group, make_meeting, make_paper, make_user
from tests.pages import text_of


@pytest.fixture
def item(group, alice):
    """The paper of a meeting to come."""
    paper = make_paper(group=group, title="Tides")
    return item_of(make_meeting(group=group, papers=[paper], created_by=alice))


@pytest.fixture
def other(group, alice, dan):
    """Another paper, at the meeting after, that Dan presents."""
    paper = make_paper(group=group, title="Sorting")
    starts_at = timezone.now() + timedelta(days=14)
    other = item_of(make_meeting(group=group, papers=[paper], starts_at=starts_at))
    presenters.take_item(item=other, user=dan)
    return fresh(other)


@pytest.fixture
def dan(group):
    dan = make_user("dan")
    Membership.objects.create(group=group, user=dan)
    return dan


def item_of(meeting):
    return meeting.agenda.select_related("paper", "presenter", "discussion__group").get()


def fresh(item):
    return AgendaItem.objects.select_related("discussion__group", "presenter").get(pk=item.pk)


def stand(item):
    """Who presents it, and whether they have confirmed."""
    item = fresh(item)
    return item.presenter and item.presenter.username, item.is_confirmed


def asked():
    """Who was told that they are asked, or offered a swap, in order."""
    notices = Notice.objects.filter(event__in=["present", "swap"]).order_by("pk")
    return list(notices.values_list("user__username", flat=True))


@pytest.mark.parametrize("is_confirmed", [True, False])
@pytest.mark.parametrize("is_other_confirmed", [True, False])
@pytest.mark.parametrize("presenter", ["alice", "bob", None])
@pytest.mark.parametrize("other_presenter", ["alice", "bob", "no swap"])
def test_rows_and_queries_agree_on_whose_answer_is_awaited(
    item, other, alice, bob, presenter, is_confirmed, other_presenter, is_other_confirmed
):
    people = {"alice": alice, "bob": bob}
    item.presenter, item.is_confirmed = people.get(presenter), is_confirmed and bool(presenter)
    if other_presenter in people:
        other.presenter, item.swap_for = people[other_presenter], other
    other.is_confirmed = is_other_confirmed
    item.save()
    other.save()
    for user in people.values():
        found = set(AgendaItem.objects.awaiting_answer_from(user))
        assert found == {one for one in (item, other) if fresh(one).awaits_answer_from(user)}
    asked = AgendaItem.objects.awaiting_answer_from(bob).filter(pk=item.pk).exists()
    is_asked = presenter == "bob" and not is_confirmed
    assert asked == (is_asked or (other_presenter == "bob" and is_other_confirmed))


def proposed(item):
    discussion = item.discussion
    members = discussion.group.memberships.filter(user__is_active=True).select_related("user")
    found = presenter_turns.presenter_candidates([fresh(item)], discussion, list(members))[item.pk]
    return [(one.user.username, one.reason) for one in found]


def presented(group, user, moment, **fields):
    """A meeting of the past at which ``user`` presented."""
    fields = {"state": "held"} | fields
    meeting = make_meeting(
        group=group, papers=[make_paper(group=group)], starts_at=moment, **fields
    )
    meeting.agenda.update(presenter=user, is_confirmed=True)
    return meeting


def post(client, who, name, item, /, **data):
    client.force_login(who)
    return client.post(reverse(name, args=[item.discussion.group.slug, item.pk]), data)


def page(client, user, item):
    client.force_login(user)
    return text_of(client.get(item.discussion.get_absolute_url()))


NEW = "has not presented yet"


def test_who_offered_comes_first_then_the_longest_since_presenting(group, item, alice, bob, dan):
    eve, fay = make_user("eve"), make_user("fay")
    for user in (eve, fay):
        Membership.objects.create(group=group, user=user)
    presented(group, alice, datetime(2026, 3, 3, 12, tzinfo=UTC))
    presented(group, alice, datetime(2025, 1, 7, 12, tzinfo=UTC))
    presented(group, bob, datetime(2025, 6, 3, 12, tzinfo=UTC))
    for user in (fay, bob):  # Fay was first
        Offer.objects.create(paper=item.paper, user=user)
    assert proposed(item) == [
        ("fay", "offered to present it"),
        ("bob", "offered to present it"),
        ("dan", NEW),
        ("eve", NEW),
        ("alice", "presented last on Tue 3 Mar 2026"),
    ]


def test_who_presents_soon_has_had_their_turn(group, item, alice, bob, other):
    """By what is certain: an asked Bob is not."""
    presented(group, bob, timezone.now() + timedelta(days=3), state="scheduled")
    when = timezone.now() + timedelta(days=14)
    last = f"presents on {when:%a} {when.day} {when:%b} {when.year}"
    found = proposed(item)
    assert [name for name, _ in found] == ["alice", "bob", "dan"]
    assert found[2] == ("dan", last)
    AgendaItem.objects.filter(presenter=bob).update(is_confirmed=False)
    assert proposed(item)[:2] == [("bob", NEW), ("alice", NEW)]


def test_who_was_asked_and_never_said_yes_did_not_present(group, item, alice, bob, client):
    meeting = presented(group, bob, timezone.now() - timedelta(days=9))
    assert "Bob presented it." in page(client, alice, meeting.agenda.get())
    assert [name for name, _ in proposed(item)] == ["alice", "bob"]
    meeting.agenda.update(is_confirmed=False)
    assert "Bob" not in page(client, alice, meeting.agenda.get())
    assert proposed(item) == [("bob", NEW), ("alice", NEW)]


def test_what_was_called_off_or_is_another_groups_was_no_turn(group, item, alice, bob):
    presented(group, alice, timezone.now() - timedelta(days=9), state="cancelled")
    presented(make_group("Second"), alice, timezone.now() - timedelta(days=9))
    assert proposed(item) == [("bob", NEW), ("alice", NEW)]


def test_who_declined_cannot_come_or_is_gone_is_not_proposed(group, item, alice, bob, charlie, dan):
    eve, fay = make_user("eve"), make_user("fay", is_active=False)
    for user in (eve, fay):
        Membership.objects.create(group=group, user=user)
    for user in (bob, eve, dan, fay, charlie):
        Offer.objects.create(paper=item.paper, user=user)
    presenters.take_item(item=item, user=bob)
    presenters.decline_item(item=item, user=bob)
    rsvps.set_rsvp(discussion=item.discussion, user=dan, answer="not")
    assert [name for name, _ in proposed(item)] == ["eve", "alice"]


def test_the_organiser_asks_whose_turn_it_is(group, item, alice, bob, client):
    Offer.objects.create(paper=item.paper, user=bob)
    seen = page(client, alice, item)
    assert "Next in turn is Bob, who offered to present it." in seen
    assert "Ask Bob" in seen
    before = item.discussion.sequence
    response = post(client, alice, "agenda-ask", item, user=bob.pk)
    assert response.url == f"{item.discussion.get_absolute_url()}#i{item.pk}"
    assert stand(item) == ("bob", False)
    assert asked() == ["bob"]
    assert Notice.objects.get(event="present").by == alice
    assert fresh(item).discussion.sequence > before
    assert "You are asked to present it." in page(client, bob, item)
    assert "Bob is asked to present it." in page(client, alice, item)


def test_members_see_no_proposal_but_may_take_it(item, bob, client):
    seen = page(client, bob, item)
    assert "Nobody presents it yet." in seen
    assert "turn of" not in seen
    assert "Ask" not in seen
    post(client, bob, "agenda-present", item, act="take")
    assert stand(item) == ("bob", True)
    assert asked() == []
    assert "You present it." in page(client, bob, item)


def test_who_is_asked_confirms_or_declines(item, alice, bob, client):
    presenters.ask_to_present(item=item, by=alice, user=bob)
    post(client, bob, "agenda-present", item, act="take")
    assert stand(item) == ("bob", True)
    post(client, bob, "agenda-present", item, act="decline")
    assert stand(item) == (None, False)
    assert "Bob" not in [name for name, _ in proposed(item)]
    assert "It is your turn: you have not presented yet." in page(client, alice, item)
    sequence = fresh(item).discussion.sequence
    post(client, bob, "agenda-present", item, act="decline")  # clicked twice
    assert fresh(item).discussion.sequence == sequence


def test_who_declined_may_be_asked_again(item, alice, bob):
    presenters.ask_to_present(item=item, by=alice, user=bob)
    presenters.decline_item(item=item, user=bob)
    presenters.ask_to_present(item=item, by=alice, user=bob)
    assert stand(item) == ("bob", False)
    assert asked() == ["bob", "bob"]
    assert not item.declined.exists()


def test_who_asks_themselves_has_confirmed(item, alice):
    presenters.ask_to_present(item=item, by=alice, user=alice)
    assert stand(item) == ("alice", True)
    assert asked() == []


def test_what_somebody_presents_nobody_else_takes(item, alice, bob, dan, client):
    presenters.ask_to_present(item=item, by=alice, user=bob)
    post(client, dan, "agenda-present", item, act="take")
    assert "Bob is asked to present it: take that back first." in page(client, dan, item)
    presenters.take_item(item=item, user=bob)
    post(client, dan, "agenda-present", item, act="take")
    assert "Bob presents it already." in page(client, dan, item)
    post(client, alice, "agenda-ask", item, user=dan.pk)
    assert stand(item) == ("bob", True)
    assert "Somebody else is to present" in page(client, alice, item)
    post(client, alice, "agenda-clear", item)
    assert stand(item) == (None, False)


def test_handing_over_asks_the_other(item, bob, dan, client):
    presenters.take_item(item=item, user=bob)
    post(client, bob, "agenda-hand-over", item, user=dan.pk)
    assert stand(item) == ("dan", False)
    assert asked() == ["dan"]
    presenters.decline_item(item=item, user=dan)
    assert {"bob", "dan"}.isdisjoint(name for name, _ in proposed(item))
    post(client, bob, "agenda-hand-over", item, user=dan.pk)
    assert "You do not present it any more." in page(client, bob, item)


def test_nobody_hands_over_to_themselves(item, bob):
    presenters.take_item(item=item, user=bob)
    with pytest.raises(ValidationError, match="somebody else"):
        presenters.hand_over(item=item, user=bob, to=bob)
    assert stand(item) == ("bob", True)


def test_a_swap_is_offered_and_happens_when_the_other_agrees(item, other, bob, dan, client):
    presenters.take_item(item=item, user=bob)
    before = fresh(item).discussion.sequence, fresh(other).discussion.sequence
    assert "Sorting" in page(client, bob, item)
    post(client, bob, "agenda-swap", item, item=other.pk)
    assert (stand(item), stand(other)) == (("bob", True), ("dan", True))  # nothing yet
    assert asked() == ["dan"]
    assert "You offer it for “Sorting”." in page(client, bob, item)
    assert "Bob would swap with you" in page(client, dan, item)
    client.force_login(dan)
    assert "You are asked to present" in text_of(client.get("/curious-minds/"))
    post(client, dan, "agenda-present", item, act="agree")
    assert (stand(item), stand(other)) == (("dan", True), ("bob", True))
    assert fresh(item).discussion.sequence > before[0]
    assert fresh(other).discussion.sequence > before[1]
    post(client, dan, "agenda-present", item, act="agree")  # a second time
    assert "It is not offered to you any more" in page(client, dan, item)
    assert (stand(item), stand(other)) == (("dan", True), ("bob", True))


def test_who_keeps_theirs_is_offered_it_no_more(item, other, bob, dan, client):
    presenters.take_item(item=item, user=bob)
    post(client, bob, "agenda-swap", item, item=other.pk)
    post(client, dan, "agenda-present", item, act="keep")
    assert "would swap with you" not in page(client, dan, item)
    post(client, dan, "agenda-present", item, act="agree")
    assert (stand(item), stand(other)) == (("bob", True), ("dan", True))
    post(client, bob, "agenda-swap", item, item=other.pk)
    assert asked() == ["dan"]  # asked once, however often it is offered


def test_an_offer_ends_where_either_is_given_to_somebody_else(item, other, alice, bob, dan, client):
    for given, back in ((item, bob), (other, dan)):
        presenters.take_item(item=item, user=bob)
        presenters.offer_swap(item=item, user=bob, other=other)
        presenters.hand_over(item=given, user=back, to=alice)
        assert fresh(item).swap_for is None
        presenters.clear_presenter(item=given)
        presenters.take_item(item=given, user=back)
        with pytest.raises(ValidationError, match="not offered"):
            presenters.accept_swap(item=fresh(item), user=dan)


def test_what_was_offered_by_who_leaves_is_offered_no_more(group, item, other, bob, dan):
    presenters.take_item(item=item, user=bob)
    presenters.offer_swap(item=item, user=bob, other=other)
    memberships.end_membership(membership=dan.memberships.get(), by=dan)
    assert fresh(item).swap_for is None
    assert stand(other) == (None, False)


def test_an_offer_is_nobody_elses_to_agree_to(item, other, alice, bob, dan, client):
    presenters.take_item(item=item, user=bob)
    presenters.offer_swap(item=item, user=bob, other=other)
    for act in ("agree", "keep"):
        post(client, alice, "agenda-present", item, act=act)
    assert (stand(item), stand(other)) == (("bob", True), ("dan", True))
    assert fresh(item).swap_for == other


def test_the_mail_of_an_offer_says_what_for(item, other, bob, dan):
    presenters.take_item(item=item, user=bob)
    presenters.offer_swap(item=item, user=bob, other=other)
    notice = Notice.objects.get()
    notice.discussion = Discussion.objects.with_agenda().get(pk=item.discussion_id)
    _, text = letters.letter_for(notice)(dan)
    assert "Bob offers it to you for “Sorting”" in text
    assert not recipients.is_obsolete(notice, timezone.now())
    presenters.decline_swap(item=fresh(item), user=dan)
    assert recipients.is_obsolete(notice, timezone.now())


def test_a_swap_on_one_agenda(group, bob, dan):
    papers = [make_paper(group=group), make_paper(group=group)]
    first, second = make_meeting(group=group, papers=papers).agenda.select_related("discussion")
    presenters.take_item(item=first, user=bob)
    presenters.take_item(item=second, user=dan)
    before = fresh(first).discussion.sequence
    presenters.offer_swap(item=first, user=bob, other=second)
    presenters.accept_swap(item=fresh(first), user=dan)
    assert (stand(first), stand(second)) == (("dan", True), ("bob", True))
    assert fresh(first).discussion.sequence == before + 2


def test_nothing_is_swapped_for_what_is_over_or_of_another_group(group, item, bob, dan, client):
    presenters.take_item(item=item, user=bob)
    past = item_of(presented(group, dan, timezone.now() - timedelta(days=1), state="scheduled"))
    off = item_of(presented(group, dan, timezone.now() + timedelta(days=1), state="cancelled"))
    second = make_group("Second", members=[bob, dan])
    theirs = item_of(presented(second, dan, timezone.now() + timedelta(days=1), state="scheduled"))
    for other in (past, off, theirs, item):
        post(client, bob, "agenda-swap", item, item=other.pk)
        assert "Choose a paper that somebody else presents." in page(client, bob, item)
    assert stand(item) == ("bob", True)
    assert stand(theirs) == ("dan", True)
    with pytest.raises(ValidationError):
        presenters.offer_swap(item=item, user=bob, other=theirs)


@pytest.mark.parametrize(("state", "said"), [("held", "was held"), ("cancelled", "is cancelled")])
def test_who_presented_stays_when_the_meeting_is_done(item, alice, bob, client, state, said):
    presenters.ask_to_present(item=item, by=alice, user=bob)
    Discussion.objects.update(state=state)
    for name, data in [
        ("agenda-present", {"act": "take"}),
        ("agenda-present", {"act": "decline"}),
        ("agenda-hand-over", {"user": alice.pk}),
    ]:
        post(client, bob, name, item, **data)
        assert f"The meeting {said}" in page(client, bob, item)
    post(client, alice, "agenda-clear", item)
    assert stand(item) == ("bob", False)
    assert "Ask nobody" not in page(client, alice, item)


@pytest.mark.parametrize("name", ["agenda-ask", "agenda-hand-over"])
def test_nobody_outside_the_group_is_asked(item, alice, charlie, client, name):
    gone = make_user("gone", is_active=False)
    Membership.objects.create(group=item.discussion.group, user=gone)
    if name == "agenda-hand-over":
        presenters.take_item(item=item, user=alice)
    before = stand(item)
    for user in (charlie.pk, gone.pk, "x", "", "9" * 30):
        post(client, alice, name, item, user=user)
        assert "Choose a member of the group." in page(client, alice, item)
    for act in (
        lambda user: presenters.ask_to_present(item=item, by=alice, user=user),
        lambda user: presenters.hand_over(item=item, user=alice, to=user),
    ):
        with pytest.raises(ValidationError):
            act(charlie)
    assert stand(item) == before
    assert asked() == []


def test_who_may_run_a_meeting_that_they_made_may_ask(item, bob, dan, client):
    assert post(client, bob, "agenda-ask", item, user=dan.pk).status_code == 403
    group = item.discussion.group
    group.anyone_may_schedule = True
    group.save()
    Discussion.objects.update(created_by=bob)
    assert post(client, bob, "agenda-ask", item, user=dan.pk).status_code == 302
    assert stand(item) == ("dan", False)


def test_the_page_says_that_who_presents_waits_or_cannot_come(item, alice, bob, dan, client):
    scheduling.update_discussion(discussion=item.discussion, by=alice, seats=1)
    presenters.take_item(item=item, user=bob)
    for user in (dan, bob):
        rsvps.set_rsvp(discussion=item.discussion, user=user, answer="coming")
    assert "Bob presents it, but is on the waiting list." in page(client, alice, item)
    assert "You present it, but are on the waiting list." in page(client, bob, item)
    rsvps.set_rsvp(discussion=item.discussion, user=bob, answer="not")
    assert "Bob presents it, but can't go." in page(client, alice, item)


@pytest.mark.parametrize("how", ["leaves", "deletes the account"])
def test_who_goes_presents_nothing_that_is_to_come(group, item, other, dan, how):
    held = presented(group, dan, timezone.now() - timedelta(days=9))
    poll = item_of(make_meeting(group=group, papers=[make_paper(group=group)], state="polling"))
    presenters.take_item(item=poll, user=dan)
    before = fresh(other).discussion.sequence
    if how == "leaves":
        memberships.end_membership(membership=dan.memberships.get(), by=dan)
        assert stand(held.agenda.get()) == ("dan", True)
    else:
        memberships.delete_account(user=dan, keep_writings=True)
        assert stand(held.agenda.get()) == ("former member", True)
    assert stand(other) == stand(poll) == (None, False)
    assert fresh(other).discussion.sequence == before + 1


def test_an_item_that_goes_meanwhile_is_not_found(item, bob, client, monkeypatch):
    take = presenters.take_item

    def late(**given):
        AgendaItem.objects.all().delete()
        return take(**given)

    monkeypatch.setattr(presenters, "take_item", late)
    assert post(client, bob, "agenda-present", item, act="take").status_code == 404


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("agenda-present", {}, "Choose whether you present it."),
        ("agenda-present", {"act": "perhaps"}, "Choose whether you present it."),
        ("agenda-swap", {}, "Choose a paper that somebody else presents."),
    ],
)
def test_what_says_nothing_does_nothing(item, bob, client, name, data, said):
    presenters.take_item(item=item, user=bob)
    assert post(client, bob, name, item, **data).status_code == 302
    assert said in page(client, bob, item)
    assert stand(item) == ("bob", True)


def test_the_page_costs_the_same_for_one_paper_and_for_ten(group, alice, client):
    meeting = make_meeting(group=group)
    client.force_login(alice)

    def number_of_queries():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(meeting.get_absolute_url()).status_code == 200
        return len(queries)

    def more(papers, members):
        for _ in range(papers):
            paper = make_paper(group=group)
            AgendaItem.objects.create(discussion=meeting, paper=paper, presenter=alice)
            AgendaItem.objects.create(discussion=meeting, paper=make_paper(group=group))
        for _ in range(members):
            user = make_user(f"user{Membership.objects.count()}")
            Membership.objects.create(group=group, user=user)
            Offer.objects.create(paper=paper, user=user)
            presented(group, user, timezone.now() - timedelta(days=9))
            presented(group, user, timezone.now() + timedelta(days=9), state="scheduled")

    more(1, 1)
    number_of_queries()
    few = number_of_queries()
    more(4, 30)
    assert number_of_queries() == few
