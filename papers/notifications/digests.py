"""What waits for a digest goes out once a day, at one hour of the reader's; never an empty one."""

import logging

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Min

from papers.models import Delivery, DigestItem, User
from papers.notifications import fan_out, letters, outbox, unsubscribe
from papers.notifications.digest_times import last_digest_at
from papers.rendering import single_line

log = logging.getLogger(__name__)

SEPARATOR = "—" * 20


def send_due_digests(at):
    """Queue the digest of each member that was due by ``at``: one of a day, whoever asks again.

    Each in a transaction of their own; where one fails the others have theirs.
    """
    waiting = DigestItem.objects.filter(digested_at=None).order_by()
    oldest = dict(waiting.values_list("user").annotate(Min("created_at")))
    for user in User.objects.filter(pk__in=waiting.values("user")).order_by("pk"):
        if user.pk not in oldest or oldest[user.pk] >= last_digest_at(user, at):
            continue  # theirs is not due
        try:
            send_digest(user, at)
        except (ValidationError, ValueError):
            log.warning("digest: user %s has no address", user.pk)
        except Exception:
            log.exception("digest: user %s has none", user.pk)


@transaction.atomic
def send_digest(user, at):
    """Queue the digest of ``user`` that was due last, and mark what is in it.

    What they chose not to be told meanwhile, and what is of groups they left, is in none.
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
        if queued is None:  # the day's is out: what came late waits for the next
            return
    DigestItem.objects.filter(pk__in=[item.pk for item in found]).update(digested_at=at)


def _wanted_items(user, items):
    if not user.is_active:
        return []
    mine = set(user.memberships.values_list("group", flat=True))
    ways = fan_out.delivery_choices(user)
    return [item for item in items if item.group_id in mine and ways[item.kind] != Delivery.OFF]


def _digest_subject(items):
    if len(items) == 1:
        return items[0].subject
    groups = dict.fromkeys(single_line(str(item.group), 60) for item in items)
    return f"{len(items)} things from {', '.join(groups)}"


def _digest_text(items):
    parts = [f"{item.subject}\n\n{item.text}" for item in items]
    return f"\n\n{SEPARATOR}\n\n".join([*parts, letters.mail_footer()]) + "\n"
