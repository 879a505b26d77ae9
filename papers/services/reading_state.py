"""A member says how far they are with a paper: one statement, as a vote is."""

from papers.models import Reading


def say(*, paper, user, state):
    """Set what ``user`` says of reading ``paper``, a ``Reading.State``; "" takes it back.

    IntegrityError where the paper went meanwhile.
    """
    if not state:
        Reading.objects.filter(paper=paper, user=user).delete()
        return
    Reading.objects.bulk_create(
        [Reading(paper=paper, user=user, state=state)],
        update_conflicts=True,
        unique_fields=["paper", "user"],
        update_fields=["state", "updated_at"],
    )
