"""Who is notified of an event, and whether the notice still applies.

Recipients are active members of the group as it is when the mails go out. The table of events says
which of them (`Audience`), and what must still hold then (`Condition`).
"""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from papers.models import AgendaItem, Discussion, Event, Notice, Rsvp, User
from papers.models.events import Audience, Condition

if TYPE_CHECKING:
    from django.db.models import QuerySet


def recipients_of(notice: Notice) -> list[User]:
    """The users to notify of ``notice``, each once, by id."""
    users = User.objects.filter(pk__in=notice.discussion.group.active_user_ids()).order_by("pk")
    if notice.by_id:
        users = users.exclude(pk=notice.by_id)
    return list(AUDIENCES[notice.spec.audience](users, notice))


def _everyone(users: "QuerySet[User]", notice: Notice) -> "QuerySet[User]":
    return users


def _unanswered(users: "QuerySet[User]", notice: Notice) -> "QuerySet[User]":
    options = notice.discussion.options.open_at(timezone.now())
    return users.filter(Exists(options.unanswered_by(OuterRef(OuterRef("pk")))))


def _not_declined(users: "QuerySet[User]", notice: Notice) -> "QuerySet[User]":
    return users.exclude(pk__in=_user_ids_answering(notice.discussion, Rsvp.Answer.NOT))


def _attending(users: "QuerySet[User]", notice: Notice) -> "QuerySet[User]":
    discussion = notice.discussion
    if discussion.is_written:
        return users
    coming = _user_ids_answering(discussion, Rsvp.Answer.COMING, Rsvp.Answer.REMOTE)
    presented = AgendaItem.objects.filter(discussion=discussion, presenter__isnull=False)
    return users.filter(Q(pk__in=coming) | Q(pk__in=presented.values("presenter")))


def _one(users: "QuerySet[User]", notice: Notice) -> "QuerySet[User]":
    assert notice.user_id is not None  # by the constraint
    return users.filter(pk=notice.user_id)


AUDIENCES: dict[Audience, Callable[["QuerySet[User]", Notice], "QuerySet[User]"]] = {
    Audience.EVERYONE: _everyone,
    Audience.UNANSWERED: _unanswered,
    Audience.NOT_DECLINED: _not_declined,
    Audience.ATTENDING: _attending,
    Audience.ONE: _one,
}


def _user_ids_answering(discussion: Discussion, *answers: Rsvp.Answer) -> "QuerySet":
    return Rsvp.objects.filter(discussion=discussion, answer__in=answers).values("user")


def is_obsolete(notice: Notice, at: datetime) -> bool:
    """Whether the notice is outdated or superseded at ``at``."""
    return not CONDITIONS[notice.spec.condition](notice, at) or _is_superseded(notice)


def _is_superseded(notice: Notice) -> bool:
    """Whether the same person, or everyone, has a later notice on the topic: one mail says both."""
    if notice.spec.topic is None:
        return False
    events = [event for event in Event if event.spec.topic is notice.spec.topic]
    later = Notice.objects.filter(discussion=notice.discussion_id, pk__gt=notice.pk)
    return later.filter(event__in=events, user=notice.user_id).exists()


def _is_poll_open(notice: Notice, at: datetime) -> bool:
    answer_by = notice.discussion.answer_by
    return notice.discussion.is_polling and (answer_by is None or answer_by > at)


def _is_scheduled(notice: Notice, at: datetime) -> bool:
    return notice.discussion.is_scheduled and not _is_over(notice.discussion, at)


def _is_cancelled(notice: Notice, at: datetime) -> bool:
    return notice.discussion.is_cancelled and not _is_over(notice.discussion, at)


def _is_upcoming(notice: Notice, at: datetime) -> bool:
    return notice.discussion.is_polling or _is_scheduled(notice, at)


def _is_held(notice: Notice, at: datetime) -> bool:
    return notice.discussion.is_held


def _is_due(notice: Notice, at: datetime) -> bool:
    due = starts_or_closes_at(notice.discussion)
    if not notice.discussion.is_scheduled or due is None or due <= at:
        return False
    return notice.due_at == due


def _is_seated(notice: Notice, at: datetime) -> bool:
    """Whether the user comes and does not wait in line, any more or again."""
    discussion = notice.discussion
    coming = _user_ids_answering(discussion, Rsvp.Answer.COMING)
    coming = coming.filter(user__in=discussion.group.active_user_ids()).order_by("turn")
    seated = coming.values_list("user", flat=True)[: discussion.seats]
    return _is_scheduled(notice, at) and notice.user_id in list(seated)


def _is_asked(notice: Notice, at: datetime) -> bool:
    assert notice.user is not None  # by the constraint
    asked = notice.discussion.agenda.awaiting_answer_from(notice.user)
    return _is_upcoming(notice, at) and asked.exists()


CONDITIONS: dict[Condition, Callable[[Notice, datetime], bool]] = {
    Condition.POLL_OPEN: _is_poll_open,
    Condition.SCHEDULED: _is_scheduled,
    Condition.CANCELLED: _is_cancelled,
    Condition.UPCOMING: _is_upcoming,
    Condition.HELD: _is_held,
    Condition.DUE: _is_due,
    Condition.SEATED: _is_seated,
    Condition.ASKED: _is_asked,
}


def _is_over(discussion: Discussion, at: datetime) -> bool:
    return discussion.ends_at is not None and discussion.ends_at <= at


def starts_or_closes_at(discussion: Discussion) -> datetime | None:
    """The moment to remind of: the start, or the end of one in writing; None without a date."""
    return discussion.ends_at if discussion.is_written else discussion.starts_at


def deadlines(notice: Notice) -> list[datetime]:
    """The moments by which a recipient may have to act on ``notice``."""
    discussion = notice.discussion
    due = discussion.answer_by if discussion.is_polling else starts_or_closes_at(discussion)
    # Those who have not heard that it moved arrive at the old hour.
    return [moment for moment in (due, notice.moved_from) if moment is not None]
