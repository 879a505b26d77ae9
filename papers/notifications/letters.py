"""What the mails about meetings say: the whole of it, in plain paragraphs.

What members typed is folded to a line of a sentence or a list, or stands behind "> ": no paragraph
is an address and nothing else but those that are for the reader to open (see ``papers.mail``).
Nobody's mail address is in it.
"""

import re
from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.urls import reverse

from papers.discussions import times
from papers.models import Comment, Discussion, Notice, User
from papers.models.events import Detail, EventSpec
from papers.rendering import CONTROL_CHARACTERS, single_line

MAX_LATER_SHOWN = 5
MAX_LINE_LENGTH = 300  # characters
LINE_BREAKS = re.compile(r"\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")

WRITTEN_ACTION = "The discussion:"

text_line = partial(single_line, longest=MAX_LINE_LENGTH)


def letter_for(notice: Notice) -> Callable[[User], tuple[str, str]]:
    """A function that writes the letter on ``notice`` to a user: (subject, text).

    What is the same for all is looked up once. The text ends without the `mail_footer`.
    """
    discussion, spec = notice.discussion, notice.spec
    subject, lead, action = _words(spec, discussion.is_written)
    group, title = text_line(str(discussion.group)), text_line(str(discussion))
    options = list(discussion.options.all()) if Detail.DATES in spec.details else []
    questions = _question_paragraphs(discussion) if Detail.QUESTIONS in spec.details else []
    later = _later_discussions(discussion) if Detail.LATER in spec.details else []

    def letter_to(user: User) -> tuple[str, str]:
        when = times.meeting_time(discussion, discussion.group, user)
        words = {"group": group, "what": title, "day": when.day if when else "date open"}
        parts = [lead.format(**words)]
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


def _later_discussions(meeting):
    """The next few meetings after it: one that repeats is told of once."""
    after = Discussion.objects.in_group(meeting.group).upcoming(meeting.starts_at)
    return list(after.filter(starts_at__gt=meeting.starts_at, is_written=False)[:MAX_LATER_SHOWN])


def mail_footer():
    """What every such mail ends with: the way to choose what one is mailed."""
    return f"What you are mailed is yours to choose:\n\n{_absolute_url(reverse('mail-choices'))}"


def _absolute_url(path):
    return settings.BASE_URL + path


def _date_paragraphs(meeting, options, user):
    """The options of a date poll in the reader's zone, and until when one may answer."""
    lines = [f"- {times.meeting_time(option, meeting.group, user)}" for option in options]
    parts = ["\n".join(["The dates to choose from:", *lines])]
    if deadline := times.deadline_text(meeting, meeting.group, user):
        parts.append(f"Answer until {deadline}.")
    return parts


def _place_paragraphs(meeting, when):
    lines = [f"When: {when}"] if when else []
    if meeting.place:
        lines.append(f"Where: {text_line(meeting.place)}")
    parts = ["\n".join(lines)] if lines else []
    if meeting.link and not (meeting.is_cancelled or meeting.is_held):
        parts += ["By video:", single_line(meeting.link, 600)]
    return parts


def _agenda_paragraphs(meeting, user):
    """The papers, with who presents; of who is asked to, what they are asked for is marked."""
    lines = []
    for number, item in enumerate(meeting.agenda.all(), start=1):
        more = [f"{item.minutes} minutes"] if item.minutes else []
        if item.presenter_id and item.presenter_id == user.pk:
            more.append("you present" if item.is_confirmed else "you are asked to present it")
        elif item.is_offered_to(user):
            mine = single_line(item.swap_for.paper.title, 100)
            more.append(f"{single_line(str(item.presenter), 100)} offers it to you for “{mine}”")
        elif item.presenter_id and item.is_confirmed:
            more.append(f"{single_line(str(item.presenter), 100)} presents")
        beside = f" ({', '.join(more)})" if more else ""
        lines.append(f"{number}. {text_line(item.paper.title)}{beside}")
    return ["\n".join(["Agenda:", *lines])] if lines else []


def _question_paragraphs(meeting):
    """What members want to ask at the meeting, and nobody has answered yet."""
    papers = [item.paper_id for item in meeting.agenda.all()]
    asked = Comment.objects.filter(
        paper__in=papers, is_question=True, removed_at=None, answered_at=None
    ).select_related("paper", "user")
    lines = [
        f"- {text_line(one.body)} ({single_line(str(one.user), 100)},"
        f" on {single_line(one.paper.title, 100)})"
        for one in asked
    ]
    return ["\n".join(["To be asked:", *lines])] if lines else []


def _outcome_paragraphs(meeting):
    """Of each paper what the group made of it."""
    parts = []
    for number, item in enumerate(meeting.agenda.all(), start=1):
        verdict = f": {item.get_verdict_display().lower()}" if item.verdict else ""
        parts.append(f"{number}. {text_line(item.paper.title)}{verdict}")
        for name, text in (("Take-aways", item.takeaways), ("Still open", item.open_questions)):
            if text.strip():
                parts.append(f"{name}:\n{_quote_lines(text)}")
        if item.slides:
            parts += ["Slides:", single_line(item.slides, 600)]
    if meeting.recording:
        parts += ["Recording:", single_line(meeting.recording, 600)]
    return parts


def _quote_lines(text):
    """What was written over several lines, each behind a sign that makes it no line of ours."""
    lines = [CONTROL_CHARACTERS.sub(" ", one).rstrip() for one in LINE_BREAKS.split(text.strip())]
    return "\n".join(f"> {one}".rstrip() for one in lines)
