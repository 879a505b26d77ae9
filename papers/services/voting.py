"""A member says what they want of a paper.

One statement each, which takes no lock but that of its own row: many may vote at once, for one
paper, also while a listing is applied.
"""

from papers.models import Offer, Vote


def set_vote(*, paper, user, stance):
    """Set the stance of ``user`` on ``paper``, a ``Vote.Stance``; "" takes the vote back.

    IntegrityError where the paper went meanwhile.
    """
    upsert_answer(Vote, paper=paper, user=user, stance=stance)


def upsert_answer(model, *, paper, user, **said):
    """Keep what ``user`` says of ``paper``, one field of ``model``; "" takes it back.

    Errors as above.
    """
    [(field, value)] = said.items()
    if not value:
        model.objects.filter(paper=paper, user=user).delete()
        return
    model.objects.bulk_create(
        [model(paper=paper, user=user, **said)],
        update_conflicts=True,
        unique_fields=["paper", "user"],
        update_fields=[field, "updated_at"],
    )


def set_offer(*, paper, user, can_present):
    """Say that ``user`` can present ``paper``, or no longer. Errors as above."""
    if not can_present:
        Offer.objects.filter(paper=paper, user=user).delete()
        return
    Offer.objects.bulk_create([Offer(paper=paper, user=user)], ignore_conflicts=True)
