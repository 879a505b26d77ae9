"""How meetings come to be, move, are cancelled and held; papers and votes meanwhile."""

from datetime import UTC, datetime, time, timedelta
from urllib.parse import urlencode

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from papers.discussions import times
from papers.library import list_counts, ranking
from papers.models import AgendaItem, Discussion, Event, Notice, Paper, Vote
from papers.notifications import fan_out, letters
from papers.services import agenda, scheduling, status_and_topics
from papers.services.voting import set_vote
from tests.factories import make_group, make_meeting, make_paper
from tests.pages import text_of

NEW = "/curious-minds/discussions/new/"
SOON = (timezone.now() + timedelta(days=30)).replace(hour=16, minute=0, second=0, microsecond=0)
FORM = {"day": f"{SOON:%Y-%m-%d}", "hour": "16:00", "minutes": "60"}


@pytest.fixture
def organiser(client, group, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def paper(group, alice, bob):
    """An open paper that both want."""
    paper = make_paper(group=group, title="Tides of the moon")
    set_vote(paper=paper, user=alice, stance="want")
    set_vote(paper=paper, user=bob, stance="wait")
    return paper


def status_of(paper):
    return Paper.objects.get(pk=paper.pk).status


def events(discussion):
    return list(Notice.objects.filter(discussion=discussion).values_list("event", flat=True))


def test_a_meeting_is_made_of_a_paper(organiser, group, alice, paper):
    group.time_zone, group.place = "Europe/Berlin", "B 12"
    group.save(update_fields=["time_zone", "place"])
    form = organiser.get(NEW, {"paper": paper.pk})
    assert form.context["form"].initial["papers"] == [paper.pk]
    assert form.context["form"].initial["place"] == "B 12"
    page = organiser.post(NEW, FORM | {"papers": paper.pk, "place": "B 12"}, follow=True)
    text = text_of(page)
    assert "Tides of the moon" in text
    assert "16:00–17:00 Europe/Berlin" in text
    meeting = Discussion.objects.get()
    assert meeting.starts_at.astimezone(UTC).hour in (14, 15)  # 16:00 in Berlin
    assert (meeting.created_by, meeting.place) == (alice, "B 12")
    assert status_of(paper) == "scheduled"
    assert events(meeting) == ["fixed"]


def test_the_usual_hour_and_the_next_free_day_are_proposed(organiser, group):
    group.weekday, group.meets_at = 2, time(9, 30)
    group.save(update_fields=["weekday", "meets_at"])
    first = organiser.get(NEW).context["form"].initial
    assert (first["day"].weekday(), first["hour"]) == (2, time(9, 30))
    make_meeting(group=group, starts_at=datetime.combine(first["day"], time(12), tzinfo=UTC))
    then = organiser.get(NEW).context["form"].initial
    assert then["day"] == first["day"] + timedelta(days=7)
    asked = organiser.get(NEW, {"on": "2031-02-03"}).context["form"].initial
    assert f"{asked['day']}" == "2031-02-03"
    assert organiser.get(NEW, {"on": "never"}).context["form"].initial["day"] == then["day"]


def test_the_top_of_the_ranking_can_be_scheduled(organiser, group, paper, bob):
    make_paper(group=group, title="Nobody wants it")
    form = organiser.get(NEW, {"top": ""}).context["form"]
    assert form.initial["papers"] == [paper.pk]


@pytest.mark.parametrize("path", [NEW, NEW.replace("new/", "poll/")])
def test_a_paper_nobody_wants_is_never_selected(organiser, group, alice, path):
    """Pinned papers and papers with a presenter are at the top of the ranking without a vote."""
    make_paper(group=group, title="Pinned", pinned_at=timezone.now())
    for address in ("/curious-minds/", "/curious-minds/discussions/"):
        assert "Schedule the top one" not in text_of(organiser.get(address))
    page = organiser.get(path, {"top": "1"})
    assert "No member wants to discuss the paper at the top" in text_of(page)
    assert page.context["form"].initial["papers"] == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"day": "2020-01-01"}, "more than two years ago"),
        ({"day": "2199-01-01"}, "Check the year"),
        ({"day": "0001-01-01", "hour": "00:00"}, "Check the year"),
        ({"day": "9999-12-31", "hour": "23:59"}, "Check the year"),
        ({"day": "31.12."}, "Enter a valid date"),
        ({"minutes": "0"}, "greater than or equal to 5"),
        ({"link": "javascript:alert(1)"}, "Enter a valid URL"),
        ({"link": "ftp://example.org/video"}, "Enter a valid URL"),
        ({"every": "1"}, "Enter the number of meetings"),
        ({"every": "1", "times": "999"}, "less than or equal to 52"),
        ({"seats": "0"}, "greater than or equal to 1"),
    ],
)
def test_what_cannot_be_scheduled_comes_back(organiser, group, changed, said):
    page = organiser.post(NEW, FORM | {"place": "My attic"} | changed)
    assert page.status_code == 422
    assert said in text_of(page)
    assert 'value="My attic"' in page.content.decode()
    assert not Discussion.objects.exists()


def test_papers_of_another_group_are_not_put_on_an_agenda(organiser, group, paper):
    theirs = make_paper(group=make_group("Strangers"), title="A secret of strangers")
    page = organiser.post(NEW, FORM | {"papers": theirs.pk})
    assert page.status_code == 422
    assert "A secret of strangers" not in page.content.decode()
    assert "A secret" not in organiser.get(NEW, {"paper": theirs.pk}).content.decode()
    meeting = make_meeting(group=group)
    url = reverse("discussion-add", args=[group.slug, meeting.pk])
    assert "Choose a paper of the group." in text_of(
        organiser.post(url, {"paper": theirs.pk}, follow=True)
    )
    assert not AgendaItem.objects.exists()


@pytest.mark.parametrize(
    "asked", ["paper=x", "paper=9" + "9" * 30, "paper=", "on=0000-00-00", "paper=%C2%B2"]
)
def test_odd_addresses_make_no_trouble(organiser, group, asked):
    assert organiser.get(f"{NEW}?{asked}").status_code == 200


def test_meetings_repeat_at_the_same_hour_of_the_clock(organiser, group, paper):
    group.time_zone = "Europe/Berlin"
    group.save(update_fields=["time_zone"])
    first = datetime(2031, 3, 20, 15, tzinfo=UTC)  # 16:00; clocks change on 30 March
    meetings = scheduling.schedule_series(
        group=group, by=None, starts_at=first, minutes=60, weeks=1, count=3, papers=[paper]
    )
    assert [one.starts_at.astimezone(UTC).hour for one in meetings] == [15, 15, 14]
    assert [one.agenda.count() for one in meetings] == [1, 0, 0]
    assert [events(one) for one in meetings] == [["fixed"], [], []]


def test_repeated_meetings_are_made_in_one_act(organiser, group):
    page = organiser.post(NEW, FORM | {"every": "2", "times": "4"}, follow=True)
    assert "4 meetings are scheduled" in text_of(page)
    days = sorted(Discussion.objects.values_list("starts_at", flat=True))
    assert {after - before for before, after in zip(days, days[1:], strict=False)} == {
        timedelta(weeks=2)
    }


def test_members_schedule_where_the_group_lets_them(client, group, bob, alice, paper):
    client.force_login(bob)
    assert client.get(NEW).status_code == 403
    group.anyone_may_schedule = True
    group.save(update_fields=["anyone_may_schedule"])
    client.post(NEW, FORM | {"papers": paper.pk})
    mine = Discussion.objects.get()
    theirs = make_meeting(group=group, created_by=alice)
    cancel = [reverse("discussion-cancel", args=[group.slug, one.pk]) for one in (mine, theirs)]
    assert [client.get(url).status_code for url in cancel] == [200, 403]


def test_moving_a_meeting_never_changes_a_vote(organiser, group, alice, bob, paper):
    meeting = scheduling.schedule_discussion(
        group=group,
        by=alice,
        starts_at=SOON,
        ends_at=SOON + timedelta(hours=1),
        papers=[paper],
    )
    before = list(Vote.objects.order_by("pk").values())
    tally = list_counts.vote_summary(paper, alice)
    url = reverse("discussion-edit", args=[group.slug, meeting.pk])
    for days in (1, 2, 3):
        day = SOON + timedelta(days=days)
        page = organiser.post(url, FORM | {"day": f"{day:%Y-%m-%d}", "place": "B 12"}, follow=True)
        assert "The meeting is saved." in text_of(page)
    organiser.post(reverse("discussion-cancel", args=[group.slug, meeting.pk]))
    organiser.post(reverse("discussion-reinstate", args=[group.slug, meeting.pk]))
    assert list(Vote.objects.order_by("pk").values()) == before
    assert str(list_counts.vote_summary(paper, alice)) == str(tally)
    meeting.refresh_from_db()
    assert meeting.starts_at.date() == (SOON + timedelta(days=3)).date()


def test_every_change_is_a_new_sequence_and_what_matters_is_told(group, alice, paper):
    meeting = make_meeting(group=group, papers=[paper])
    scheduling.update_discussion(discussion=meeting, by=alice, place="B 12")
    scheduling.update_discussion(discussion=meeting, by=alice, place="B 12")  # nothing is new
    scheduling.update_discussion(discussion=meeting, by=alice, seats=10)
    agenda.add_papers(discussion=meeting, papers=[make_paper(group=group)])
    scheduling.cancel_discussion(discussion=meeting, by=alice)
    scheduling.cancel_discussion(discussion=meeting, by=alice)
    scheduling.reinstate_discussion(discussion=meeting, by=alice)
    meeting.refresh_from_db()
    assert meeting.sequence == 5
    assert events(meeting) == ["moved", "cancelled", "reinstated"]


def test_a_cancelled_meeting_gives_its_papers_back_to_the_ranking(organiser, group, paper):
    meeting = scheduling.schedule_discussion(
        group=group, by=None, starts_at=SOON, ends_at=SOON + timedelta(hours=1), papers=[paper]
    )
    assert list(ranking.ranked_papers(group)) == []
    page = organiser.post(reverse("discussion-cancel", args=[group.slug, meeting.pk]), follow=True)
    assert "Cancelled" in text_of(page)
    assert list(ranking.ranked_papers(group)) == [paper]
    assert ranking.ranked_papers(group)[0].wanting == 2
    organiser.post(reverse("discussion-reinstate", args=[group.slug, meeting.pk]))
    assert status_of(paper) == "scheduled"


def test_a_held_meeting_discusses_what_was_reached(group, alice, paper):
    other = make_paper(group=group, title="Not reached")
    at = timezone.now() - timedelta(hours=1)
    meeting = make_meeting(group=group, papers=[paper, other], starts_at=at)
    Paper.objects.update(status="scheduled")
    scheduling.mark_held(discussion=meeting, by=alice, reached=[meeting.agenda.first().pk])
    assert (status_of(paper), status_of(other)) == ("discussed", "open")
    scheduling.reopen_discussion(discussion=meeting, by=alice)
    assert status_of(paper) == "scheduled"


def test_what_has_not_begun_was_not_held(group, alice, paper):
    meeting = make_meeting(group=group, papers=[paper])
    with pytest.raises(ValidationError, match="has not begun"):
        scheduling.mark_held(discussion=meeting, by=alice, reached=[])
    cancelled = make_meeting(group=group, state="cancelled")
    with pytest.raises(ValidationError):
        scheduling.mark_held(discussion=cancelled, by=alice, reached=[])


def test_a_paper_that_was_discussed_stays_so_when_another_meeting_is_cancelled(group, paper):
    make_meeting(group=group, papers=[paper], state="held")
    again = make_meeting(group=group)
    agenda.add_papers(discussion=again, papers=[paper])
    assert status_of(paper) == "scheduled"
    scheduling.cancel_discussion(discussion=again, by=None)
    assert status_of(paper) == "discussed"


def test_a_paper_on_two_meetings_stays_scheduled(group, paper):
    first, second = make_meeting(group=group), make_meeting(group=group)
    for meeting in (first, second):
        agenda.add_papers(discussion=meeting, papers=[paper])
    agenda.remove_item(item=first.agenda.get())
    assert status_of(paper) == "scheduled"
    agenda.remove_item(item=second.agenda.get())
    assert status_of(paper) == "open"


def test_what_an_organiser_set_aside_stays_so(group, paper):
    meeting = make_meeting(group=group)
    agenda.add_papers(discussion=meeting, papers=[paper])
    status_and_topics.set_status(papers=Paper.objects.filter(pk=paper.pk), status="set-aside")
    scheduling.cancel_discussion(discussion=meeting, by=None)
    assert status_of(paper) == "set-aside"


def test_the_agenda_has_an_order(organiser, group):
    papers = [make_paper(group=group, title=title) for title in ("One", "Two", "Three")]
    meeting = make_meeting(group=group, papers=papers)

    def order():
        return [item.paper.title for item in meeting.agenda.select_related("paper")]

    last = meeting.agenda.last()
    url = reverse("agenda-move", args=[group.slug, last.pk])
    organiser.post(url, {"direction": "up"})
    assert order() == ["One", "Three", "Two"]
    for _ in range(3):  # at the top it stays
        organiser.post(url, {"direction": "up"})
    assert order() == ["Three", "One", "Two"]
    organiser.post(reverse("agenda-minutes", args=[group.slug, last.pk]), {"minutes": "25"})
    assert meeting.agenda.first().minutes == 25
    page = organiser.post(
        reverse("agenda-minutes", args=[group.slug, last.pk]), {"minutes": "-1"}, follow=True
    )
    assert "whole number" in text_of(page)
    organiser.post(reverse("agenda-remove", args=[group.slug, last.pk]))
    assert order() == ["One", "Two"]


def test_the_agenda_of_what_is_over_stays(organiser, group, paper):
    meeting = make_meeting(group=group, papers=[paper], state="held")
    item = meeting.agenda.get()
    page = organiser.post(reverse("agenda-remove", args=[group.slug, item.pk]), follow=True)
    assert "so its agenda cannot be changed" in text_of(page)
    assert meeting.agenda.exists()


def test_an_agenda_is_not_endless(group):
    meeting = make_meeting(group=group, papers=[make_paper(group=group) for _ in range(20)])
    with pytest.raises(ValidationError, match="at most 20 papers"):
        agenda.add_papers(discussion=meeting, papers=[make_paper(group=group)])


def test_a_discussion_in_writing_closes_on_a_day(organiser, group, paper):
    url, yesterday = "/curious-minds/discussions/write/", timezone.now().date() - timedelta(days=1)
    assert organiser.post(url, {"closes_on": FORM["day"]}).status_code == 422  # over nothing
    past = organiser.post(url, {"papers": paper.pk, "closes_on": f"{yesterday}"})
    assert "That day is in the past" in text_of(past)
    for odd in ("0001-01-01", "9999-12-31"):  # not an hour of it is one in every zone
        far = organiser.post(url, {"papers": paper.pk, "closes_on": odd})
        assert "Check the year" in text_of(far)
    page = organiser.post(url, {"papers": paper.pk, "closes_on": FORM["day"]}, follow=True)
    assert f"until {SOON:%a} {SOON.day} {SOON:%b %Y}" in text_of(page)
    written = Discussion.objects.get()
    assert written.is_written
    for way in ("new", "poll", "write"):  # another way to discuss it keeps what was chosen
        assert (
            f"/discussions/{way}/?paper={paper.pk}"
            in organiser.get(url, {"paper": paper.pk}).content.decode()
        )


def test_a_discussion_in_writing_closes_on_another_day(organiser, group, paper):
    begun = timezone.now() - timedelta(days=1)
    written = make_meeting(
        group=group, papers=[paper], is_written=True, starts_at=begun, minutes=6 * 1440
    )
    edit = reverse("discussion-edit", args=[group.slug, written.pk])
    assert edit in organiser.get(written.get_absolute_url()).content.decode()
    page = organiser.get(edit)
    assert f'value="{written.ends_at:%Y-%m-%d}"' in page.content.decode()
    assert organiser.post(edit, {"closes_on": f"{begun:%Y-%m-%d}"}).status_code == 422
    page = text_of(organiser.post(edit, {"closes_on": FORM["day"]}, follow=True))
    assert "The written discussion is saved." in page
    assert f"until {SOON:%a} {SOON.day} {SOON:%b %Y}" in page
    changed = Discussion.objects.get()
    assert (changed.starts_at, changed.sequence) == (begun, written.sequence + 1)
    assert events(changed) == ["moved"]


def test_what_is_called_off_cannot_be_moved(organiser, group, paper):
    meeting = make_meeting(group=group, papers=[paper], state="cancelled")
    edit = reverse("discussion-edit", args=[group.slug, meeting.pk])
    assert "Only a scheduled meeting" in text_of(organiser.get(edit, follow=True))
    assert "Tides of the moon Cancelled" in text_of(organiser.get(meeting.get_absolute_url()))


def test_a_meeting_that_is_gone_is_not_found(organiser, group, paper):
    meeting = make_meeting(group=group, papers=[paper])
    item = meeting.agenda.get()
    Discussion.objects.filter(pk=meeting.pk).delete()
    assert organiser.get(reverse("discussion", args=[group.slug, meeting.pk])).status_code == 404
    url = reverse("agenda-remove", args=[group.slug, item.pk])
    assert (
        organiser.post(url, urlencode({}), "application/x-www-form-urlencoded").status_code == 404
    )


def test_what_is_hostile_is_shown_as_text(organiser, group):
    paper = make_paper(group=group, title="<script>alert(1)</script>")
    meeting = make_meeting(group=group, papers=[paper], place="<img src=x onerror=alert(2)>")
    for name in ("discussion", "discussion-edit", "discussion-cancel"):
        page = organiser.get(reverse(name, args=[group.slug, meeting.pk])).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_who_has_the_members_mailed_all_the_time_is_asked_to_wait(organiser, group, alice):
    meeting = make_meeting(group=group)
    for number in range(fan_out.MAX_EVENTS):
        meeting.sequence = number
        fan_out.record_event(Event.MOVED, meeting, by=alice)
    page = organiser.post(NEW, FORM | {"place": "My attic"})
    assert page.status_code == 422
    assert "Try again in an hour" in text_of(page)
    assert 'value="My attic"' in page.content.decode()
    url = reverse("discussion-cancel", args=[group.slug, meeting.pk])
    assert "Try again in an hour" in text_of(organiser.post(url, follow=True))
    assert [one.state for one in Discussion.objects.all()] == ["scheduled"]
    for address in ("poll", "write"):
        form = {"papers": make_paper(group=group).pk, "closes_on": FORM["day"], "minutes": "60"}
        form |= {"day_1": FORM["day"], "hour_1": "16:00"}
        page = organiser.post(f"/curious-minds/discussions/{address}/", form)
        assert "Try again in an hour" in text_of(page)
    assert Discussion.objects.count() == 1


def test_the_mail_of_a_meeting_that_repeats_names_the_next_ones(group, alice, bob):
    meetings = scheduling.schedule_series(
        group=group, by=alice, starts_at=SOON, minutes=60, weeks=1, count=3
    )
    fan_out.send_notifications.call(Notice.objects.get().pk)
    _, text = letters.letter_for(Notice.objects.select_related("discussion__group").get())(bob)
    assert "The next meetings after it:" in text
    for later in meetings[1:]:
        assert str(times.meeting_time(later, group, bob)) in text


def test_a_discussion_in_writing_stands_on_the_home_page(organiser, group, paper):
    written = make_meeting(group=group, papers=[paper], is_written=True)
    theirs = make_group("Strangers")
    secret = make_paper(group=theirs, title="A secret of strangers")
    make_meeting(group=theirs, papers=[secret], is_written=True)
    home = text_of(organiser.get("/curious-minds/"))
    assert f"Written discussions Tides of the moon {times.meeting_time(written, group).day}" in home
    assert "A secret" not in home
    page = text_of(organiser.get(written.get_absolute_url()))
    assert "Nobody presents it yet" not in page
    assert "Read and write comments" in page


@pytest.mark.parametrize("missing", ["starts_at", "ends_at"])
def test_a_discussion_has_both_its_start_and_its_end_or_neither(group, missing):
    """A comparison with NULL is neither true nor false, and such a check lets it pass."""
    meeting = make_meeting(group=group)
    with pytest.raises(IntegrityError), transaction.atomic():
        Discussion.objects.filter(pk=meeting.pk).update(**{missing: None})


@pytest.mark.parametrize("way", ["new", "poll", "record", "write"])
def test_each_form_says_where_other_papers_are(organiser, paper, way):
    make_paper(group=paper.group, title="Nobody wants this yet")
    page = text_of(organiser.get(f"/curious-minds/discussions/{way}/"))
    assert "Nobody wants this yet" not in page
    assert "For any other paper, begin at that paper's page." in page


@pytest.mark.parametrize("way", ["new", "poll", "record"])
def test_the_length_of_a_meeting_is_named_as_a_length(organiser, way):
    assert "Length in minutes" in text_of(organiser.get(f"/curious-minds/discussions/{way}/"))
