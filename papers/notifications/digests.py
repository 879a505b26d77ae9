"""The daily digest: all that waits for a reader in one mail, at one hour of their day.

An item remembers a notice; its words are written when the digest is sent, and tell how things are
then. Each discussion is told of once, in its last state.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Min

from papers.discussions import times
from papers.models import Delivery, DigestItem, Event, Mail, Notice, User
from papers.models.event_specs import About, Topic
from papers.notifications import fan_out, letters, outbox, recipients, unsubscribe
from papers.notifications.digest_times import last_digest_at
from papers.rendering import single_line

log = logging.getLogger(__name__)

SEPARATOR = "—" * 20
ANNOUNCEMENTS = (Event.POLL_OPENED, Event.FIXED)


@dataclass(frozen=True)
class DigestEntry:
    """One thing that a digest tells."""

    group: str
    subject: str
    text: str


def send_due_digests(at: datetime) -> None:
    """Queue the digests that were due by ``at``: one a day for each reader, however often it runs.

    Each in a transaction of its own; one that fails keeps no other from being sent.
    """
    waiting = DigestItem.objects.filter(digested_at=None).order_by()
    oldest = dict(waiting.values_list("user").annotate(Min("created_at")))
    users = times.with_joined_zones(User.objects.filter(pk__in=waiting.values("user")))
    for user in users.order_by("pk"):
        if user.pk not in oldest or oldest[user.pk] >= last_digest_at(user, at):
            continue  # all of it waits for the next one
        try:
            send_digest(user, at)
        except (ValidationError, ValueError):
            log.warning("digest: user %s has no address", user.pk)
        except Exception:
            log.exception("digest: user %s has none", user.pk)


@transaction.atomic
def send_digest(user: User, at: datetime) -> None:
    """Queue the digest of ``user`` that was due last, and mark its items.

    Nothing is queued if nothing of it is worth telling any more. ValidationError or ValueError
    without an address.
    """
    due = last_digest_at(user, at)
    items = list(user.digest_items.filter(digested_at=None, created_at__lt=due))
    entries = _digest_entries(user, items, at)
    if entries:
        queued = outbox.queue_mail(
            to=user.email,
            subject=_digest_subject(entries),
            text=_digest_text(entries),
            key=f"digest:{user.pk}:{due.date()}",
            headers=unsubscribe.mail_headers(user, unsubscribe.DIGEST),
        )
        if queued is None:  # the digest of the day is out: late items wait for the next one
            return
    DigestItem.objects.filter(pk__in=[item.pk for item in items]).update(digested_at=at)


def _digest_entries(user: User, items: Iterable[DigestItem], at: datetime) -> list[DigestEntry]:
    """What the digest tells of ``items``, in the order in which it happened first."""
    rows: defaultdict[tuple[About, int], list[Notice]] = defaultdict(list)
    for pk in sorted(item.notice_id for item in items):
        if notice := fan_out.fetch_notice(pk):
            row = notice.spec.about, getattr(notice, f"{notice.spec.about.value}_id")
            rows[row].append(notice)
    ways = fan_out.delivery_choices(user)
    entries = []
    for (about, _), notices in rows.items():
        wanted = [one for one in notices if _is_wanted(one, user, ways[one.spec.kind])]
        told: Sequence[Notice] = [one for one in wanted if not recipients.is_obsolete(one, at)]
        if about is About.DISCUSSION:
            told = _last_state(user, notices, wanted, told, at)
        for notice in told:
            subject, text = letters.letter_for(notice)(user)
            subject = single_line(subject, outbox.MAX_SUBJECT_LENGTH)
            entries.append(DigestEntry(str(notice.group), subject, text))
    return entries


def _is_wanted(notice: Notice, user: User, way: str) -> bool:
    """Whether ``user`` still wants to hear of such things, and it concerns them."""
    return way != Delivery.OFF and recipients.is_recipient(notice, user)


def _last_state(
    user: User,
    waiting: Sequence[Notice],
    wanted: Sequence[Notice],
    told: Sequence[Notice],
    at: datetime,
) -> Sequence[Notice]:
    """Of the notices about one discussion, the one that says how it stands; or none.

    ``waiting``: all that waited for this digest, the earliest first; ``wanted``: those of them that
    concern the reader; ``told``: those of them that are not obsolete. One about the date says when
    and where, and whether the reader has a seat: it comes before all others. A reader who hears of
    the discussion for the first time is told that there is one, not that it has changed; and
    nothing if it is cancelled already.
    """
    announced = [one for one in wanted if one.event in ANNOUNCEMENTS]
    if told and announced and not _was_told_before(user, waiting[0]):
        if recipients.discussion_of(told[0]).is_cancelled:
            return []
        if holding := [one for one in announced if recipients.holds(one, at)]:
            return holding[-1:]
    about_date = [one for one in told if one.spec.topic is Topic.DATE]
    return (about_date or told)[-1:]


def _was_told_before(user: User, first: Notice) -> bool:
    """Whether ``user`` may know the discussion, of which ``first`` was the first to wait.

    There were notices before it, whose mails may be deleted by now; or something about it was
    mailed to them at once since; or they have answered it.
    """
    discussion = recipients.discussion_of(first)
    notices = discussion.notices.values_list("pk", flat=True)
    if notices.filter(pk__lt=first.pk).exists() or discussion.rsvps.filter(user=user).exists():
        return True
    keys = [fan_out.recipient_key(pk, user) for pk in notices]
    return Mail.objects.filter(key__in=keys).exists()


def _digest_subject(entries: Sequence[DigestEntry]) -> str:
    if len(entries) == 1:
        return entries[0].subject
    groups = dict.fromkeys(single_line(entry.group, 60) for entry in entries)
    return f"{len(entries)} updates from {', '.join(groups)}"


def _digest_text(entries: Iterable[DigestEntry]) -> str:
    parts = [f"{entry.subject}\n\n{entry.text}" for entry in entries]
    return f"\n\n{SEPARATOR}\n\n".join([*parts, letters.mail_footer()]) + "\n"
