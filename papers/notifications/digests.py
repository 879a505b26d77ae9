"""The daily digest: all items that wait for a reader in one mail, at one hour of their day."""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Min

from papers.discussions import times
from papers.models import Delivery, DigestItem, User
from papers.notifications import fan_out, letters, outbox, unsubscribe
from papers.notifications.digest_times import last_digest_at
from papers.rendering import single_line

log = logging.getLogger(__name__)

SEPARATOR = "—" * 20


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

    Items of kinds that the user has turned off since, and of groups they left, are dropped.
    Nothing is queued if no item is left. ValidationError or ValueError without an address.
    """
    due = last_digest_at(user, at)
    waiting = user.digest_items.filter(digested_at=None, created_at__lt=due)
    found = list(waiting.select_related("group"))
    items = _wanted_items(user, found)
    if items:
        queued = outbox.queue_mail(
            to=user.email,
            subject=_digest_subject(items),
            text=_digest_text(items),
            key=f"digest:{user.pk}:{due.date()}",
            headers=unsubscribe.mail_headers(user, unsubscribe.DIGEST),
        )
        if queued is None:  # the digest of the day is out: late items wait for the next one
            return
    DigestItem.objects.filter(pk__in=[item.pk for item in found]).update(digested_at=at)


def _wanted_items(user: User, items: Iterable[DigestItem]) -> list[DigestItem]:
    if not user.is_active:
        return []
    groups = set(user.memberships.values_list("group", flat=True))
    ways = fan_out.delivery_choices(user)
    return [item for item in items if item.group_id in groups and ways[item.kind] != Delivery.OFF]


def _digest_subject(items: Sequence[DigestItem]) -> str:
    if len(items) == 1:
        return items[0].subject
    groups = dict.fromkeys(single_line(str(item.group), 60) for item in items)
    return f"{len(items)} things from {', '.join(groups)}"


def _digest_text(items: Iterable[DigestItem]) -> str:
    parts = [f"{item.subject}\n\n{item.text}" for item in items]
    return f"\n\n{SEPARATOR}\n\n".join([*parts, letters.mail_footer()]) + "\n"
