"""A person's own account: the name that groups read, and the time zone of their feeds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from papers.models import User
from papers.services import publishing

if TYPE_CHECKING:
    from collections.abc import Iterable


@transaction.atomic
def save_account(*, user: User, fields: Iterable[str] | None = None) -> None:
    """Save ``fields`` of ``user``, or all of them, and tell calendars and feeds what changed."""
    before = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    user.save(update_fields=fields)
    after = User.objects.get(pk=user.pk)
    if str(before) != str(after):
        publishing.raise_for_presenter(after)
    if before.time_zone != after.time_zone:
        user.feeds.update(zone_changed_at=latest_zone_change())


def latest_zone_change() -> Greatest:
    """Now, or when the owner of a feed changed their zone before, if that is later."""
    now = Value(timezone.now())
    return Greatest(Coalesce(F("zone_changed_at"), now), now)
