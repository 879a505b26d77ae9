"""Whom what happened to a meeting concerns, and whether it is still so.

Only active members of its group as it is now, and never whose act it was:

- a date poll is opened: all; reminders of it: who has answered for none of its dates;
- a date is fixed or moved, a meeting is on again, what came of it: all;
- called off: all but who said they cannot come, whom it changes nothing for;
- reminders: who comes, joins remotely or presents; before one in writing closes: all;
- a free seat, a paper to present: that one person.
"""

from datetime import UTC, datetime

from django.db.models import Q

from papers.models import AgendaItem, Availability, MailKind, Notice, Rsvp, User

Event = Notice.Event
MAIL_KINDS = {
    Event.POLL_OPENED: MailKind.POLL,
    Event.POLL_REMINDED: MailKind.POLL,
    Event.POLL_CLOSES: MailKind.UNANSWERED,
    Event.FIXED: MailKind.DATE,
    Event.MOVED: MailKind.DATE,
    Event.CANCELLED: MailKind.DATE,
    Event.REINSTATED: MailKind.DATE,
    Event.SEAT: MailKind.DATE,
    Event.PRESENT: MailKind.DATE,
    Event.DAY: MailKind.DAY,
    Event.HOUR: MailKind.HOUR,
    Event.OUTCOMES: MailKind.OUTCOMES,
}
POLL_EVENTS = {Event.POLL_OPENED, Event.POLL_REMINDED, Event.POLL_CLOSES}
DATE_EVENTS = {Event.FIXED, Event.MOVED, Event.CANCELLED, Event.REINSTATED}
REMINDER_EVENTS = {Event.DAY, Event.HOUR}


def recipients_of(notice):
    """The users to tell of ``notice``, each once."""
    meeting, event = notice.discussion, notice.event
    users = User.objects.filter(pk__in=meeting.group.active_user_ids()).order_by("pk")
    if notice.by_id:
        users = users.exclude(pk=notice.by_id)
    if notice.user_id:
        return list(users.filter(pk=notice.user_id))
    if event in (Event.POLL_REMINDED, Event.POLL_CLOSES):
        answered = Availability.objects.filter(option__discussion=meeting)
        return list(users.exclude(pk__in=answered.values("user")))
    if event == Event.CANCELLED:
        return list(users.exclude(pk__in=_user_ids_answering(meeting, Rsvp.Answer.NOT)))
    if event in REMINDER_EVENTS and not meeting.is_written:
        come = _user_ids_answering(meeting, Rsvp.Answer.COMING, Rsvp.Answer.REMOTE)
        present = AgendaItem.objects.filter(discussion=meeting, presenter__isnull=False)
        return list(users.filter(Q(pk__in=come) | Q(pk__in=present.values("presenter"))))
    return list(users)


def _user_ids_answering(meeting, *answers):
    return Rsvp.objects.filter(discussion=meeting, answer__in=answers).values("user")


def is_obsolete(notice, at):
    """Whether what ``notice`` says is not so any more at ``at``, or somebody has said it better."""
    meeting, event = notice.discussion, notice.event
    if event in POLL_EVENTS:
        is_closed = meeting.answer_by is not None and meeting.answer_by <= at
        return not meeting.is_polling or is_closed
    if event == Event.OUTCOMES:
        return not meeting.is_held
    if _is_superseded(notice):
        return True
    if event == Event.CANCELLED:
        return not meeting.is_cancelled or _is_over(meeting, at)
    if event == Event.PRESENT:
        asked = meeting.agenda.awaiting_answer_from(notice.user)
        return not asked.exists() or not _is_upcoming(meeting, at)
    if event == Event.SEAT:
        is_to_be = meeting.is_scheduled and not _is_over(meeting, at)
        return not is_to_be or not _has_seat(meeting, notice.user)
    if event in REMINDER_EVENTS:
        due = starts_or_closes_at(meeting)
        return not meeting.is_scheduled or due <= at or notice.key.split(":")[2] != due_key(due)
    if event == Event.REINSTATED:
        return not _is_upcoming(meeting, at)
    return not meeting.is_scheduled or _is_over(meeting, at)


def _is_superseded(notice):
    """Whether the like happened again before anybody was told: one mail says both."""
    later = Notice.objects.filter(discussion=notice.discussion_id, pk__gt=notice.pk)
    if notice.event in DATE_EVENTS:
        return later.filter(event__in=DATE_EVENTS).exists()
    is_of_one = notice.user_id is not None
    return is_of_one and later.filter(event=notice.event, user=notice.user_id).exists()


def _has_seat(meeting, user):
    """Whether ``user`` comes, and does not wait in line (any more, or again)."""
    coming = _user_ids_answering(meeting, Rsvp.Answer.COMING)
    coming = coming.filter(user__in=meeting.group.active_user_ids()).order_by("turn")
    return user.pk in list(coming.values_list("user", flat=True)[: meeting.seats])


def _is_upcoming(meeting, at):
    return meeting.is_polling or (meeting.is_scheduled and not _is_over(meeting, at))


def _is_over(meeting, at):
    return meeting.ends_at is not None and meeting.ends_at <= at


def starts_or_closes_at(meeting):
    """What a reminder is before: the start; the end of one in writing; None without a date."""
    return meeting.ends_at if meeting.is_written else meeting.starts_at


def due_key(moment):
    """What tells a reminder of one date from that of another."""
    return str(int(moment.timestamp()))


def deadlines(notice):
    """The moments by which one who is told of ``notice`` may have to do something."""
    meeting = notice.discussion
    moments = [meeting.answer_by if meeting.is_polling else starts_or_closes_at(meeting)]
    if notice.event == Event.MOVED:  # whoever has not heard of it goes there at the old hour
        _, _, was = notice.key.split(":")[2].partition("-")
        moments += [datetime.fromtimestamp(int(was), UTC)] if was else []
    return [moment for moment in moments if moment is not None]
