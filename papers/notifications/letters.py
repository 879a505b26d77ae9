"""What the mails about meetings say: the whole of it, in plain paragraphs.

What members typed is folded to a line of a sentence or a list, or stands behind "> ": no paragraph
is an address and nothing else but those that are for the reader to open (see ``papers.mail``).
Nobody's mail address is in it.
"""

import re

from django.conf import settings
from django.urls import reverse
from django.utils.text import Truncator

from papers.discussions import times
from papers.models import Comment, Discussion, Notice
from papers.notifications.recipients import POLL_EVENTS, REMINDER_EVENTS

Event = Notice.Event
MAX_LATER_SHOWN = 5
MAX_LINE_LENGTH = 300  # characters
CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
LINE_BREAKS = re.compile(r"\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")

SUBJECTS = {
    Event.POLL_OPENED: "{group}: when can you come?",
    Event.POLL_REMINDED: "{group}: when can you come? Your answer is missing",
    Event.POLL_CLOSES: "{group}: when can you come? The date poll closes soon",
    Event.FIXED: "{day}: {what}",
    Event.MOVED: "Changed, now {day}: {what}",
    Event.CANCELLED: "Called off, {day}: {what}",
    Event.REINSTATED: "On again, {day}: {what}",
    Event.SEAT: "A seat for you, {day}: {what}",
    Event.PRESENT: "Can you present? {day}: {what}",
    Event.DAY: "Reminder, {day}: {what}",
    Event.HOUR: "Soon, {day}: {what}",
    Event.OUTCOMES: "What came of it, {day}: {what}",
}
SUBJECTS_IN_WRITING = {Event.FIXED: "In writing, {day}: {what}"}
OPENING_LINES = {
    Event.POLL_OPENED: "“{group}” looks for a date to meet. When can you come?",
    Event.POLL_REMINDED: "“{group}” looks for a date to meet, and your answer is missing.",
    Event.POLL_CLOSES: "“{group}” looks for a date to meet. The date poll closes soon, and your "
    "answer is missing.",
    Event.FIXED: "“{group}” meets. Here is when and over what.",
    Event.MOVED: "A meeting of “{group}” was changed. This is how it is now.",
    Event.CANCELLED: "This meeting of “{group}” is called off.",
    Event.REINSTATED: "This meeting of “{group}” was called off, and is on again.",
    Event.SEAT: "A seat has become free, and it is yours: you come to this meeting of “{group}”.",
    Event.PRESENT: "“{group}” would like you to present. Say whether you do, please.",
    Event.DAY: "This is coming up in “{group}”.",
    Event.HOUR: "This begins within the hour in “{group}”.",
    Event.OUTCOMES: "“{group}” has met. This is what came of it.",
}
OPENING_LINES_IN_WRITING = {
    Event.FIXED: "“{group}” discusses in writing. Here is until when and over what.",
    Event.MOVED: "A discussion in writing of “{group}” was changed. This is how it is now.",
    Event.CANCELLED: "This discussion in writing of “{group}” is called off.",
    Event.REINSTATED: "This discussion in writing of “{group}” was called off, and is on again.",
    Event.DAY: "This discussion in writing of “{group}” closes soon.",
    Event.OUTCOMES: "“{group}” has discussed in writing. This is what came of it.",
}
CALLS_TO_ACTION = dict.fromkeys(POLL_EVENTS, "Say when you can come:") | {
    Event.PRESENT: "Say yes, or decline:",
    Event.FIXED: "Say whether you come:",
    Event.MOVED: "Say whether you come:",
    Event.REINSTATED: "Say whether you come:",
    Event.OUTCOMES: "All of it, with the notes:",
}


def single_line(text, longest=MAX_LINE_LENGTH):
    """``text`` as one line."""
    return Truncator(" ".join(CONTROL_CHARACTERS.sub(" ", text).split())).chars(longest)


def letter_for(notice):
    """A function that writes the letter on ``notice`` to a user: (subject, text).

    What is the same for all is looked up once. The text ends without the `mail_footer`.
    """
    meeting = notice.discussion
    group = single_line(str(meeting.group))
    is_reminder = notice.event in REMINDER_EVENTS
    subjects, leads = SUBJECTS, OPENING_LINES
    if meeting.is_written:
        subjects, leads = SUBJECTS | SUBJECTS_IN_WRITING, OPENING_LINES | OPENING_LINES_IN_WRITING
    act = CALLS_TO_ACTION.get(notice.event, "The meeting:")
    if meeting.is_written:
        act = "The discussion:"
    questions = _question_paragraphs(meeting) if is_reminder else []
    options = list(meeting.options.all()) if notice.event in POLL_EVENTS else []
    later = _later_discussions(meeting) if notice.event == Event.FIXED else []

    def letter_to(user):
        when = times.meeting_time(meeting, meeting.group, user)
        day = when.day if when else "date open"
        words = {"group": group, "what": single_line(str(meeting)), "day": day}
        parts = [leads[notice.event].format(**words)]
        if options:
            parts += _date_paragraphs(meeting, options, user)
        parts += _place_paragraphs(meeting, when, with_link=notice.event != Event.OUTCOMES)
        parts += (
            _outcome_paragraphs(meeting)
            if notice.event == Event.OUTCOMES
            else _agenda_paragraphs(notice, user)
        )
        parts += questions
        if later:
            lines = [f"- {times.meeting_time(one, meeting.group, user)}" for one in later]
            parts.append("\n".join(["The next meetings after it:", *lines]))
        parts += [act, _absolute_url(meeting.get_absolute_url())]
        return subjects[notice.event].format(**words), "\n\n".join(parts)

    return letter_to


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


def _place_paragraphs(meeting, when, *, with_link):
    lines = [f"When: {when}"] if when else []
    if meeting.place:
        lines.append(f"Where: {single_line(meeting.place)}")
    parts = ["\n".join(lines)] if lines else []
    if meeting.link and with_link and not meeting.is_cancelled:
        parts += ["By video:", single_line(meeting.link, 600)]
    return parts


def _agenda_paragraphs(notice, user):
    """The papers, with who presents; of who is asked to, what they are asked for is marked."""
    lines = []
    for number, item in enumerate(notice.discussion.agenda.all(), start=1):
        more = [f"{item.minutes} minutes"] if item.minutes else []
        presenter = single_line(str(item.presenter), 100) if item.presenter else ""
        is_mine = item.presenter_id == user.pk
        if item.is_offered_to(user):
            mine = single_line(item.swap_for.paper.title, 100)
            more.append(f"{presenter} offers it to you for “{mine}”")
        elif item.awaits_answer_from(user):
            more.append("you are asked to present it")
        elif item.is_confirmed:
            more.append("you present" if is_mine else f"{presenter} presents")
        beside = f" ({', '.join(more)})" if more else ""
        lines.append(f"{number}. {single_line(item.paper.title)}{beside}")
    return ["\n".join(["Agenda:", *lines])] if lines else []


def _question_paragraphs(meeting):
    """What members want to ask at the meeting, and nobody has answered yet."""
    papers = [item.paper_id for item in meeting.agenda.all()]
    asked = Comment.objects.filter(
        paper__in=papers, is_question=True, removed_at=None, answered_at=None
    ).select_related("paper", "user")
    lines = [
        f"- {single_line(one.body)} ({single_line(str(one.user), 100)},"
        f" on {single_line(one.paper.title, 100)})"
        for one in asked
    ]
    return ["\n".join(["To be asked:", *lines])] if lines else []


def _outcome_paragraphs(meeting):
    """Of each paper what the group made of it."""
    parts = []
    for number, item in enumerate(meeting.agenda.all(), start=1):
        verdict = f": {item.get_verdict_display().lower()}" if item.verdict else ""
        parts.append(f"{number}. {single_line(item.paper.title)}{verdict}")
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
