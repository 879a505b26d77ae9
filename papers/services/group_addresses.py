"""The addresses of groups: links to a former one lead to the group's present address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from papers.models import FormerSlug, Group

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from papers.models import User


@transaction.atomic
def record_former_slug(*, group: Group, slug: str) -> None:
    """Record that ``group``, which is saved, had the address ``slug`` before its present one."""
    FormerSlug.objects.filter(slug=group.slug).delete()
    FormerSlug.objects.update_or_create(slug=slug, defaults={"group": group})


def group_at_former_slug(slug: str, user: User | AnonymousUser) -> Group | None:
    """The group that had the address ``slug``, if ``user`` may open one of its pages."""
    group = Group.objects.filter(former_slugs__slug=slug).first()
    if group is None or group.anyone_may_ask or user.is_superuser:
        return group
    is_member = user.is_authenticated and user.memberships.filter(group=group).exists()
    return group if is_member else None
