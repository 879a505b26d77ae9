"""The text of the mails about discussions, in plain paragraphs.

Text that members typed becomes a part of one line, or is quoted behind "> ". So the only paragraphs
that consist of a link are ours, which the reader is meant to open (see `messages`). No mail
contains anybody's mail address.
"""

import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from papers.discussions import times
from papers.models import Comment, DateOption, Discussion, Notice, User
from papers.models.events import Detail, EventSpec
from papers.rendering import CONTROL_CHARACTERS, single_line

if TYPE_CHECKING:
    from django.db.models import QuerySet

MAX_LATER_SHOWN = 5  # discussions
MAX_LINE_LENGTH = 300  # characters
MAX_NAME_LENGTH = 100
MAX_LINK_LENGTH = 600
LINE_BREAKS = re.compile(r"\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")

WRITTEN_ACTION = "The discussion:"

# Takes a user, returns subject and text. The text lacks the `mail_footer`.
Letter = Callable[[User], tuple[str, str]]

text_line = partial(single_line, longest=MAX_LINE_LENGTH)


def letter_for(notice: Notice) -> Letter:
    """A function that writes the mail about ``notice`` to a user.

    Data that is the same for every user is fetched once, here. The discussion of the notice was
    fetched `with_agenda`.
    """
    discussion, spec = notice.discussion, notice.spec
    subject, lead, action = _words(spec, discussion.is_written)
    group, title = text_line(str(discussion.group)), text_line(str(discussion))
    options = list(_open_options(discussion)) if Detail.DATES in spec.details else []
    questions = _question_paragraphs(discussion) if Detail.QUESTIONS in spec.details else []
    later = _later_discussions(discussion) if Detail.LATER in spec.details else []

    def letter_to(user: User) -> tuple[str, str]:
        when = times.meeting_time(discussion, discussion.group, user)
        words = {"group": group, "what": title, "day": when.day if when else "date open"}
        parts = [lead.format(**words)]
        if Detail.WITHDRAWN in spec.details:
            parts += _withdrawn_paragraphs(discussion, user)
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
        parts += [action, _absolute_url(discussion.get_absolute_url())]
        return subject.format(**words), "\n\n".join(parts)

    return letter_to


def _words(spec: EventSpec, is_written: bool) -> tuple[str, str, str]:
    """Subject, lead and action of a mail; the first two are templates."""
    if not is_written:
        return spec.subject, spec.lead, spec.action
    return spec.written_subject or spec.subject, spec.written_lead or spec.lead, WRITTEN_ACTION


def _later_discussions(discussion: Discussion) -> list[Discussion]:
    """The next few after it: of a series only the first is announced by a mail."""
    assert discussion.starts_at is not None  # scheduled => has a start
    after = Discussion.objects.in_group(discussion.group).upcoming(discussion.starts_at)
    after = after.filter(starts_at__gt=discussion.starts_at, is_written=False)
    return list(after[:MAX_LATER_SHOWN])


def mail_footer() -> str:
    """The end of every mail and digest: the link to the reader's mail choices."""
    return f"What you are mailed is yours to choose:\n\n{_absolute_url(reverse('mail-choices'))}"


def _absolute_url(path: str) -> str:
    return f"{settings.BASE_URL}{path}"


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
        parts.append(f"Answer until {deadline}.")
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
        presenter = single_line(str(item.presenter), MAX_NAME_LENGTH) if item.presenter else ""
        is_mine = item.presenter_id == user.pk
        if item.swap_for is not None and item.is_offered_to(user):
            theirs = single_line(item.swap_for.paper.title, MAX_NAME_LENGTH)
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
        f"- {text_line(one.body)} ({single_line(str(one.user), MAX_NAME_LENGTH)},"
        f" on {single_line(one.paper.title, MAX_NAME_LENGTH)})"
        for one in asked
    ]
    return ["\n".join(["To be asked:", *lines])] if lines else []


def _outcome_paragraphs(discussion: Discussion) -> list[str]:
    """The verdict, take-aways, open questions and slides of each paper, and the recording."""
    parts = []
    for number, item in enumerate(discussion.agenda.all(), start=1):
        verdict = f": {item.get_verdict_display().lower()}" if item.verdict else ""
        parts.append(f"{number}. {text_line(item.paper.title)}{verdict}")
        for name, text in (("Take-aways", item.takeaways), ("Still open", item.open_questions)):
            if text.strip():
                parts.append(f"{name}:\n{_quote_lines(text)}")
        if item.slides:
            parts += ["Slides:", single_line(item.slides, MAX_LINK_LENGTH)]
    if discussion.recording:
        parts += ["Recording:", single_line(discussion.recording, MAX_LINK_LENGTH)]
    return parts


def _quote_lines(text: str) -> str:
    """``text`` with "> " before each line, so that no line of it passes for one of ours."""
    lines = [CONTROL_CHARACTERS.sub(" ", one).rstrip() for one in LINE_BREAKS.split(text.strip())]
    return "\n".join(f"> {one}".rstrip() for one in lines)
