"""How many members an act will notify, for pages that ask before it happens."""

from copy import copy
from typing import Any

from django.utils import timezone

from papers.models import Delivery, Discussion, Event, MailChoice, Notice, User
from papers.notifications.recipients import CONDITIONS, recipients_of


def count_notified(event: Event, discussion: Discussion, *, by: User | None, **after: Any) -> int:
    """How many members ``event`` of ``discussion`` reaches if ``by`` causes it now.

    By mail or in a digest: members who chose never to hear of its kind do not count. ``after``: the
    fields of the discussion that the act changes, as they are then. Two queries; three if the
    condition of the event needs one.
    """
    discussion = copy(discussion)
    for name, value in after.items():
        setattr(discussion, name, value)
    notice = Notice(discussion=discussion, event=event, by=by, sequence=discussion.sequence)
    if not CONDITIONS[event.spec.condition](notice, timezone.now()):
        return 0
    users = [user.pk for user in recipients_of(notice)]
    kind = event.spec.kind
    chosen = MailChoice.objects.filter(kind=kind, user__in=users).values_list("user", "way")
    ways = dict.fromkeys(users, kind.default.value) | dict(chosen)
    return sum(way != Delivery.OFF for way in ways.values())


def notified_sentence(number: int) -> str:
    """ "3 members are notified."; for 0, that nobody is."""
    if not number:
        return "Nobody is notified."
    return f"{number} member{'s are' if number > 1 else ' is'} notified."
