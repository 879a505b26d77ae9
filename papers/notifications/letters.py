"""The text of the mails about discussions, in plain paragraphs.

No mail contains anybody's mail address. `letter_text` has the rules for text that members typed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone

from papers.discussions import times
from papers.discussions.attendance import NO_ANSWER, Attendance, RsvpStatus, attendance_of
from papers.models import Availability, Comment, DateOption, Discussion, Notice, Rsvp, User
from papers.models.event_specs import About, Detail, EventSpec
from papers.notifications import paper_letters
from papers.notifications.letter_text import (
    MAX_LINK_LENGTH,
    Letter,
    absolute_url,
    name_line,
    quote_lines,
    text_line,
)
from papers.notifications.recipients import discussion_of
from papers.rendering import single_line

if TYPE_CHECKING:
    from django.db.models import QuerySet

MAX_LATER_SHOWN = 5  # discussions
WRITTEN_ACTION = "The discussion:"


def letter_for(notice: Notice) -> Letter:
    """A function that writes the mail about ``notice`` to a user.

    Data that is the same for every user is fetched once, here. The notice is one of
    `fan_out.fetch_notice`.
    """
    if notice.spec.about is About.DISCUSSION:
        return _discussion_letter(discussion_of(notice), notice.spec)
    return paper_letters.letter_for(notice)


def _discussion_letter(discussion: Discussion, spec: EventSpec) -> Letter:
    group, title = text_line(str(discussion.group)), text_line(str(discussion))
    options = list(_open_options(discussion)) if Detail.DATES in spec.details else []
    questions = _question_paragraphs(discussion) if Detail.QUESTIONS in spec.details else []
    later = _later_discussions(discussion) if Detail.LATER in spec.details else []
    answers = _answers_of(discussion) if Detail.RSVP in spec.details else None

    def letter_to(user: User) -> tuple[str, str]:
        when = times.meeting_time(discussion, discussion.group, user)
        words = {"group": group, "what": title, "day": when.day if when else "date open"}
        status = answers.attendance.status_of(user) if answers else NO_ANSWER
        subject, lead = _subject_and_lead(spec, discussion.is_written, status.is_waiting)
        parts = [lead.format(**words)]
        if Detail.WITHDRAWN in spec.details:
            parts += _withdrawn_paragraphs(discussion, user)
        if answers:
            parts += answers.paragraphs(user)
        if options:
            parts += _date_paragraphs(discussion, options, user)
        parts += _place_paragraphs(discussion, when)
        if Detail.OUTCOMES in spec.details:
            parts += _outcome_paragraphs(discussion)
        else:
            parts += _agenda_paragraphs(discussion, user)
        parts += questions
        if later:
            lines = [f"- {times.meeting_time(one, discussion.group, user)}" for one in later]
            parts.append("\n".join(["The next meetings after it:", *lines]))
        parts += _action_paragraphs(discussion, spec, status if answers else None)
        return subject.format(**words), "\n\n".join(parts)

    return letter_to


def _subject_and_lead(spec: EventSpec, is_written: bool, is_waiting: bool) -> tuple[str, str]:
    """The templates of the subject and of the first paragraph."""
    if is_written:
        return spec.written_subject or spec.subject, spec.written_lead or spec.lead
    if is_waiting:
        return spec.waiting_subject or spec.subject, spec.waiting_lead or spec.lead
    return spec.subject, spec.lead


def _action_paragraphs(
    discussion: Discussion, spec: EventSpec, status: RsvpStatus | None
) -> list[str]:
    """The line before the link, and the link. ``status``: None where the mail asks for no RSVP."""
    address = absolute_url(discussion.get_absolute_url())
    if discussion.is_written:
        return [WRITTEN_ACTION, address]
    if status is None:
        return [spec.action, address]
    action = "Change your answer:" if status.answer else "Say whether you are going:"
    return [action, f"{address}#rsvp"]


@dataclass(frozen=True)
class Answers:
    """The answers to a meeting, and who said yes to its date in the poll before (user ids)."""

    attendance: Attendance
    yes_in_poll: frozenset[int]

    def paragraphs(self, user: User) -> list[str]:
        """Whether ``user`` is going, and why; nothing for one who has not answered."""
        status = self.attendance.status_of(user)
        if not status.answer:
            return []
        says_yes = user.pk in self.yes_in_poll and status.answer == Rsvp.Answer.COMING
        if status.is_waiting:
            because = "You said yes to this date in the poll, but all seats are taken. "
            return [
                f"{because if says_yes else ''}{status} You do not have a seat yet, and will be "
                "told if one becomes free."
            ]
        return [
            "You said yes to this date in the poll: you are going." if says_yes else str(status)
        ]


def _answers_of(discussion: Discussion) -> Answers | None:
    """The `Answers` to a scheduled meeting; None where there are none. Two queries."""
    if discussion.is_written or not discussion.is_scheduled or discussion.starts_at is None:
        return None
    yes = Availability.objects.filter(
        option__discussion=discussion,
        option__starts_at=discussion.starts_at,
        answer=Availability.Answer.YES,
    )
    return Answers(attendance_of(discussion), frozenset(yes.values_list("user", flat=True)))


def _later_discussions(discussion: Discussion) -> list[Discussion]:
    """The next few after it: of a series only the first is announced by a mail."""
    assert discussion.starts_at is not None  # scheduled => has a start
    after = Discussion.objects.in_group(discussion.group).upcoming(discussion.starts_at)
    after = after.filter(starts_at__gt=discussion.starts_at, is_written=False)
    return list(after[:MAX_LATER_SHOWN])


def mail_footer() -> str:
    """The end of every mail and digest: the link to the reader's mail choices."""
    return f"Change your e-mail settings:\n\n{absolute_url(reverse('mail-choices'))}"


def _open_options(poll: Discussion) -> "QuerySet[DateOption]":
    return poll.options.open_at(timezone.now())


def _withdrawn_paragraphs(poll: Discussion, user: User) -> list[str]:
    """The date that the meeting is not on any more, in the reader's zone."""
    if poll.calendar_span is None:
        return []
    starts_at, ends_at = poll.calendar_span
    withdrawn = DateOption(starts_at=starts_at, ends_at=ends_at)
    return [f"It is not on {times.meeting_time(withdrawn, poll.group, user)} any more."]


def _date_paragraphs(poll: Discussion, options: Iterable[DateOption], user: User) -> list[str]:
    """The dates of a poll in the reader's zone, and the deadline."""
    lines = [f"- {times.meeting_time(option, poll.group, user)}" for option in options]
    parts = ["\n".join(["The dates to choose from:", *lines])]
    if deadline := times.deadline_text(poll, poll.group, user):
        parts.append(f"Answer by {deadline}.")
    return parts


def _place_paragraphs(discussion: Discussion, when: times.MeetingTime | None) -> list[str]:
    """Time, place and, if it is still to come, the video link."""
    lines = [f"When: {when}"] if when else []
    if discussion.place:
        lines.append(f"Where: {text_line(discussion.place)}")
    parts = ["\n".join(lines)] if lines else []
    if discussion.link and not (discussion.is_cancelled or discussion.is_held):
        parts += ["By video:", single_line(discussion.link, MAX_LINK_LENGTH)]
    return parts


def _agenda_paragraphs(discussion: Discussion, user: User) -> list[str]:
    """The papers and their presenters; it says so where the reader presents or is asked to."""
    lines = []
    for number, item in enumerate(discussion.agenda.all(), start=1):
        more = [f"{item.minutes} minutes"] if item.minutes else []
        presenter = name_line(str(item.presenter)) if item.presenter else ""
        is_mine = item.presenter_id == user.pk
        if item.swap_for is not None and item.is_offered_to(user):
            theirs = name_line(item.swap_for.paper.title)
            more.append(f"{presenter} offers it to you for “{theirs}”")
        elif item.awaits_answer_from(user):
            more.append("you are asked to present it")
        elif item.is_confirmed:
            more.append("you present" if is_mine else f"{presenter} presents")
        beside = f" ({', '.join(more)})" if more else ""
        lines.append(f"{number}. {text_line(item.paper.title)}{beside}")
    return ["\n".join(["Agenda:", *lines])] if lines else []


def _question_paragraphs(discussion: Discussion) -> list[str]:
    """The open questions on the papers of the agenda."""
    papers = [item.paper_id for item in discussion.agenda.all()]
    asked = Comment.objects.filter(
        paper__in=papers, is_question=True, removed_at=None, answered_at=None
    ).select_related("paper", "user")
    lines = [
        f"- {text_line(one.body)} ({name_line(str(one.user))}, on {name_line(one.paper.title)})"
        for one in asked
    ]
    return ["\n".join(["Questions:", *lines])] if lines else []


def _outcome_paragraphs(discussion: Discussion) -> list[str]:
    """The verdict, take-aways, open questions and slides of each paper, and the recording."""
    parts = []
    for number, item in enumerate(discussion.agenda.all(), start=1):
        verdict = f": {item.get_verdict_display().lower()}" if item.verdict else ""
        parts.append(f"{number}. {text_line(item.paper.title)}{verdict}")
        for name, text in (("Take-aways", item.takeaways), ("Open questions", item.open_questions)):
            if text.strip():
                parts.append(f"{name}:\n{quote_lines(text)}")
        if item.slides:
            parts += ["Slides:", single_line(item.slides, MAX_LINK_LENGTH)]
    if discussion.recording:
        parts += ["Recording:", single_line(discussion.recording, MAX_LINK_LENGTH)]
    return parts
