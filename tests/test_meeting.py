"""At the meeting: questions ticked off and carried over, notes written together, the sheet."""

from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from papers.models import AgendaItem, Comment, Discussion, Membership
from papers.services import outcomes
from papers.services.voting import set_vote
from tests.factories import make_comment, make_group, make_meeting, make_paper, make_user
from tests.hostile import ADDRESSES, MARKUP
from tests.pages import text_of

AGO = timezone.now() - timedelta(days=7)


@pytest.fixture
def member(client, bob):
    client.force_login(bob)
    return client


@pytest.fixture
def paper(group):
    return make_paper(group=group, title="Tides")


@pytest.fixture
def meeting(group, paper, alice):
    return make_meeting(group=group, papers=[paper], created_by=alice, place="B 12")


def at(meeting, part="meeting"):
    return f"{meeting.get_absolute_url()}{part}/"


def question(paper, user, body, **fields):
    return make_comment(paper=paper, user=user, body=body, is_question=True, **fields)


def tick(client, meeting, comment, answered="yes", **headers):
    data = {"comment": comment.pk, "answered": answered}
    return client.post(at(meeting, "question"), data, headers=headers)


def asked(client, meeting):
    return text_of(client.get(f"{at(meeting)}?part=questions"))


# Questions.


def test_the_queue_has_what_is_to_be_asked(member, group, meeting, paper, alice, bob):
    question(paper, alice, "Why the moon?")
    question(paper, alice, "Removed?", removed_at=AGO, removed_by=alice)
    make_comment(paper=paper, user=alice, body="No question.")
    question(make_paper(group=group), bob, "Of a paper that is not on?")
    theirs = make_paper(group=make_group("Second", members=[bob]))
    question(theirs, bob, "Of another group?")
    text = asked(member, meeting)
    assert text.startswith("1 still open Tides")
    assert "Why the moon?" in text
    for other in ("Removed?", "No question", "not on?", "another group"):
        assert other not in text


def test_the_name_of_a_tick_is_the_question_without_its_marks(member, meeting, paper, alice):
    question(
        paper, alice, "> quoted\n\n**Why** `a_b` in [the *sea*](https://example.org)?\n\nMore."
    )
    assert "Answered: Why a_b in the sea? (Alice)" in asked(member, meeting)


def test_papers_in_the_order_of_the_agenda_and_the_oldest_first(member, group, alice):
    papers = [make_paper(group=group, title=title) for title in ("Zeta", "Alpha")]
    meeting = make_meeting(group=group, papers=papers)
    question(papers[0], alice, "Second?")
    question(papers[0], alice, "First?", created_at=AGO)
    question(papers[1], alice, "Before both?", created_at=AGO - timedelta(days=1))
    text = asked(member, meeting)
    order = ["Zeta", "First?", "Second?", "Alpha", "Before both?"]
    places = [text.index(f"{word} Alice" if "?" in word else word) for word in order]
    assert places == sorted(places)


def test_ticked_off_and_back(member, meeting, paper, alice):
    comment = question(paper, alice, "Why the moon?")
    tick(member, meeting, comment)
    comment.refresh_from_db()
    assert comment.answered_in == meeting
    assert comment.answered_at is not None
    assert "All questions are answered" in asked(member, meeting)
    thread = text_of(member.get(paper.get_absolute_url()))
    assert "talked about at the meeting of" in thread
    assert "Questions for the meeting" not in thread
    tick(member, meeting, comment, "no")
    comment.refresh_from_db()
    assert (comment.answered_at, comment.answered_in) == (None, None)
    assert "Questions for the meeting" in text_of(member.get(paper.get_absolute_url()))


def test_what_was_talked_about_can_be_asked_again(client, meeting, paper, alice):
    comment = question(paper, alice, "Why the moon?")
    client.force_login(alice)
    tick(client, meeting, comment)
    assert "Ask again at the meeting" in text_of(client.get(paper.get_absolute_url()))
    client.post(f"/curious-minds/comments/{comment.pk}/question/", {"on": "yes"})
    assert "1 still open" in asked(client, meeting)


def test_a_script_gets_the_list_alone(member, meeting, paper, alice):
    comment = question(paper, alice, "Why the moon?")
    response = tick(member, meeting, comment, HX_Request="true")
    assert response.status_code == 200
    assert b"<main" not in response.content
    assert "All questions are answered" in text_of(response)


def test_what_was_not_ticked_is_carried_over_to_the_next_meeting(member, group, paper, alice):
    before = make_meeting(group=group, papers=[paper], starts_at=AGO, state="held")
    long_ago = make_paper(group=group, title="Long ago")
    make_meeting(group=group, papers=[long_ago], starts_at=AGO - timedelta(days=7), state="held")
    question(long_ago, alice, "From before that?")
    left, done = question(paper, alice, "Left?"), question(paper, alice, "Done?")
    tick(member, before, done)
    following = make_meeting(group=group, papers=[make_paper(group=group, title="Sorting")])
    text = asked(member, following)
    assert "Carried over from earlier meetings" in text
    assert "Left?" in text
    assert "Done?" not in text
    assert "From before that?" in text  # which the meeting in between did not get to, either
    tick(member, following, left)
    assert Comment.objects.get(pk=left.pk).answered_in == following
    assert "Left?" not in asked(member, before)


def test_a_called_off_meeting_leaves_nothing_and_a_held_one_takes_over_nothing(
    member, group, paper, alice
):
    make_meeting(group=group, papers=[paper], starts_at=AGO, state="cancelled")
    question(paper, alice, "Left?")
    following = make_meeting(group=group, papers=[])
    assert "Left?" not in asked(member, following)
    make_meeting(group=group, papers=[paper], starts_at=AGO, state="held")
    assert "Left?" in asked(member, following)
    Discussion.objects.filter(pk=following.pk).update(state="held")
    assert "Left?" not in asked(member, following)


def test_only_questions_of_the_queue_are_ticked(member, group, meeting, alice, bob):
    """Not those of another group, nor of a paper that is not on."""
    other = make_group("Second", members=[bob])
    theirs = question(make_paper(group=other), alice, "Theirs?")
    elsewhere = question(make_paper(group=group), alice, "Elsewhere?")
    for comment in (theirs, elsewhere):
        response = tick(member, meeting, comment)
        assert response.status_code == 302
        comment.refresh_from_db()
        assert comment.answered_at is None
    page = member.get(at(meeting))
    assert "That question is no longer in this list." in text_of(page)
    assert "Theirs?" not in text_of(page)


def test_two_meetings_at_once_tick_it_once(group, paper, alice):
    comment = question(paper, alice, "Why?")
    first, second = (make_meeting(group=group, papers=[paper]) for _ in range(2))
    outcomes.set_question_answered(discussion=first, comment=comment, is_answered=True)
    outcomes.set_question_answered(discussion=second, comment=comment, is_answered=True)
    comment.refresh_from_db()
    assert comment.answered_in == first
    outcomes.set_question_answered(discussion=second, comment=comment, is_answered=False)
    comment.refresh_from_db()
    assert comment.answered_in == first


def test_a_question_that_comes_up(member, meeting, paper, bob):
    member.post(at(meeting, "ask"), {"paper": paper.pk, "body": "And the *sun*?"})
    comment = Comment.objects.get()
    assert (comment.paper, comment.user, comment.is_question) == (paper, bob, True)
    assert "And the sun ?" in asked(member, meeting)


def test_a_question_that_cannot_be_asked_comes_back(member, group, meeting, bob):
    other = make_paper(group=group, title="Not on")
    response = member.post(at(meeting, "ask"), {"paper": other.pk, "body": "Kept words?"})
    assert response.status_code == 422
    assert "Kept words?" in text_of(response)
    empty = member.post(at(meeting, "ask"), {"paper": other.pk, "body": "  "})
    assert empty.status_code == 422
    assert "Write something first." in text_of(empty)
    assert not Comment.objects.exists()


# Notes.


def write(client, meeting, notes, version=0, **more):
    data = {"notes": notes, "version": version}
    return client.post(at(meeting, "notes"), data, **more)


def test_notes_are_kept_and_shown(member, meeting):
    page = write(member, meeting, "# Tides\r\n\r\nThe *moon*, $x^2$", follow=True)
    assert "The notes are saved." in text_of(page)
    assert b"<em>moon</em>" in page.content
    meeting.refresh_from_db()
    assert (meeting.notes, meeting.notes_version) == ("# Tides\n\nThe *moon*, $x^2$", 1)
    assert b"<em>moon</em>" in member.get(meeting.get_absolute_url()).content


def test_a_form_without_notes_takes_none_back(member, meeting):
    write(member, meeting, "Tides")
    response = member.post(at(meeting, "notes"), {"version": 1})
    assert response.status_code == 422
    assert "Nothing was sent" in text_of(response)
    meeting.refresh_from_db()
    assert meeting.notes == "Tides"


def test_who_saves_over_somebody_else_gets_both_texts(client, meeting, alice, bob):
    client.force_login(alice)
    write(client, meeting, "Alice's line")
    client.force_login(bob)
    response = write(client, meeting, "Bob's line")
    assert response.status_code == 422
    text = text_of(response)
    assert "Somebody else has saved the notes meanwhile." in text
    assert "Alice's line" in text
    assert "Bob's line" in text
    meeting.refresh_from_db()
    assert meeting.notes == "Alice's line"
    form = response.context["notes_form"]
    assert form["notes"].value() == "Bob's line"
    merged = write(client, meeting, "Alice's line\n\nBob's line", form["version"].value())
    assert merged.status_code == 302
    meeting.refresh_from_db()
    assert meeting.notes == "Alice's line\n\nBob's line"


def test_the_same_text_twice_is_no_conflict(member, meeting):
    assert write(member, meeting, "Once").status_code == 302
    assert write(member, meeting, "Once").status_code == 302
    meeting.refresh_from_db()
    assert meeting.notes_version == 1


def test_notes_that_are_too_long_come_back(member, meeting):
    response = write(member, meeting, "x" * 50_001)
    assert response.status_code == 422
    assert "50,001 characters; 50,000 is the limit" in text_of(response)
    assert "x" * 50_001 in response.content.decode()
    for version in ("", "-1", "9" * 30):
        assert write(member, meeting, "Kept", version).status_code == 422
    meeting.refresh_from_db()
    assert meeting.notes == ""


def test_notes_do_not_move_the_meeting(member, meeting):
    """Calendars have nothing to change."""
    write(member, meeting, "Words")
    meeting.refresh_from_db()
    assert meeting.sequence == 0


# Pages.


class Tags(HTMLParser):
    """The tags of a page below its content, with their attributes."""

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page[page.index("<main") : page.index("</main>")])

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def test_what_members_write_does_no_harm(member, meeting, paper, alice):
    texts = [text.replace("\x00", "") for text in [*MARKUP, *(f"[a]({one})" for one in ADDRESSES)]]
    for number, text in enumerate(texts):
        created = AGO + timedelta(seconds=number)
        question(paper, alice, text, created_at=created)
    notes = "\n\n".join(texts)[:9000]
    Discussion.objects.update(notes=notes)
    AgendaItem.objects.update(takeaways=notes, open_questions=notes, verdict="worth")
    for url in (at(meeting), at(meeting, "sheet"), meeting.get_absolute_url()):
        for tag, attributes in Tags(member.get(url).content.decode()).found:
            assert tag not in ("script", "iframe", "object", "embed", "style", "img")
            assert not [name for name in attributes if name.startswith("on")]
            address = attributes.get("href") or ""
            assert "script:" not in address.partition("//")[0].lower()


def test_hours_are_in_the_zone_of_the_reader(client, group, bob):
    group.time_zone = "Europe/Berlin"
    group.save(update_fields=["time_zone"])
    bob.time_zone = "Asia/Kathmandu"
    bob.save(update_fields=["time_zone"])
    start = datetime(2026, 12, 3, 15, tzinfo=UTC)
    meeting = make_meeting(group=group, papers=[make_paper(group=group)], starts_at=start)
    client.force_login(bob)
    for part in ("meeting", "sheet"):
        text = text_of(client.get(at(meeting, part)))
        assert "20:45–21:45 (Asia/Kathmandu)" in text
        assert "16:00–17:00 Europe/Berlin" in text


def test_the_sheet_has_all_one_needs(client, group, meeting, paper, alice, bob):
    paper.abstract = "Tides of height $h^2$."
    paper.save()
    gone = make_user("gone")
    Membership.objects.create(group=group, user=gone)
    for user in (alice, bob, gone):
        set_vote(paper=paper, user=user, stance="want")
    gone.memberships.all().delete()
    AgendaItem.objects.update(presenter=bob, is_confirmed=True, minutes=20)
    question(paper, alice, "Why the moon?")
    question(paper, alice, "Talked about?", answered_at=AGO, answered_in=meeting)
    done = make_paper(group=group, title="All was said of it")
    question(done, alice, "Talked about, too?", answered_at=AGO, answered_in=meeting)
    client.force_login(bob)
    response = client.get(at(meeting, "sheet"))
    text = text_of(response)
    for word in ("B 12", "Tides of height", "Bob presents", "Why the moon?", "Notes"):
        assert word in text
    assert b"<math" in response.content
    assert "Talked about?" not in text
    assert done.title not in text
    assert ("Wanted by Alice, Bob" in text) is group.votes_are_named
    group.votes_are_named = not group.votes_are_named
    group.save()
    text = text_of(client.get(at(meeting, "sheet")))
    assert ("2 want to discuss it" in text) is not group.votes_are_named
    assert "Gone" not in text


@pytest.mark.parametrize("state", ["polling", "scheduled", "held", "cancelled"])
@pytest.mark.parametrize("is_written", [False, True])
def test_every_kind_of_meeting_has_its_pages(member, group, paper, state, is_written):
    if state == "polling" and is_written:
        return
    meeting = make_meeting(group=group, papers=[paper], state=state, is_written=is_written)
    empty = make_meeting(group=group, state=state, is_written=is_written)
    for one in (meeting, empty):
        for part in ("meeting", "sheet"):
            assert member.get(at(one, part)).status_code == 200


@pytest.mark.parametrize("part", ["meeting/", "meeting/?part=questions", "sheet/", ""])
@pytest.mark.parametrize("state", ["scheduled", "held"])
def test_queries_are_as_many_for_many_papers_and_questions(member, group, alice, part, state):
    one = make_paper(group=group)
    question(one, alice, "Why?")
    small = make_meeting(group=group, papers=[one, make_paper(group=group)])
    many = [make_paper(group=group) for _ in range(20)]
    for paper in many:
        for _ in range(2):
            question(paper, make_user(f"u{Comment.objects.count()}"), "Why?")
        set_vote(paper=paper, user=alice, stance="want")
    large = make_meeting(group=group, papers=many)
    AgendaItem.objects.filter(discussion=large).update(presenter=alice, takeaways="Much.")
    Discussion.objects.update(state=state)
    numbers = []
    for meeting in (small, large):
        member.get(f"{meeting.get_absolute_url()}{part}")
        with CaptureQueriesContext(connection) as queries:
            member.get(f"{meeting.get_absolute_url()}{part}")
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]
