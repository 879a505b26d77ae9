"""Setting up a new group: its name, address, time zone and usual hour, and its first organiser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from papers.models import Group
from papers.services import group_settings, memberships

if TYPE_CHECKING:
    from datetime import time

    from papers.models import User

BASICS = ["name", "slug", "time_zone", "weekday", "meets_at", "set_up_at"]


@transaction.atomic
def set_up_group(
    *,
    group: Group,
    by: User,
    name: str,
    slug: str,
    time_zone: str,
    weekday: int | None,
    meets_at: time | None,
) -> Group:
    """Save the basics of a new group, and make ``by`` its organiser. Returns the group.

    Its address changes only here, where nobody has been given it yet. Raises ValidationError if the
    group was set up meanwhile, or if another group took the address.
    """
    memberships.make_organiser(group=group, user=by)
    group = memberships.lock_group(group.pk)
    if group.set_up_at:
        raise ValidationError("This group has been set up already. Change it in the settings.")
    group.name, group.slug, group.time_zone = name, slug, time_zone
    group.weekday, group.meets_at = weekday, meets_at
    group.set_up_at = timezone.now()
    try:
        with transaction.atomic():
            group_settings.change_group(
                group=group,
                by=by,
                fields=BASICS,
            )
    except IntegrityError:
        raise ValidationError("Another group has this address. Choose another one.") from None
    return group


def record_set_up(group: Group) -> None:
    """Record that an organiser saved the settings of the group, unless one has before."""
    Group.objects.filter(pk=group.pk, set_up_at=None).update(set_up_at=timezone.now())


def dismiss_steps(group: Group) -> None:
    """Show the set-up steps of the group no more."""
    Group.objects.filter(pk=group.pk).update(set_up_dismissed_at=timezone.now())
