"""From an upload to papers, and back: keep, stage, apply, take back.

Each act may be interrupted at any moment and done again: the rows say how far it came.
"""

from papers.services.importing.applying import apply_batch
from papers.services.importing.matching import compare, compare_like, lock
from papers.services.importing.staging import begin_again, date_problem, keep, stage
from papers.services.importing.taking_back import take_back_batch
from papers.services.importing.working import progress, resume, run, start, work

__all__ = [
    "apply_batch",
    "begin_again",
    "compare",
    "compare_like",
    "date_problem",
    "keep",
    "lock",
    "progress",
    "resume",
    "run",
    "stage",
    "start",
    "take_back_batch",
    "work",
]
