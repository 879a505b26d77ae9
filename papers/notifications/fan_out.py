"""One event becomes one message per recipient.

An event is recorded in the transaction in which it happens; a worker then sends the notifications.
Each recipient gets a mail, an item of their next digest, or nothing, as they chose, in a short
transaction of its own and under a key made of the notice and the recipient. So a worker that is
stopped half-way, or two at once, notify nobody twice, and the clock finds those who are left. A
message describes things as they are when it is written, which for a digest is when that is sent; an
obsolete notice is not sent.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django_tasks import task

from papers.models import (
    DEFAULT_DELIVERIES,
    AgendaItem,
    Comment,
    Delivery,
    DigestItem,
    Discussion,
    Event,
    Listing,
    Mail,
    MailChoice,
    Notice,
    Paper,
    User,
)
from papers.notifications import letters, outbox, recipients, unsubscribe
from papers.notifications.calendar_files import CalendarFile, calendar_files_for
from papers.notifications.digest_times import next_digest_at

log = logging.getLogger(__name__)

# How many events one member may have the others notified of, within this time.
MAX_EVENTS = 60
RATE_WINDOW = timedelta(hours=1)
TOO_MANY = "You have had many e-mails sent to the members in the last hour. Try again in an hour."
GIVE_UP_AFTER = timedelta(days=1)
KEYS_PER_QUERY = 500
OVERDUE_AFTER = timedelta(minutes=1)  # by then a worker would have begun
# What recipients and letters need of a notice. A discussion is fetched with its agenda.
FETCHED = (
    "user",
    "by",
    "comment__paper__group",
    "comment__user",
    "comment__parent",
    "listing__group",
    "paper__group",
    "paper__proposed_by",
)


class NoticeFacts(TypedDict, total=False):
    """The columns of `Notice` that some events have."""

    user: User
    due_at: datetime
    moved_from: datetime
    asked_on: date
    item: AgendaItem
    swap_for: AgendaItem


def record_event(
    event: Event,
    row: Discussion | Comment | Listing | Paper,
    *,
    by: User | None = None,
    **facts: Unpack[NoticeFacts],
) -> Notice | None:
    """Record that ``event`` happened to ``row``; the members are notified once it is committed.

    ``by`` acted and is not notified. ``facts``: at least the columns that the event is unique by.
    Returns the notice, or None if this occurrence was recorded before. Raises ValidationError if
    ``by`` had the members notified of discussions too often.
    """
    about = event.spec.about.value
    fields: dict[str, Any] = {about: row, "event": event, "by": by, **facts}
    if isinstance(row, Discussion):
        _check_rate(by)
        fields["sequence"] = row.sequence
    if event.spec.once_per is None:
        notice = Notice.objects.create(**fields)
    else:
        names = (about, "event", *event.spec.once_per)
        occurrence = {name: fields.pop(name) for name in names}
        notice, is_new = Notice.objects.get_or_create(**occurrence, defaults=fields)
        if not is_new:
            return None
    # Robust: the event is recorded by then. The clock finds what nobody was notified of.
    transaction.on_commit(lambda: send_notifications.enqueue(notice.pk), robust=True)
    return notice


def _check_rate(by: User | None) -> None:
    if by is None:
        return
    # Comments have a limit of their own, and one of them may mention many members.
    recent = Notice.objects.filter(by=by, comment=None)
    if recent.filter(created_at__gte=timezone.now() - RATE_WINDOW).count() >= MAX_EVENTS:
        raise ValidationError(TOO_MANY)


@task()
def send_notifications(notice_id: int) -> None:
    """Notify every recipient of the notice, then mark it as told; nothing if it is told or gone."""
    notice = fetch_notice(notice_id)
    if notice is None or notice.told_at is not None:
        return
    at, failed = timezone.now(), 0
    if not recipients.is_obsolete(notice, at):
        failed = _notify_all(notice, at)
    if failed and notice.created_at > at - GIVE_UP_AFTER:  # the clock tries again
        log.error("notice %s: %s members could not be told", notice.pk, failed)
        return
    Notice.objects.filter(pk=notice.pk, told_at=None).update(told_at=at)
    log.info("notice %s: told", notice.pk)


def fetch_notice(pk: int) -> Notice | None:
    """The notice with all that its recipients and letters need; None if it is gone."""
    notice = Notice.objects.select_related(*FETCHED).filter(pk=pk).first()
    if notice is not None and notice.discussion_id is not None:
        discussions = Discussion.objects.select_related("group").with_agenda()
        notice.discussion = discussions.get(pk=notice.discussion_id)
    return notice


def send_overdue(at: datetime) -> None:
    """Finish the notices recorded a while before ``at`` whose worker was stopped."""
    untold = Notice.objects.filter(told_at=None, created_at__lt=at - OVERDUE_AFTER)
    for pk in list(untold.values_list("pk", flat=True)):
        try:
            send_notifications.call(pk)
        except Exception:
            log.exception("notice %s: not told", pk)


def _notify_all(notice: Notice, at: datetime) -> int:
    """Notify the recipients who were not notified yet; return how many of them failed."""
    users, kind = recipients.recipients_of(notice), notice.spec.kind
    known = _keys_already_sent(notice, users)
    in_digest = set(notice.digest_items.values_list("user", flat=True))
    chosen = MailChoice.objects.filter(kind=kind, user__in=[user.pk for user in users])
    deliveries = dict(chosen.values_list("user", "way"))
    letter, file_for = letters.letter_for(notice), calendar_files_for(notice)
    failed = 0
    for user in users:
        if user.pk in in_digest or recipient_key(notice.pk, user) in known:
            continue
        try:
            delivery = Delivery(deliveries.get(user.pk, kind.default))
            _notify_recipient(notice, user, delivery, letter, file_for, at)
        except (ValidationError, ValueError):  # no address that mail could go to
            log.warning("notice %s: user %s has no address", notice.pk, user.pk)
        except Exception:
            log.exception("notice %s: user %s not told", notice.pk, user.pk)
            failed += 1
    return failed


def recipient_key(notice_id: int, user: User) -> str:
    """The key of the mail of a notice to ``user``."""
    return f"notice:{notice_id}:{user.pk}"


def _keys_already_sent(notice: Notice, users: Iterable[User]) -> set[str]:
    """The keys of the mails that exist already, whatever their recipients chose since."""
    known: set[str] = set()
    keys = [recipient_key(notice.pk, user) for user in users]
    for start in range(0, len(keys), KEYS_PER_QUERY):
        some = keys[start : start + KEYS_PER_QUERY]  # by their index: a prefix would read all mails
        known.update(Mail.objects.filter(key__in=some).values_list("key", flat=True))
    return known


@transaction.atomic
def _notify_recipient(
    notice: Notice,
    user: User,
    delivery: Delivery,
    letter: letters.Letter,
    file_for: Callable[[User], CalendarFile | None],
    at: datetime,
) -> None:
    """Queue the mail or the digest item. ValidationError or ValueError without an address."""
    if delivery == Delivery.OFF:
        return
    if delivery == Delivery.DIGEST and not _is_urgent(notice, user, at):
        item = DigestItem(user=user, notice=notice)
        DigestItem.objects.bulk_create([item], ignore_conflicts=True)
        return
    subject, text = letter(user)
    outbox.queue_mail(
        to=user.email,
        subject=subject,
        text=f"{text}\n\n{letters.mail_footer()}\n",
        key=recipient_key(notice.pk, user),
        headers=unsubscribe.mail_headers(user, notice.spec.kind),
        calendar_file=file_for(user),
    )


def _is_urgent(notice: Notice, user: User, at: datetime) -> bool:
    """Whether the notice never waits, or the next digest would come too late."""
    digest = next_digest_at(user, at)
    too_late = any(at < moment < digest for moment in recipients.deadlines(notice))
    return notice.spec.never_waits or too_late


def delivery_choices(user: User) -> dict[str, str]:
    """The delivery of each kind of mail to ``user``, chosen or default: kind -> delivery."""
    return {**DEFAULT_DELIVERIES, **dict(user.mail_choices.values_list("kind", "way"))}


@transaction.atomic
def set_deliveries(*, user: User, ways: Mapping[str, str]) -> None:
    """Save the deliveries that ``user`` chose: ``ways``, kind -> delivery; other kinds keep theirs.

    Only choices that differ from the default are stored.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    usual = [kind for kind, way in ways.items() if way == DEFAULT_DELIVERIES[kind]]
    user.mail_choices.filter(kind__in=usual).delete()
    MailChoice.objects.bulk_create(
        [MailChoice(user=user, kind=kind, way=ways[kind]) for kind in ways if kind not in usual],
        update_conflicts=True,
        unique_fields=["user", "kind"],
        update_fields=["way"],
    )


def stop_mails(*, user: User, kind: str) -> None:
    """End the mails of ``kind`` to ``user``; for `unsubscribe.DIGEST`, of all kinds in a digest."""
    kinds = [kind]
    if kind == unsubscribe.DIGEST:
        kinds = [one for one, way in delivery_choices(user).items() if way == Delivery.DIGEST]
    set_deliveries(user=user, ways=dict.fromkeys(kinds, Delivery.OFF))


def delete_old(at: datetime) -> None:
    """Delete notices and digest items that were sent `outbox.RETENTION` before ``at``.

    They keep members from being notified twice: those of upcoming discussions stay.
    """
    DigestItem.objects.filter(digested_at__lt=at - outbox.RETENTION).delete()
    old = Notice.objects.filter(told_at__lt=at - outbox.RETENTION)
    upcoming = Discussion.objects.upcoming(at) | Discussion.objects.polling()
    old.exclude(discussion__in=upcoming.order_by().values("pk")).delete()
