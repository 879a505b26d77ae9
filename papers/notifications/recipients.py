"""Who is notified of an event, and whether the notice still applies.

Recipients are active members of the group as it is when the mails go out. The table of events says
which of them (`Audience`), and what must still hold then (`Condition`).
"""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from papers.discussions import times
from papers.discussions.attendance import RsvpStatus, attendance_of
from papers.models import (
    AgendaItem,
    DateOption,
    Discussion,
    Event,
    Listing,
    ListingEntry,
    Notice,
    Paper,
    Rsvp,
    User,
)
from papers.models.event_specs import Audience, Condition

if TYPE_CHECKING:
    from django.db.models import QuerySet


def recipients_of(notice: Notice) -> list[User]:
    """The users to notify of ``notice``, each once, by id."""
    return list(times.with_joined_zones(_recipients(notice)))


def is_recipient(notice: Notice, user: User) -> bool:
    """Whether ``user`` is one of `recipients_of` ``notice`` now."""
    return _recipients(notice).filter(pk=user.pk).exists()


def _recipients(notice: Notice) -> "QuerySet[User]":
    users = User.objects.filter(pk__in=notice.group.active_user_ids()).order_by("pk")
    if notice.by_id:
        users = users.exclude(pk=notice.by_id)
    return AUDIENCES[notice.spec.audience](users, notice)


def discussion_of(notice: Notice) -> Discussion:
    """The discussion of a notice that is about one."""
    assert notice.discussion is not None  # by the constraint
    return notice.discussion


def _everyone(users: "QuerySet[User]", notice: Notice) -> "QuerySet[User]":
    return users


def _unanswered(users: "QuerySet[User]", notice: Notice) -> "QuerySet[User]":
    options = DateOption.objects.filter(discussion=notice.discussion).open_at(timezone.now())
    return users.filter(Exists(options.unanswered_by(OuterRef(OuterRef("pk")))))


def _not_declined(users: "QuerySet[User]", notice: Notice) -> "QuerySet[User]":
    return users.exclude(pk__in=_user_ids_answering(discussion_of(notice), Rsvp.Answer.NOT))


def _attending(users: "QuerySet[User]", notice: Notice) -> "QuerySet[User]":
    discussion = discussion_of(notice)
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
    return not holds(notice, at) or _is_superseded(notice)


def holds(notice: Notice, at: datetime) -> bool:
    """Whether the notice is not outdated at ``at``, though a later one may say more."""
    return CONDITIONS[notice.spec.condition](notice, at)


def _is_superseded(notice: Notice) -> bool:
    """Whether the same person, or everyone, has a later notice on the topic: one mail says both."""
    if notice.spec.topic is None:
        return False
    events = [event for event in Event if event.spec.topic is notice.spec.topic]
    later = Notice.objects.filter(discussion=notice.discussion_id, pk__gt=notice.pk)
    return later.filter(event__in=events, user=notice.user_id).exists()


def _is_poll_open(notice: Notice, at: datetime) -> bool:
    poll = discussion_of(notice)
    return poll.is_polling and (poll.answer_by is None or poll.answer_by > at)


def _is_scheduled(notice: Notice, at: datetime) -> bool:
    return discussion_of(notice).is_scheduled and not _is_over(discussion_of(notice), at)


def _is_cancelled(notice: Notice, at: datetime) -> bool:
    return discussion_of(notice).is_cancelled and not _is_over(discussion_of(notice), at)


def _is_upcoming(notice: Notice, at: datetime) -> bool:
    return discussion_of(notice).is_polling or _is_scheduled(notice, at)


def _is_held(notice: Notice, at: datetime) -> bool:
    return discussion_of(notice).is_held


def _is_due(notice: Notice, at: datetime) -> bool:
    due = starts_or_closes_at(discussion_of(notice))
    if not discussion_of(notice).is_scheduled or due is None or due <= at:
        return False
    return notice.due_at == due


def _is_seated(notice: Notice, at: datetime) -> bool:
    return _is_scheduled(notice, at) and _rsvp_status(notice).is_seated


def _is_waiting(notice: Notice, at: datetime) -> bool:
    return _is_scheduled(notice, at) and _rsvp_status(notice).is_waiting


def _rsvp_status(notice: Notice) -> RsvpStatus:
    assert notice.user is not None  # by the constraint
    return attendance_of(discussion_of(notice)).status_of(notice.user)


def _is_asked(notice: Notice, at: datetime) -> bool:
    assert notice.user is not None  # by the constraint
    asked = discussion_of(notice).agenda.awaiting_answer_from(notice.user)
    return _is_upcoming(notice, at) and asked.exists()


def _is_mentioned(notice: Notice, at: datetime) -> bool:
    comment = notice.comment
    assert comment is not None and notice.user_id is not None  # by the constraints
    return comment.removed_at is None and comment.mentions.filter(pk=notice.user_id).exists()


def _is_replied_to(notice: Notice, at: datetime) -> bool:
    comment = notice.comment
    assert comment is not None  # by the constraint
    parent = comment.parent
    return comment.removed_at is None and parent is not None and parent.user_id == notice.user_id


def _is_listed(notice: Notice, at: datetime) -> bool:
    listing = notice.listing
    assert listing is not None  # by the constraint
    return listing.state == Listing.State.APPLIED and new_papers(listing).exists()


def new_papers(listing: Listing) -> "QuerySet[Paper]":
    """The papers that ``listing`` has added and that are not set aside, in its order."""
    created = listing.entries.filter(outcome=ListingEntry.Outcome.CREATED)
    papers = Paper.objects.filter(entries__in=created).exclude(status=Paper.Status.SET_ASIDE)
    return papers.order_by("-pk")  # they were created from the last one to the first


def _is_proposed(notice: Notice, at: datetime) -> bool:
    assert notice.paper is not None  # by the constraint
    return notice.paper.status != Paper.Status.SET_ASIDE


CONDITIONS: dict[Condition, Callable[[Notice, datetime], bool]] = {
    Condition.POLL_OPEN: _is_poll_open,
    Condition.SCHEDULED: _is_scheduled,
    Condition.CANCELLED: _is_cancelled,
    Condition.UPCOMING: _is_upcoming,
    Condition.HELD: _is_held,
    Condition.DUE: _is_due,
    Condition.SEATED: _is_seated,
    Condition.WAITING: _is_waiting,
    Condition.ASKED: _is_asked,
    Condition.MENTIONED: _is_mentioned,
    Condition.REPLIED: _is_replied_to,
    Condition.LISTED: _is_listed,
    Condition.PROPOSED: _is_proposed,
}


def _is_over(discussion: Discussion, at: datetime) -> bool:
    return discussion.ends_at is not None and discussion.ends_at <= at


def starts_or_closes_at(discussion: Discussion) -> datetime | None:
    """The moment to remind of: the start, or the end of one in writing; None without a date."""
    return discussion.ends_at if discussion.is_written else discussion.starts_at


def deadlines(notice: Notice) -> list[datetime]:
    """The moments by which a recipient may have to act on ``notice``."""
    discussion = notice.discussion
    if discussion is None:
        return []
    due = discussion.answer_by if discussion.is_polling else starts_or_closes_at(discussion)
    # Those who have not heard that it moved arrive at the old hour.
    return [moment for moment in (due, notice.moved_from) if moment is not None]
