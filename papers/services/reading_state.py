"""How far a member has read a paper: saved in one statement, like a vote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from papers.models import Reading
from papers.services import voting

if TYPE_CHECKING:
    from papers.models import Paper, User


def set_reading_state(*, paper: Paper, user: User, state: str) -> None:
    """Set the reading state of ``user`` for ``paper``, a ``Reading.State``; "" removes it.

    Raises IntegrityError if the paper was deleted meanwhile.
    """
    voting.upsert_answer(Reading, paper=paper, user=user, state=state)
