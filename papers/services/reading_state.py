"""A member says how far they are with a paper: one statement, as a vote is."""

from papers.models import Reading
from papers.services import voting


def set_reading_state(*, paper, user, state):
    """Set what ``user`` says of reading ``paper``, a ``Reading.State``; "" takes it back.

    IntegrityError where the paper went meanwhile.
    """
    voting.upsert_answer(Reading, paper=paper, user=user, state=state)
