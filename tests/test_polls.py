"""Date polls: asked for, answered, looked at, and fixed by hand or by themselves."""

from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlencode

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from papers.discussions import poll_grid, times
from papers.discussions.proposed_dates import proposed_dates
from papers.library import ranking
from papers.models import (
    Availability,
    DateOption,
    DigestItem,
    Discussion,
    Event,
    MailChoice,
    Membership,
    Notice,
    Offer,
    Paper,
    Rsvp,
)
from papers.notifications import recipients
from papers.services import date_polls, rsvps, scheduling
from papers.services.voting import set_vote
from tests.browsing import Browser
from tests.factories import make_group, make_meeting, make_paper, make_user
from tests.pages import text_of

NEW = "/curious-minds/discussions/poll/"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NOW = timezone.now()
SOON = (NOW + 30 * DAY).replace(hour=16, minute=0, second=0, microsecond=0)
EVIL = "<script>alert(1)</script> & <b>bold</b>"


@pytest.fixture
def organiser(client, group, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def dan(group):
    dan = make_user("dan")
    Membership.objects.create(group=group, user=dan)
    return dan


@pytest.fixture
def paper(group, alice, bob):
    """An open paper that both want; Bob is to be waited for."""
    paper = make_paper(group=group, title="Tides of the moon")
    set_vote(paper=paper, user=alice, stance="want")
    set_vote(paper=paper, user=bob, stance="wait")
    return paper


def spans(number, first=SOON):
    return [(first + day * DAY, first + day * DAY + HOUR) for day in range(number)]


def make_poll(group, by, number=3, **given):
    return date_polls.open_poll(group=group, by=by, options=spans(number), **given)


def say(poll, user, *answers):
    """What ``user`` answers to the dates, in their order."""
    options = poll.options.values_list("pk", flat=True)
    given = dict(zip(options, answers, strict=False))
    date_polls.save_answers(discussion=poll, user=user, answers=given)


def close(poll):
    Discussion.objects.filter(pk=poll.pk).update(answer_by=timezone.now() - HOUR)
    poll.refresh_from_db()


def url(name, poll):
    return reverse(f"discussion-{name}", args=[poll.group.slug, poll.pk])


def rows(*days, hour="16:00", **more):
    """What a form is sent with: a row for each of ``days``."""
    data = {"minutes": 60} | more
    for number, day in enumerate(days):
        data |= {f"day_{number}": f"{day:%Y-%m-%d}", f"hour_{number}": hour}
    return data


def events(poll):
    return list(poll.notices.values_list("event", flat=True))


# Asking for a date


def test_a_poll_is_made_of_a_paper(organiser, group, alice, paper):
    group.time_zone, group.weekday, group.place = "Europe/Berlin", 3, "B 12"
    group.save()
    form = organiser.get(NEW, {"paper": paper.pk}).context["form"]
    days = [day.value() for day, _ in form.date_rows[:4]]
    assert len({day.weekday() for day in days}) == 4
    assert 3 in [day.weekday() for day in days]
    assert len({hour.value() for _, hour in form.date_rows[:4]}) == 4
    assert form.date_rows[4][0].value() is None
    assert form.initial["papers"] == [paper.pk]
    data = rows(SOON, SOON + DAY, place="B 12", papers=paper.pk, quorum=2)
    data["answer_by"] = f"{SOON - DAY:%Y-%m-%d}"
    page = organiser.post(NEW, data, follow=True)
    poll = Discussion.objects.get()
    assert poll.is_polling
    assert (poll.starts_at, poll.created_by, poll.place, poll.quorum) == (None, alice, "B 12", 2)
    assert {one.starts_at.hour for one in poll.options.all()} <= {14, 15}  # 16:00 in Berlin
    assert poll.options.first().ends_at - poll.options.first().starts_at == HOUR
    assert (poll.answer_by + HOUR).astimezone(UTC).hour in (22, 23)
    assert Paper.objects.get(pk=paper.pk).status == "scheduled"
    assert events(poll) == ["poll-opened"]
    assert "Tides of the moon" in text_of(page)
    assert "16:00–17:00" in text_of(page)


def test_the_ways_lead_from_one_to_the_other_with_the_paper(organiser, group, paper):
    query = urlencode({"paper": paper.pk})
    for way in ("new", "poll"):
        page = organiser.get(f"/curious-minds/discussions/{way}/?{query}").content.decode()
        assert f'href="{NEW}?{query}"' in page


def test_a_day_that_was_asked_for_comes_first(organiser, group):
    form = organiser.get(NEW, {"on": f"{SOON:%Y-%m-%d}"}).context["form"]
    assert form.date_rows[0][0].value() == SOON.date()
    for nonsense in ("x", "0001-01-01", "9999-12-31", "2026-13-40"):
        assert organiser.get(NEW, {"on": nonsense}).status_code == 200


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"day_0": "2020-01-01"}, "day_0", "two years ago"),
        ({"day_0": "2999-01-01"}, "day_0", "two years"),
        ({"day_0": "soon"}, "day_0", "valid date"),
        ({"day_0": "", "day_1": ""}, "day_0", "at least one date"),
        ({"day_0": "", "day_1": "", "day_15": "x"}, "day_15", "valid date"),
        ({"hour_0": ""}, "hour_0", "hour"),
        ({"hour_1": "25:00"}, "hour_1", "valid time"),
        ({"day_1": f"{SOON:%Y-%m-%d}"}, "day_1", "in the poll already"),
        ({"minutes": ""}, "minutes", "required"),
        ({"answer_by": f"{NOW - DAY:%Y-%m-%d}"}, "answer_by", "in the future"),
        ({"answer_by": "2020-01-01"}, "answer_by", "two years ago"),
        ({"answer_by": f"{SOON + 9 * DAY:%Y-%m-%d}"}, "answer_by", "after the last"),
        ({"quorum": 2}, "answer_by", "Enter a deadline"),
        ({"quorum": 0}, "quorum", "1"),
        ({"quorum": 10**9}, "quorum", "1000"),
        ({"seats": -1}, "seats", "1"),
        ({"link": "javascript:alert(1)"}, "link", "URL"),
    ],
)
def test_what_is_wrong_is_said_beside_it_and_nothing_is_lost(organiser, change, field, said):
    data = rows(SOON, SOON + DAY, place="The attic") | change
    response = organiser.post(NEW, data)
    assert response.status_code == 422
    form = response.context["form"]
    assert said in str(form.errors[field])
    assert form["place"].value() == "The attic"
    assert form["day_2"].value() in (None, "")
    assert not Discussion.objects.exists()


@pytest.mark.parametrize("field", ["day_0", "answer_by"])
@pytest.mark.parametrize(
    ("day", "hour", "zone"),
    [("0001-01-01", "00:00", "Asia/Tokyo"), ("9999-12-31", "23:59", "America/New_York")],
)
def test_years_that_have_no_such_hour_everywhere(organiser, group, field, day, hour, zone):
    group.time_zone = zone
    group.save()
    response = organiser.post(NEW, rows(SOON) | {field: day, "hour_0": hour})
    assert response.status_code == 422
    assert "Check the year." in str(response.context["form"].errors[field])


def test_hours_that_a_change_of_clocks_leaves_out_are_one_date(organiser, group):
    """On 28 March 2027 Berlin has no 02:30: it is 03:30."""
    group.time_zone = "Europe/Berlin"
    group.save()
    gap = date(2027, 3, 28)
    data = rows(gap, gap) | {"hour_0": "02:30", "hour_1": "03:30"}
    response = organiser.post(NEW, data)
    assert "in the poll already" in str(response.context["form"].errors["day_1"])
    organiser.post(NEW, rows(gap, gap + DAY))
    starts = DateOption.objects.values_list("starts_at", flat=True)
    assert [start.hour for start in starts] == [14, 14]  # 16:00 in summer, on either day
    organiser.post(NEW, rows(gap - DAY))
    assert DateOption.objects.order_by("starts_at").first().starts_at.hour == 15


def test_twenty_dates_and_no_more(group, alice):
    with pytest.raises(ValidationError, match="at most 20 dates"):
        make_poll(group, alice, 21)
    with pytest.raises(ValidationError, match="the same"):
        date_polls.open_poll(group=group, by=alice, options=spans(1) * 2)
    with pytest.raises(ValidationError):
        make_poll(group, alice, 0)
    assert not Discussion.objects.exists()
    poll = make_poll(group, alice, 20)
    with pytest.raises(ValidationError, match="at most 20 dates"):
        date_polls.edit_poll(discussion=poll, options=spans(1, SOON + 40 * DAY))


def test_members_ask_where_the_group_lets_them(client, group, bob):
    client.force_login(bob)
    assert client.get(NEW).status_code == 403
    group.anyone_may_schedule = True
    group.save()
    client.post(NEW, rows(SOON))
    poll = Discussion.objects.get()
    assert "Choose this date" in text_of(client.get(poll.get_absolute_url()))


# Answering


def test_a_member_answers_and_changes_and_takes_back(client, group, alice, bob):
    poll = make_poll(group, alice)
    first, second, third = poll.options.values_list("pk", flat=True)
    client.force_login(bob)
    page = client.get(poll.get_absolute_url())
    assert "Not answered yet: Alice, Bob." in text_of(page)
    data = {f"option-{first}": "yes", f"option-{second}": "no"}
    page = client.post(url("answer", poll), data, follow=True)
    assert dict(bob.availability.values_list("option", "answer")) == {first: "yes", second: "no"}
    assert "Not answered yet: Alice, Bob (1 date)." in text_of(page)
    client.post(url("answer", poll), {f"option-{first}": "maybe", f"option-{third}": "yes"})
    said = dict(bob.availability.values_list("option", "answer"))
    assert said == {first: "maybe", second: "no", third: "yes"}
    client.post(url("answer", poll), {f"option-{first}": ""})
    assert first not in bob.availability.values_list("option", flat=True)
    client.post(url("answer", poll), {"take-back": "yes"})
    assert not bob.availability.exists()


def test_the_same_answer_keeps_its_moment(group, alice, bob):
    poll = make_poll(group, alice)
    say(poll, bob, "yes", "no")
    before = dict(bob.availability.values_list("option", "updated_at"))
    say(poll, bob, "yes", "yes")
    after = dict(bob.availability.values_list("option", "updated_at"))
    first, second = poll.options.values_list("pk", flat=True)[:2]
    assert after[first] == before[first]
    assert after[second] > before[second]


def test_dates_of_another_group_take_no_answer_of_mine(client, group, alice, bob, charlie):
    poll = make_poll(group, alice)
    others = make_group("Second", organisers=[charlie])
    theirs = make_poll(others, charlie).options.first()
    client.force_login(bob)
    client.post(url("answer", poll), {f"option-{theirs.pk}": "yes"})
    with pytest.raises(ValidationError):
        date_polls.save_answers(discussion=poll, user=bob, answers={theirs.pk: "yes"})
    assert not Availability.objects.exists()
    client.force_login(alice)
    client.post(url("fix", poll), {"pick": f"{theirs.pk}:"})
    secret = make_paper(group=others, title="Theirs")
    page = client.post(
        url("fix", poll), {"pick": f"{poll.options.first().pk}:{secret.pk}"}, follow=True
    )
    assert "Theirs" not in text_of(page)
    assert set(Discussion.objects.values_list("state", flat=True)) == {"polling"}


@pytest.mark.parametrize("nonsense", ["", "x", "1", "1:2:3", "9" * 30 + ":", "-1:", "1:x"])
def test_nonsense_is_said_and_does_nothing(organiser, group, alice, bob, nonsense):
    poll = make_poll(group, alice)
    page = organiser.post(url("fix", poll), {"pick": nonsense}, follow=True)
    assert "Choose one of the dates." in text_of(page)
    data = {f"option-{poll.options.first().pk}": nonsense or "perhaps"}
    assert organiser.post(url("answer", poll), data).status_code == 302
    assert not Availability.objects.exists()


def test_after_the_deadline_nobody_answers_until_it_is_moved(client, group, alice, bob):
    poll = make_poll(group, alice)
    close(poll)
    data = {f"option-{poll.options.first().pk}": "yes"}
    client.force_login(bob)
    page = client.post(url("answer", poll), data, follow=True)
    assert "The deadline for answers has passed." in text_of(page)
    assert b'type="radio"' not in page.content
    assert not Availability.objects.exists()
    client.force_login(alice)
    more = {"answer_by": f"{SOON - DAY:%Y-%m-%d}", "minutes": 60}
    assert client.post(url("poll-edit", poll), more).status_code == 302
    client.force_login(bob)
    client.post(url("answer", poll), data)
    assert Availability.objects.count() == 1


def test_who_is_not_in_the_group_counts_for_nothing(client, group, alice, bob, dan, charlie, paper):
    poll = make_poll(group, alice, papers=[paper])
    erin = make_user("erin")
    Membership.objects.create(group=group, user=erin)
    for user in (dan, erin):
        set_vote(paper=paper, user=user, stance="want")
        Offer.objects.create(paper=paper, user=user)
        say(poll, user, "yes", "yes", "yes")
    with pytest.raises(ValidationError, match="Only members"):
        say(poll, charlie, "yes")
    dan.memberships.all().delete()
    erin.is_active = False
    erin.save()
    client.force_login(alice)
    page = text_of(client.get(poll.get_absolute_url()))
    assert "Dan" not in page
    assert "Erin" not in page
    assert "0 of the 2 who want it can come; 2 have not answered." in page
    assert date_polls.best_option(poll, NOW) is None
    fixed = date_polls.fix_date(option=poll.options.first(), by=alice)
    assert not fixed.rsvps.exists()


# The page


def test_the_page_says_who_of_those_who_want_it_can_come(client, group, alice, bob, dan, paper):
    set_vote(paper=paper, user=dan, stance="want")
    Offer.objects.create(paper=paper, user=alice)
    poll = make_poll(group, alice, papers=[paper])
    say(poll, alice, "yes", "yes", "no")
    say(poll, bob, "no", "maybe")
    say(poll, dan, "maybe", "no", "no")
    client.force_login(dan)
    options = client.get(poll.get_absolute_url()).context["poll"]["options"]
    assert [option.facts[0][1] for option in options] == [
        [
            "2 of the 3 who want it can come (1 if necessary).",
            "Alice can present.",
            "“Wait for me”: Bob cannot come.",
        ],
        ["2 of the 3 who want it can come (1 if necessary).", "Alice can present."],
        [
            "0 of the 3 who want it can come; 1 has not answered.",
            "“Wait for me”: Bob has not answered.",
        ],
    ]
    assert [option.is_best for option in options] == [True, True, False]
    assert [option.is_tied for option in options] == [True, True, False]
    group.votes_are_named = False
    group.save()
    page = client.get(poll.get_absolute_url())
    sentences = page.context["poll"]["options"][0].facts[0][1]
    assert sentences[2] == "“Wait for me”: 1 cannot come."


def test_a_presenter_who_cannot_come_is_named(group, alice, bob, dan, paper):
    poll = make_poll(group, alice, papers=[paper])
    poll.agenda.update(presenter=dan, is_confirmed=True)
    say(poll, dan, "no", "yes")
    options = list(poll.options.all())
    items = list(poll.agenda.select_related("paper", "presenter"))
    answers = poll_grid.poll_answers(poll, options)
    dates = poll_grid.poll_dates(options, answers, group, alice, NOW)
    poll_grid.add_date_facts(
        dates,
        items,
        answers,
        poll_grid.votes_and_offers(group, [paper]),
        are_named=group.votes_are_named,
    )
    said = [" ".join(date.facts[0][1]) for date in dates]
    assert "Dan, who presents, cannot come." in said[0]
    assert "Dan can present." in said[1]
    assert "Dan" not in said[2]


def test_most_yes_is_best_and_then_most_who_can(group, alice, bob, dan):
    poll = make_poll(group, alice, 4)
    say(poll, alice, "yes", "yes", "maybe", "no")
    say(poll, bob, "no", "maybe", "maybe")
    say(poll, dan, "no", "no", "maybe")
    options = list(poll.options.all())
    answers = poll_grid.poll_answers(poll, options)
    dates = poll_grid.poll_dates(options, answers, group, alice, NOW)
    assert [date.is_best for date in dates] == [False, True, False, False]
    assert date_polls.best_option(poll, NOW) == options[1]


def test_my_row_comes_first_and_who_is_silent_is_none(client, group, alice, bob, dan):
    poll = make_poll(group, alice)
    say(poll, alice, "yes")
    say(poll, bob, "no")
    client.force_login(bob)
    poll_seen = client.get(poll.get_absolute_url()).context["poll"]
    assert [row.user.name for row in poll_seen["rows"]] == ["Bob", "Alice"]
    waiting = [(one.user.name, one.missing) for one in poll_seen["waiting"]]
    assert waiting == [("Alice", 2), ("Bob", 2), ("Dan", 3)]


def test_a_superuser_who_is_no_member_looks_on(client, group, alice, db):
    poll = make_poll(group, alice)
    client.force_login(make_user("root", is_superuser=True))
    page = client.get(poll.get_absolute_url())
    assert "Save my answers" not in text_of(page)
    assert "Choose this date" in text_of(page)


def test_the_matrix_counts_who_wants_each_paper_and_can_come(client, group, alice, bob, dan, paper):
    poll = make_poll(group, alice)
    sorting = make_paper(group=group, title="Sorting")
    set_vote(paper=sorting, user=dan, stance="want")
    say(poll, alice, "yes", "maybe", "no")
    say(poll, bob, "no", "yes", "no")
    say(poll, dan, "no", "no", "yes")
    client.force_login(alice)
    lines = client.get(poll.get_absolute_url()).context["poll"]["matrix"]
    assert [line.paper for line in lines] == [paper, sorting]
    assert [[cell.can_come for cell in line.cells] for line in lines] == [[1, 2, 0], [0, 0, 1]]
    best = [cell for line in lines for cell in line.cells if cell.is_best]
    assert [(cell.can_come, cell.maybe) for cell in best] == [(2, 1)]
    client.force_login(bob)
    assert "matrix" not in client.get(poll.get_absolute_url()).context["poll"]


def test_what_members_wrote_runs_nowhere(organiser, group, alice, bob):
    bob.name = EVIL
    bob.save()
    papers = [make_paper(group=group, title=f"{EVIL} {number}") for number in range(2)]
    for paper in papers:
        set_vote(paper=paper, user=bob, stance="wait")
    poll = make_poll(group, alice, papers=papers[:1], place=EVIL)
    say(poll, bob, "no")
    for address in (poll.get_absolute_url(), url("poll-edit", poll), NEW):
        page = organiser.get(address).content.decode()
        assert "<script>alert" not in page
        assert "<b>bold" not in page


def test_as_many_queries_for_thirty_as_for_one(
    client, group, alice, bob, paper, django_assert_num_queries
):
    small = make_poll(group, alice, 2, papers=[paper])
    say(small, bob, "yes")
    client.force_login(alice)
    client.get(small.get_absolute_url())
    with CaptureQueriesContext(connection) as found:
        client.get(small.get_absolute_url())
    large = make_poll(group, alice, 20, papers=[make_paper(group=group) for _ in range(5)])
    for number in range(30):
        user = make_user(f"member{number}")
        Membership.objects.create(group=group, user=user)
        set_vote(paper=large.agenda.all()[number % 5].paper, user=user, stance="wait")
        say(large, user, *["yes", "maybe", "no", ""] * 5)
    with django_assert_num_queries(len(found)):
        client.get(large.get_absolute_url())


def test_who_has_not_answered_is_reminded_once_a_day(organiser, group, alice, bob):
    poll = make_poll(group, alice)
    page = Browser(alice).open(poll.get_absolute_url()).form("Remind 1 member").submit()
    assert "1 member is reminded." in page.root.text
    assert "A reminder was sent today." in page.root.text
    page = organiser.post(url("remind", poll), follow=True)
    assert "A reminder was sent today already." in text_of(page)
    assert events(poll).count("poll-reminded") == 1
    Notice.objects.filter(event="poll-reminded").update(asked_on="2020-01-01")
    assert date_polls.remind_unanswered(discussion=poll, by=alice) == 1
    close(poll)
    page = organiser.post(url("remind", poll), follow=True)
    assert "The deadline for answers has passed." in text_of(page)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("yes", "can come"),
        ("maybe", "can come if necessary"),
        ("no", "cannot come"),
        ("", "has not answered"),
    ],
)
def test_of_the_only_one_who_wants_it_is_said_what_they_answered(group, alice, bob, answer, said):
    wanted = make_paper(group=group, title="Tides")
    set_vote(paper=wanted, user=bob, stance="want")
    poll = make_poll(group, alice, 1, papers=[wanted])
    say(poll, bob, answer)
    page = Browser(alice).open(poll.get_absolute_url())
    assert f"The one who wants it {said}." in page.root.text


def test_dates_that_are_equally_good_are_said_to_be_tied(group, alice, bob, paper):
    poll = make_poll(group, alice, papers=[paper])
    say(poll, bob, "yes", "yes", "no")
    text = Browser(alice).open(poll.get_absolute_url()).root.text
    assert text.count("★ Tied best 1 yes") == 2
    say(poll, alice, "no", "yes", "no")
    text = Browser(alice).open(poll.get_absolute_url()).root.text
    assert "Tied best" not in text
    assert text.count("★ Best 2 yes") == 1


def test_one_button_says_yes_to_every_date_to_come(group, alice, bob):
    poll = make_poll(group, alice)
    say(poll, bob, "no", "no", "no")
    first = poll.options.first()
    DateOption.objects.filter(pk=first.pk).update(starts_at=NOW - HOUR)
    page = Browser(bob).open(poll.get_absolute_url()).form("Yes to all dates").submit()
    assert "Your answers are saved." in page.root.text
    answers = bob.availability.order_by("option__position").values_list("answer", flat=True)
    assert list(answers) == ["no", "yes", "yes"]


def test_an_empty_hour_is_that_of_the_row_above(group, alice):
    form = Browser(alice).open(NEW).form("Ask the members")
    for number in range(8):
        form.fill(f"day_{number}", f"{SOON + number * DAY:%Y-%m-%d}" if number < 4 else "")
        form.fill(f"hour_{number}", {0: "10:30", 2: "12:00"}.get(number, ""))
    assert form.submit().errors() == []
    hours = [f"{option.starts_at:%H:%M}" for option in DateOption.objects.all()]
    assert hours == ["10:30", "10:30", "12:00", "12:00"]


def test_days_and_hours_that_suited_the_members_are_proposed(group, alice, bob):
    """Thursday at ten suited both, Monday at nine nobody; the other days are near the usual one."""
    group.weekday, group.meets_at = 0, time(9)
    group.save()
    monday = (NOW - 60 * DAY).replace(hour=9, minute=0, second=0, microsecond=0)
    monday -= monday.weekday() * DAY
    starts = [monday, monday + 3 * DAY + HOUR]
    poll = date_polls.open_poll(
        group=group, by=alice, options=[(start, start + HOUR) for start in starts]
    )
    for user in (alice, bob):
        say(poll, user, "no", "yes")
    proposed = proposed_dates(group, NOW, 4)
    slots = [(one.weekday(), one.hour) for one in proposed]
    assert (3, 10) in slots
    assert 0 not in [day for day, _ in slots]
    assert len({day for day, _ in slots}) == len(slots) == 4
    assert len({hour for _, hour in slots}) >= 3
    assert proposed == sorted(proposed)
    assert proposed[0] - NOW >= 2 * DAY
    free = proposed[0]
    make_meeting(group=group, starts_at=free)
    assert free not in proposed_dates(group, NOW, 4)


@pytest.mark.parametrize("meets_at", [None, time(0), time(9, 30), time(23)])
@pytest.mark.parametrize("weekday", [None, *range(7)])
def test_without_earlier_answers_different_days_and_hours_are_proposed(group, weekday, meets_at):
    group.weekday, group.meets_at = weekday, meets_at
    group.save()
    proposed = proposed_dates(group, NOW, 4)
    assert len({one.weekday() for one in proposed}) == 4
    assert len({one.time() for one in proposed}) >= 2
    usual = (1 if weekday is None else weekday, meets_at or times.USUAL_HOUR)
    assert usual in [(one.weekday(), one.time()) for one in proposed]


# Dates that are added


@pytest.fixture
def widened(group, alice, bob, dan, mailoutbox, send_mails):
    """A poll that Bob and Dan have answered, with a date that Alice has added since."""
    poll = make_poll(group, alice, 1, answer_by=SOON - DAY)
    for user in (bob, dan):
        say(poll, user, "yes")
    form = Browser(alice).open(url("poll-edit", poll)).form("Save")
    form.fill("day_0", f"{SOON + 7 * DAY:%Y-%m-%d}")
    form.fill("hour_0", "16:00")
    page = form.submit()
    assert "The date poll is saved. 2 members are notified." in page.root.text
    return poll


def test_who_has_to_answer_an_added_date_waits_everywhere(widened, group, alice, bob, dan):
    say(widened, dan, "yes", "no")
    assert "Not answered yet: Alice (2" not in Browser(bob).open("/curious-minds/").root.text
    assert "When can you come" in Browser(bob).open("/curious-minds/").root.text
    assert "When can you come" not in Browser(dan).open("/curious-minds/").root.text
    page = Browser(bob).open(widened.get_absolute_url())
    assert "Not answered yet: Alice, Bob (1 date)." in page.root.text
    assert page.root.text.count("Not answered ") == 1 + 1  # the badge of the date, and the list
    rows = Browser(bob).open("/curious-minds/discussions/").root.text
    assert "1 of 3 answered" in rows
    assert "you have not answered" in rows
    told = [
        recipients.recipients_of(Notice(discussion=widened, event=event, by=alice))
        for event in (Event.POLL_REMINDED, Event.POLL_CLOSES, Event.DATES_ADDED)
    ]
    assert told == [[bob]] * 3


def test_added_dates_are_told_once_for_all_of_them(widened, group, alice, bob, mailoutbox, tell):
    assert events(widened) == ["poll-opened", "dates-added"]
    tell()
    mails = [one for one in mailoutbox if "new dates" in one.subject]
    assert sorted(one.to[0] for one in mails) == ["bob@example.org", "dan@example.org"]
    # A change without a date tells nobody.
    Browser(alice).open(url("poll-edit", widened)).form("Save").submit()
    assert events(widened) == ["poll-opened", "dates-added"]


@pytest.mark.parametrize("way", ["now", "digest", "off"])
def test_the_reminder_says_how_many_it_reaches(group, alice, bob, dan, way, tell, mailoutbox):
    """Bob has answered in part, and Dan chose what he hears of polls; Alice is not mailed."""
    poll = make_poll(group, alice)
    say(poll, bob, "yes")
    MailChoice.objects.create(user=dan, kind="poll", way=way)
    number = "1 member" if way == "off" else "2 members"
    page = Browser(alice).open(poll.get_absolute_url()).form(f"Remind {number}").submit()
    assert f"{number} {'is' if way == 'off' else 'are'} reminded." in page.root.text
    tell()
    reached = len([one for one in mailoutbox if "missing" in one.subject])
    reached += DigestItem.objects.filter(notice__event="poll-reminded").count()
    assert f"{reached} member" in number


def test_nobody_is_reminded_where_nobody_is_left(organiser, group, alice, bob):
    poll = make_poll(group, alice)
    say(poll, bob, "yes", "no", "no")
    page = organiser.post(url("remind", poll), follow=True)
    assert "There is nobody to remind." in text_of(page)
    assert events(poll) == ["poll-opened"]


@pytest.mark.parametrize("page", ["new", "poll", "write", "record"])
def test_the_forms_say_in_which_zone_times_are(organiser, group, page):
    group.time_zone = "Europe/Berlin"
    group.save()
    response = organiser.get(f"/curious-minds/discussions/{page}/")
    assert "Times are in Europe/Berlin." in text_of(response)


# Fixing


def test_a_date_is_fixed_and_who_said_yes_comes_in_order(organiser, group, alice, bob, dan, paper):
    other = make_paper(group=group, title="Sorting")
    poll = make_poll(group, alice, papers=[other], seats=1)
    say(poll, dan, "yes")
    say(poll, alice, "maybe")
    say(poll, bob, "yes")
    option = poll.options.first()
    page = organiser.post(url("fix", poll), {"pick": f"{option.pk}:{paper.pk}"}, follow=True)
    assert "The date is chosen. 2 members are notified." in text_of(page)
    poll.refresh_from_db()
    assert poll.is_scheduled
    assert (poll.starts_at, poll.ends_at) == (option.starts_at, option.ends_at)
    assert [item.paper for item in poll.agenda.all()] == [other, paper]
    assert set(Paper.objects.values_list("status", flat=True)) == {"scheduled"}
    line = rsvps.attendance_of(poll)
    assert [rsvp.user for rsvp in line.seated] == [dan]
    assert [rsvp.user for rsvp in line.waiting] == [bob]
    assert Rsvp.objects.count() == 2
    assert events(poll) == ["poll-opened", "fixed"]
    again = organiser.post(url("fix", poll), {"pick": f"{poll.options.last().pk}:"}, follow=True)
    assert "The date is chosen already." in text_of(again)
    poll.refresh_from_db()
    assert poll.starts_at == option.starts_at


def link_named(page, name):
    """The address behind the only link with this name."""
    (link,) = [link for link in page.root.all("a") if link.text == name]
    return link.get("href")


@pytest.fixture
def shown(group, alice, bob, dan, paper):
    """A poll and its page, as its organiser opens it: the second date is the best."""
    poll = make_poll(group, alice)
    say(poll, alice, "maybe", "yes", "no")
    say(poll, bob, "no", "yes", "yes")
    page = Browser(alice).open(poll.get_absolute_url())
    return poll, page


@pytest.mark.parametrize("number", [0, 1, 2])
def test_the_button_of_a_date_fixes_that_date_and_puts_on_no_paper(shown, group, number):
    poll, page = shown
    option = poll.options.all()[number]
    when = times.meeting_time(option, group)
    page = page.browser.open(link_named(page, f"Choose this date: {when.day}, {when.hours}"))
    assert f"{when.day}, {when.hours}" in page.root.text
    page = page.form("Choose this date").submit()
    assert "The date is chosen. 2 members are notified." in page.root.text
    poll.refresh_from_db()
    assert poll.starts_at == option.starts_at
    assert not poll.agenda.exists()


@pytest.mark.parametrize("number", [0, 1, 2])
def test_the_button_of_the_matrix_fixes_the_paper_and_date_chosen(shown, paper, number):
    poll, page = shown
    option = poll.options.all()[number]
    form = page.form("Choose this paper and date")
    assert form.value("pick") == []
    form.choose("pick", f"{option.pk}:{paper.pk}")
    page = form.submit()
    assert f"{paper.title} Added" in page.root.text
    page.form("Choose this date").submit()
    poll.refresh_from_db()
    assert poll.starts_at == option.starts_at
    assert poll.agenda.get().paper == paper


def test_two_decisions_at_once_are_none(organiser, shown, paper):
    poll, _ = shown
    first, second = poll.options.all()[:2]
    for picks in ([f"{first.pk}:", f"{second.pk}:{paper.pk}"], [f"{first.pk}:"] * 2):
        page = organiser.post(url("fix", poll), {"pick": picks}, follow=True)
        assert "Choose one of the dates." in text_of(page)
    poll.refresh_from_db()
    assert poll.is_polling


def test_many_who_said_yes_hold_the_meeting_no_longer_than_one(group, alice):
    """Everybody who writes waits for it, on SQLite."""
    queries = []
    for number in (1, 20):
        users = [make_user(f"yes{number}-{one}") for one in range(number)]
        Membership.objects.bulk_create(Membership(group=group, user=user) for user in users)
        poll = make_poll(group, alice, seats=5)
        for user in reversed(users):
            say(poll, user, "yes")
        with CaptureQueriesContext(connection) as captured:
            date_polls.fix_date(option=poll.options.first(), by=alice)
        queries.append(len(captured))
    assert queries[0] == queries[1]
    line = rsvps.attendance_of(Discussion.objects.get(pk=poll.pk))
    assert [rsvp.user for rsvp in [*line.seated, *line.waiting]] == users[::-1]
    assert len(line.seated) == 5


def test_votes_stay_what_they_are(group, alice, bob, paper):
    before = ranking.ranked_papers(group).get().wanting
    poll = make_poll(group, alice, papers=[paper])
    assert not ranking.ranked_papers(group).exists()
    say(poll, bob, "yes")
    scheduling.cancel_discussion(
        discussion=date_polls.fix_date(option=poll.options.first(), by=alice), by=alice
    )
    assert ranking.ranked_papers(group).get().wanting == before


def test_a_date_that_is_past_is_not_fixed_nor_proposed(organiser, group, alice, bob, paper):
    poll = make_poll(group, alice, papers=[paper])
    say(poll, bob, "yes", "maybe")
    first, second = poll.options.all()[:2]
    DateOption.objects.filter(pk=first.pk).update(starts_at=NOW - HOUR)
    page = organiser.post(url("fix", poll), {"pick": f"{first.pk}:"}, follow=True)
    assert "That date is in the past" in text_of(page)
    assert page.context["poll"]["options"][1].is_best
    assert f"pick={first.pk}:" not in page.content.decode()
    assert f'value="{first.pk}:' not in page.content.decode()
    assert f'name="option-{first.pk}"' not in page.content.decode()
    for number, option in enumerate(poll.options.all()):
        DateOption.objects.filter(pk=option.pk).update(starts_at=NOW - (number + 1) * HOUR)
    assert "All dates are in the past." in text_of(organiser.get(poll.get_absolute_url()))


def test_dates_are_added_and_answers_stay(organiser, group, alice, bob):
    poll = make_poll(group, alice, 1)
    say(poll, bob, "yes")
    known = times.meeting_time(poll.options.get(), group)
    assert f"Dates in the poll: {known.day}, {known.hours}." in text_of(
        organiser.get(url("poll-edit", poll))
    )
    twice = organiser.post(url("poll-edit", poll), rows(SOON))
    assert twice.status_code == 422
    assert "in the poll already" in str(twice.context["form"].errors["day_0"])
    more = rows(SOON + 7 * DAY, place="The attic")
    assert organiser.post(url("poll-edit", poll), more).status_code == 302
    assert poll.options.count() == 2
    assert bob.availability.count() == 1
    poll.refresh_from_db()
    assert poll.sequence > 0
    assert poll.place == "The attic"


def test_dates_that_somebody_added_meanwhile_are_said(organiser, group, alice, monkeypatch):
    poll = make_poll(group, alice, 20)
    form = organiser.get(url("poll-edit", poll)).context["form"]
    assert form.date_rows == []
    poll.options.filter(position=19).delete()
    edit = date_polls.edit_poll

    def late(**given):
        poll.options.create(position=19, starts_at=SOON + 60 * DAY, ends_at=SOON + 60 * DAY + HOUR)
        return edit(**given)

    monkeypatch.setattr(date_polls, "edit_poll", late)
    response = organiser.post(url("poll-edit", poll), rows(SOON + 50 * DAY))
    assert response.status_code == 422
    assert "at most 20 dates" in text_of(response)


@pytest.mark.parametrize("state", ["scheduled", "held", "cancelled"])
def test_only_a_poll_is_answered_edited_and_fixed(organiser, group, alice, state):
    poll = make_poll(group, alice)
    option = poll.options.first()
    span = {} if state == "cancelled" else {"starts_at": SOON, "ends_at": SOON + HOUR}
    Discussion.objects.filter(pk=poll.pk).update(state=state, **span)
    data = {"pick": f"{option.pk}:", f"option-{option.pk}": "yes", **rows(SOON + 9 * DAY)}
    said = "poll was cancelled" if state == "cancelled" else "date is chosen"
    for name in ("answer", "fix", "remind", "poll-edit"):
        assert said in text_of(organiser.post(url(name, poll), data, follow=True))
    poll.refresh_from_db()
    assert poll.state == state
    assert events(poll) == ["poll-opened"]
    assert not Availability.objects.exists()
    assert poll.options.count() == 3
    assert organiser.get(poll.get_absolute_url()).status_code == 200


# By itself, at the deadline


def due(group, alice, quorum, **given):
    """A poll that has a quorum, and is not over yet."""
    return make_poll(group, alice, answer_by=SOON - DAY, quorum=quorum, **given)


def test_at_the_deadline_the_best_date_fixes_itself_once(group, alice, bob, dan):
    poll = due(group, alice, 2)
    say(poll, alice, "yes", "yes")
    say(poll, bob, "no", "yes")
    say(poll, dan, "maybe", "maybe")
    date_polls.close_due_polls(at=timezone.now())
    poll.refresh_from_db()
    assert poll.is_polling  # it is not over
    close(poll)
    for _ in range(2):
        date_polls.close_due_polls(at=timezone.now())
    poll.refresh_from_db()
    assert poll.is_scheduled
    assert poll.starts_at == SOON + DAY
    assert [rsvp.user for rsvp in rsvps.attendance_of(poll).seated] == [alice, bob]
    assert events(poll) == ["poll-opened", "fixed"]
    assert Notice.objects.get(event="fixed").by is None


def test_too_few_yes_leave_it_to_people(organiser, group, alice, bob):
    poll = due(group, alice, 2)
    say(poll, alice, "yes", "maybe")
    say(poll, bob, "maybe", "yes")
    close(poll)
    date_polls.close_due_polls(at=timezone.now())
    page = text_of(organiser.get(poll.get_absolute_url()))
    assert "No date is chosen automatically until it has 2 yes." in page
    assert "extend the deadline or add dates" in page
    assert "Choose this date" in page
    poll.refresh_from_db()
    assert poll.is_polling


def test_one_that_fails_keeps_no_other_from_closing(group, alice, bob, monkeypatch):
    polls = [due(group, alice, 1) for _ in range(3)]
    for poll in polls:
        say(poll, bob, "yes")
        close(poll)
    fix = date_polls.fix_date

    def failing(*, option, by):
        if option.discussion_id == polls[1].pk:
            fix(option=option, by=by)
            raise RuntimeError
        fix(option=option, by=by)

    monkeypatch.setattr(date_polls, "fix_date", failing)
    date_polls.close_due_polls(at=timezone.now())
    states = Discussion.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["scheduled", "polling", "scheduled"]
    assert Notice.objects.filter(event="fixed").count() == 2


def test_without_a_quorum_or_called_off_nothing_fixes_itself(group, alice, bob):
    polls = [make_poll(group, alice), due(group, alice, 1), due(group, alice, 1)]
    for poll in polls:
        say(poll, bob, "yes")
        close(poll)
    scheduling.cancel_discussion(discussion=polls[1], by=alice)
    DateOption.objects.filter(discussion=polls[2]).delete()
    polls[2].options.create(position=0, starts_at=NOW - 2 * HOUR, ends_at=NOW - HOUR)
    date_polls.close_due_polls(at=timezone.now())
    states = Discussion.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["polling", "cancelled", "polling"]


# What waits for a member


def test_polls_that_wait_for_me(group, alice, bob, charlie):
    late, soon, open_ended = make_poll(group, alice), make_poll(group, alice), make_poll(group, bob)
    Discussion.objects.filter(pk=late.pk).update(answer_by=SOON)
    Discussion.objects.filter(pk=soon.pk).update(answer_by=SOON - DAY)
    assert list(date_polls.unanswered_polls(bob, group)) == [soon, late, open_ended]
    say(soon, bob, "no", "no")
    assert list(date_polls.unanswered_polls(bob, group)) == [soon, late, open_ended]
    say(soon, bob, "no", "no", "no")
    say(late, alice, "yes", "no", "no")
    assert list(date_polls.unanswered_polls(bob, group)) == [late, open_ended]
    close(late)
    assert list(date_polls.unanswered_polls(bob, group)) == [open_ended]
    for option in open_ended.options.all():
        start = NOW - (option.position + 1) * HOUR
        DateOption.objects.filter(pk=option.pk).update(starts_at=start)
    assert list(date_polls.unanswered_polls(bob, group)) == []
    make_meeting(group=group)
    make_poll(make_group("Second", organisers=[charlie]), charlie)
    assert list(date_polls.unanswered_polls(bob, group)) == []


def test_the_readers_zone_and_the_groups_beside_it(client, group, alice, bob):
    group.time_zone, bob.time_zone = "Europe/Berlin", "Asia/Kathmandu"
    group.save()
    bob.save()
    moment = datetime(2027, 3, 29, 14, 0, tzinfo=UTC)
    poll = date_polls.open_poll(
        group=group,
        by=alice,
        options=[(moment, moment + HOUR)],
        answer_by=datetime.combine(date(2027, 3, 27), time(22, 59), tzinfo=UTC),
    )
    client.force_login(bob)
    page = text_of(client.get(poll.get_absolute_url()))
    assert "Mon 29 Mar 2027, 19:45–20:45" in page
    assert "16:00–17:00 Europe/Berlin" in page
    assert "Sun 28 Mar 2027, 04:44 (Asia/Kathmandu)" in page
