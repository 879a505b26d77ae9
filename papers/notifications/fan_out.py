"""What happened to a meeting is noted in the transaction it happens in; a worker tells it.

Each member concerned gets one mail, or one item of their next digest, or nothing, as they chose.
Each is told in a short transaction of their own, under a key of what happened and who they are: a
worker that is stopped half-way, or two at once, tell nobody twice, and the clock finds what was
left. What is said is as the meeting is then; what is not so any more is not told.
"""

import logging
from datetime import date, datetime, timedelta
from typing import TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django_tasks import task

from papers.models import (
    DEFAULT_DELIVERIES,
    AgendaItem,
    Delivery,
    DigestItem,
    Discussion,
    Event,
    Mail,
    MailChoice,
    MailKind,
    Notice,
    User,
)
from papers.notifications import letters, outbox, recipients, unsubscribe
from papers.notifications.digest_times import next_digest_at
from papers.rendering import single_line

log = logging.getLogger(__name__)

MAX_EVENTS, RATE_WINDOW = (
    60,
    timedelta(hours=1),
)  # what one member may have told; each is a mail to many
TOO_MANY = "The members were mailed very often on your account: wait an hour, and do this then."
GIVE_UP_AFTER = timedelta(days=1)
KEYS_PER_QUERY = 500  # keys at once
OVERDUE_AFTER = timedelta(minutes=1)  # by then a worker would have begun


class NoticeFacts(TypedDict, total=False):
    """The columns of `Notice` that some events have."""

    user: User
    due_at: datetime
    moved_from: datetime
    asked_on: date
    item: AgendaItem
    swap_for: AgendaItem


def record_event(
    event: Event, discussion: Discussion, *, by: User | None = None, **facts: Unpack[NoticeFacts]
) -> Notice | None:
    """Record that ``event`` happened; the members are notified once it is committed.

    ``by`` acted and is not notified. ``facts``: at least the columns that the event is unique by.
    Returns the notice, or None if this occurrence was recorded before. Raises ValidationError if
    ``by`` had the members notified too often.
    """
    _check_rate(by)
    fields = {"by": by, "sequence": discussion.sequence, **facts}
    fields |= {"event": event, "discussion": discussion}
    if event.spec.once_per is None:
        notice = Notice.objects.create(**fields)
    else:
        names = ("discussion", "event", *event.spec.once_per)
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
    recent = Notice.objects.filter(by=by, created_at__gte=timezone.now() - RATE_WINDOW)
    if recent.count() >= MAX_EVENTS:
        raise ValidationError(TOO_MANY)


@task()
def send_notifications(notice_id):
    """Tell the members of what happened, and keep that it was told."""
    notice = Notice.objects.select_related("user", "by").filter(pk=notice_id, told_at=None).first()
    if notice is None:
        return
    meetings = Discussion.objects.select_related("group").with_agenda()
    notice.discussion = meetings.get(pk=notice.discussion_id)
    at, failed = timezone.now(), 0
    if not recipients.is_obsolete(notice, at):
        failed = _notify_all(notice, at)
    if failed and notice.created_at > at - GIVE_UP_AFTER:  # the clock comes back to them
        log.error("notice %s: %s members could not be told", notice.pk, failed)
        return
    Notice.objects.filter(pk=notice.pk, told_at=None).update(told_at=at)
    log.info("notice %s: told", notice.pk)


def send_overdue(at):
    """Tell what was noted a while before ``at`` and not told to the end: its worker was stopped."""
    untold = Notice.objects.filter(told_at=None, created_at__lt=at - OVERDUE_AFTER)
    for pk in list(untold.values_list("pk", flat=True)):
        try:
            send_notifications.call(pk)
        except Exception:
            log.exception("notice %s: not told", pk)


def _notify_all(notice, at):
    """Tell each who was not told yet; how many of them failed."""
    members = recipients.recipients_of(notice)
    kind = notice.spec.kind
    known = _keys_already_sent(notice, members)
    said = MailChoice.objects.filter(kind=kind, user__in=[one.pk for one in members])
    ways = dict(said.values_list("user", "way"))
    letter = letters.letter_for(notice)
    failed = 0
    for user in members:
        if _recipient_key(notice, user) in known:
            continue
        try:
            _notify_recipient(notice, user, ways.get(user.pk, kind.default), letter, at)
        except (ValidationError, ValueError):  # nothing that could be mailed to
            log.warning("notice %s: user %s has no address", notice.pk, user.pk)
        except Exception:
            log.exception("notice %s: user %s not told", notice.pk, user.pk)
            failed += 1
    return failed


def _recipient_key(notice, user):
    return f"notice:{notice.pk}:{user.pk}"


def _keys_already_sent(notice, members):
    """The keys of whom was told before, whatever way they have chosen since."""
    known, keys = set(), [_recipient_key(notice, user) for user in members]
    for start in range(0, len(keys), KEYS_PER_QUERY):
        some = keys[start : start + KEYS_PER_QUERY]  # by their index: a prefix would read all mails
        for model in (Mail, DigestItem):
            known.update(model.objects.filter(key__in=some).values_list("key", flat=True))
    return known


@transaction.atomic
def _notify_recipient(notice, user, way, letter, at):
    if way == Delivery.OFF:
        return
    kind, key = notice.spec.kind, _recipient_key(notice, user)
    subject, text = letter(user)
    if way == Delivery.DIGEST and not _is_urgent(notice, user, at):
        item = DigestItem(
            user=user,
            group=notice.discussion.group,
            kind=kind,
            key=key,
            subject=single_line(subject, 200),
            text=text,
        )
        DigestItem.objects.bulk_create([item], ignore_conflicts=True)
        return
    outbox.queue_mail(
        to=user.email,
        subject=subject,
        text=f"{text}\n\n{letters.mail_footer()}\n",
        key=key,
        headers=unsubscribe.mail_headers(user, kind),
    )


def _is_urgent(notice, user, at):
    """Whether the next digest would come too late, or it is about this one person alone."""
    digest = next_digest_at(user, at)
    too_late = any(at < moment < digest for moment in recipients.deadlines(notice))
    return notice.user_id is not None or too_late


def delivery_choices(user):
    """How ``user`` is told of each kind: kind -> way."""
    return DEFAULT_DELIVERIES | dict(user.mail_choices.values_list("kind", "way"))


@transaction.atomic
def set_deliveries(*, user, ways):
    """Keep how ``user`` wants to be told: ``ways``, kind -> way; the rest stays as it is.

    Kept is what is not the default.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    usual = [kind for kind, way in ways.items() if way == MailKind(kind).default]
    user.mail_choices.filter(kind__in=usual).delete()
    MailChoice.objects.bulk_create(
        [MailChoice(user=user, kind=kind, way=ways[kind]) for kind in ways if kind not in usual],
        update_conflicts=True,
        unique_fields=["user", "kind"],
        update_fields=["way"],
    )


def stop_mails(*, user, kind):
    """Tell ``user`` no more of ``kind``; of `stopping.DIGEST`, of all that is in their digest."""
    kinds = [kind]
    if kind == unsubscribe.DIGEST:
        kinds = [one for one, way in delivery_choices(user).items() if way == Delivery.DIGEST]
    set_deliveries(user=user, ways=dict.fromkeys(kinds, Delivery.OFF))


def delete_old(at):
    """Forget after ``mail.RETENTION`` what was told, and what was in a digest.

    They keep anyone from being told twice: those about what is still to come stay.
    """
    DigestItem.objects.filter(digested_at__lt=at - outbox.RETENTION).delete()
    old = Notice.objects.filter(told_at__lt=at - outbox.RETENTION)
    to_come = Discussion.objects.upcoming(at) | Discussion.objects.polling()
    old.exclude(discussion__in=to_come.order_by().values("pk")).delete()
