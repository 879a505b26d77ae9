"""The addresses of groups: links to a former one lead to the group's present address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from papers.models import FormerSlug

if TYPE_CHECKING:
    from papers.models import Group


@transaction.atomic
def record_former_slug(*, group: Group, slug: str) -> None:
    """Record that ``group``, which is saved, had the address ``slug`` before its present one."""
    FormerSlug.objects.filter(slug=group.slug).delete()
    FormerSlug.objects.update_or_create(slug=slug, defaults={"group": group})
