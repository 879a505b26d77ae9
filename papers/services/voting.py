"""Votes for papers, and offers to present them.

Each act is one statement and locks only its own row: many members may vote for one paper at once,
even while a listing is being applied.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from papers.models import Offer, Reading, Vote

if TYPE_CHECKING:
    from papers.models import Paper, User

_Answer = TypeVar("_Answer", Vote, Reading)


def set_vote(*, paper: Paper, user: User, stance: str) -> None:
    """Set the stance of ``user`` on ``paper``, a ``Vote.Stance``; "" removes the vote.

    Raises IntegrityError if the paper was deleted meanwhile.
    """
    upsert_answer(Vote, paper=paper, user=user, stance=stance)


def upsert_answer(model: type[_Answer], *, paper: Paper, user: User, **answer: str) -> None:
    """Save the answer of ``user`` on ``paper``, one field of ``model``; "" removes the row.

    Raises IntegrityError if the paper was deleted meanwhile.
    """
    [(field, value)] = answer.items()
    if not value:
        model.objects.filter(paper=paper, user=user).delete()
        return
    model.objects.bulk_create(
        [model(paper=paper, user=user, **answer)],
        update_conflicts=True,
        unique_fields=["paper", "user"],
        update_fields=[field, "updated_at"],
    )


def set_offer(*, paper: Paper, user: User, can_present: bool) -> None:
    """Record that ``user`` can present ``paper``, or no longer can.

    Raises IntegrityError if the paper was deleted meanwhile.
    """
    if not can_present:
        Offer.objects.filter(paper=paper, user=user).delete()
        return
    Offer.objects.bulk_create([Offer(paper=paper, user=user)], ignore_conflicts=True)
