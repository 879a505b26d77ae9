"""Afterwards: held or not, what came of each paper, who is told, and how it is taken back."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from papers.library import ranking
from papers.models import AgendaItem, Discussion, Notice, Paper, Vote
from papers.services import agenda, scheduling
from papers.services.voting import set_vote
from tests.factories import make_group, make_meeting, make_paper
from tests.pages import text_of

AGO = timezone.now() - timedelta(hours=3)


@pytest.fixture
def meeting(group, alice, bob):
    """Over two papers that both want, and over since two hours."""
    papers = [make_paper(group=group, title=title) for title in ("Tides", "Sorting")]
    for paper in papers:
        for user in (alice, bob):
            set_vote(paper=paper, user=user, stance="want")
    meeting = make_meeting(group=group, papers=papers, starts_at=AGO, created_by=alice)
    with transaction.atomic():
        agenda.update_paper_status(group, [paper.pk for paper in papers])
    return meeting


@pytest.fixture
def organiser(client, alice):
    client.force_login(alice)
    return client


def at(meeting, part="conclude"):
    return f"{meeting.get_absolute_url()}{part}/"


def form_of(meeting, *, reached=("Tides", "Sorting"), recording="", **said):
    """What the form of the page sends; ``said`` by the title of a paper, in lower case."""
    meeting.refresh_from_db()
    data = {"version": meeting.sequence, "recording": recording}
    for item in meeting.agenda.select_related("paper"):
        fields = {"verdict": "", "takeaways": "", "open_questions": "", "slides": ""}
        fields |= said.get(item.paper.title.lower(), {})
        if item.paper.title in reached:
            fields["reached"] = "on"
        data |= {f"i{item.pk}-{name}": value for name, value in fields.items()}
    return data


def status(title):
    return Paper.objects.get(title=title).status


def told(meeting):
    events = Notice.objects.filter(discussion=meeting, event="outcomes")
    return list(events.values_list("sequence", flat=True))


def test_what_came_of_it_is_kept_and_shown(organiser, meeting):
    form = form_of(
        meeting,
        tides={
            "verdict": "worth",
            "takeaways": "The *moon*.",
            "open_questions": "And the sun?",
            "slides": "slides.example/1",
        },
        recording="https://video.example/1",
    )
    page = organiser.post(at(meeting), form, follow=True)
    text = text_of(page)
    for word in ("Held", "Worth it", "The moon", "And the sun?", "Outcome"):
        assert word in text
    assert b'href="https://slides.example/1"' in page.content
    assert b'href="https://video.example/1"' in page.content
    meeting.refresh_from_db()
    assert meeting.is_held
    assert (status("Tides"), status("Sorting")) == ("discussed", "discussed")
    paper = text_of(organiser.get(Paper.objects.get(title="Tides").get_absolute_url()))
    assert "Meetings" in paper
    assert "Worth it" in paper


def test_what_was_not_reached_is_in_the_ranking_with_its_votes(organiser, group, meeting):
    organiser.post(at(meeting), form_of(meeting, reached=["Tides"]))
    assert (status("Tides"), status("Sorting")) == ("discussed", "open")
    assert [item.paper.title for item in meeting.agenda.all()] == ["Tides"]
    assert [paper.title for paper in ranking.ranked_papers(group)] == ["Sorting"]
    assert Vote.objects.filter(paper__title="Sorting").count() == 2


def test_what_one_writes_of_a_paper_that_was_not_reached_is_asked_about(organiser, meeting):
    form = form_of(meeting, reached=["Tides"], sorting={"takeaways": "Kept words."})
    response = organiser.post(at(meeting), form)
    assert response.status_code == 422
    assert "This paper has an outcome. Tick that you discussed it." in text_of(response)
    assert "Kept words." in text_of(response)
    meeting.refresh_from_db()
    assert meeting.is_scheduled


@pytest.mark.parametrize(
    "bad", [{"slides": "javascript:alert(1)"}, {"verdict": "dull"}, {"takeaways": "x" * 10_001}]
)
def test_what_cannot_be_comes_back(organiser, meeting, bad):
    form = form_of(meeting, tides=bad, sorting={"takeaways": "Kept words."})
    response = organiser.post(at(meeting), form)
    assert response.status_code == 422
    assert "Kept words." in text_of(response)
    meeting.refresh_from_db()
    assert meeting.is_scheduled
    assert told(meeting) == []


@pytest.mark.parametrize("data", [{}, {"version": "x"}, {"version": "9" * 40}, {"version": 0}])
def test_a_form_that_is_none_changes_nothing(organiser, meeting, data):
    meeting.refresh_from_db()
    assert organiser.post(at(meeting), data).status_code == 422
    meeting.refresh_from_db()
    assert meeting.is_scheduled
    assert meeting.agenda.count() == 2


def test_a_paper_of_which_nothing_was_sent_stays_as_it_is(organiser, meeting):
    meeting.agenda.update(takeaways="Kept words.")
    form = {name: value for name, value in form_of(meeting).items() if "-" not in name}
    assert organiser.post(at(meeting), form).status_code == 302
    assert [item.takeaways for item in meeting.agenda.all()] == ["Kept words."] * 2


# Who is told.


def test_the_members_are_told_once_when_something_is_written(organiser, meeting):
    organiser.post(at(meeting), form_of(meeting))
    assert told(meeting) == []  # it was held, and that is all
    organiser.post(at(meeting), form_of(meeting, tides={"takeaways": "Much."}))
    organiser.post(at(meeting), form_of(meeting, tides={"takeaways": "More."}))
    assert len(told(meeting)) == 1
    page = organiser.get(at(meeting))
    assert "Tell the members now" in text_of(page)
    organiser.post(at(meeting), form_of(meeting, tides={"takeaways": "All."}) | {"tell": "on"})
    assert len(told(meeting)) == 2


def test_reopened_and_concluded_again_nobody_is_told_again(organiser, meeting):
    said = {"takeaways": "Much."}
    organiser.post(at(meeting), form_of(meeting, tides=said))
    organiser.post(at(meeting, "reopen"))
    meeting.refresh_from_db()
    assert meeting.is_scheduled
    assert (status("Tides"), AgendaItem.objects.first().takeaways) == ("scheduled", "Much.")
    organiser.post(at(meeting), form_of(meeting, tides=said))
    assert len(told(meeting)) == 1


# Who may.


def test_a_presenter_says_what_came_of_it_and_others_do_not(client, meeting, bob):
    client.force_login(bob)
    assert client.get(at(meeting)).status_code == 403
    assert "Record the outcome" not in text_of(client.get(meeting.get_absolute_url()))
    item = meeting.agenda.first()
    AgendaItem.objects.filter(pk=item.pk).update(presenter=bob)
    assert client.get(at(meeting)).status_code == 403  # who is asked has not said yes
    AgendaItem.objects.filter(pk=item.pk).update(is_confirmed=True)
    assert "Record the outcome" in text_of(client.get(meeting.get_absolute_url()))
    assert "Cancel the meeting" not in text_of(client.get(at(meeting)))
    form = form_of(meeting, tides={"verdict": "mixed"})
    assert client.post(at(meeting), form).status_code == 302
    assert meeting.agenda.first().verdict == "mixed"
    bob.memberships.all().delete()
    assert client.get(at(meeting)).status_code == 404


def test_a_presenter_elsewhere_is_nobody_here(client, group, meeting, bob):
    other = make_group("Second", members=[bob])
    theirs = make_meeting(group=other, papers=[make_paper(group=other)], starts_at=AGO)
    AgendaItem.objects.filter(discussion=theirs).update(presenter=bob, is_confirmed=True)
    client.force_login(bob)
    assert client.get(at(meeting)).status_code == 403
    assert client.get(f"/curious-minds/discussions/{theirs.pk}/conclude/").status_code == 404


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            {"starts_at": timezone.now() + timedelta(days=1)},
            "You can record the outcome once the meeting has begun",
        ),
        ({"state": "cancelled"}, "This meeting is cancelled"),
        ({"state": "polling"}, "You can record the outcome once the meeting has begun"),
    ],
)
def test_what_has_not_begun_has_no_outcome(organiser, group, fields, said):
    meeting = make_meeting(group=group, papers=[make_paper(group=group)], **fields)
    page = organiser.post(at(meeting), form_of(meeting), follow=True)
    assert said in text_of(page)
    meeting.refresh_from_db()
    assert not meeting.is_held


def test_in_writing_it_is_concluded_once_it_is_open(organiser, group):
    paper = make_paper(group=group, title="Tides")
    meeting = make_meeting(
        group=group, papers=[paper], starts_at=AGO, minutes=60 * 24 * 7, is_written=True
    )
    organiser.post(at(meeting), form_of(meeting, tides={"verdict": "not"}))
    assert status("Tides") == "discussed"


# Two at once.


def test_who_saves_over_somebody_else_gets_both(organiser, meeting):
    form = form_of(meeting, tides={"takeaways": "Mine, still."})
    organiser.post(at(meeting), form_of(meeting, tides={"takeaways": "Theirs."}))
    response = organiser.post(at(meeting), form)
    text = text_of(response)
    assert response.status_code == 422
    assert "Somebody else has changed the meeting meanwhile." in text
    assert "Mine, still." in text
    assert "Saved now: Theirs." in text
    meeting.refresh_from_db()
    again = form | {"version": response.context["form"]["version"].value()}
    assert organiser.post(at(meeting), again).status_code == 302
    assert meeting.agenda.first().takeaways == "Mine, still."


def test_what_one_wrote_of_a_paper_that_somebody_took_off_is_not_lost(organiser, meeting):
    form = form_of(meeting, sorting={"takeaways": "Mine, of Sorting."})
    organiser.post(at(meeting), form_of(meeting, reached=["Tides"]))
    response = organiser.post(at(meeting), form)
    assert response.status_code == 422
    assert "no longer on the agenda" in text_of(response)
    assert "Mine, of Sorting." in text_of(response)


def test_a_paper_that_is_put_on_meanwhile_counts_as_reached(organiser, group, meeting, alice):
    form = form_of(meeting)
    late = make_paper(group=group, title="Late")
    agenda.add_papers(discussion=meeting, papers=[late])
    response = organiser.post(at(meeting), form)
    assert response.status_code == 422
    reached = [one["reached"].value() for one in response.context["form"].outcomes]
    assert all(reached)
    assert len(reached) == 3


# The page of a paper.


def test_the_meetings_of_a_paper(client, group, alice, bob):
    paper = make_paper(group=group, title="Tides")
    make_meeting(group=group, papers=[paper], starts_at=AGO, state="cancelled")
    held = make_meeting(group=group, papers=[paper], starts_at=AGO, state="held")
    AgendaItem.objects.filter(discussion=held).update(verdict="mixed", takeaways="*Much*")
    make_meeting(group=group, papers=[paper], state="polling")
    client.force_login(bob)
    page = client.get(paper.get_absolute_url())
    text = text_of(page)
    for word in ("Meetings", "Cancelled", "Held", "Mixed", "Much", "Date poll, no date yet"):
        assert word in text
    assert b"<em>Much</em>" in page.content


def test_the_page_of_a_paper_asks_as_much_for_many_meetings(client, group, alice, bob):
    few, many = make_paper(group=group), make_paper(group=group)
    make_meeting(group=group, papers=[few], starts_at=AGO, state="held")
    for day in range(30):
        meeting = make_meeting(
            group=group, papers=[many], starts_at=AGO - timedelta(days=day), state="held"
        )
        AgendaItem.objects.filter(discussion=meeting).update(takeaways=f"No. {day}")
    client.force_login(bob)
    numbers = []
    for paper in (few, many):
        client.get(paper.get_absolute_url())
        with CaptureQueriesContext(connection) as queries:
            client.get(paper.get_absolute_url())
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]


def test_a_meeting_that_was_held_after_all_is_found_again(organiser, meeting, alice):
    """Cancelled by mistake, let take place, and concluded."""
    scheduling.cancel_discussion(discussion=meeting, by=alice)
    scheduling.reinstate_discussion(discussion=meeting, by=alice)
    organiser.post(at(meeting), form_of(meeting))
    assert Discussion.objects.get(pk=meeting.pk).is_held
