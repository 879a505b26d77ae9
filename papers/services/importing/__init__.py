"""From an upload to papers, and back: keep, stage, apply, take back.

Each act may be interrupted at any moment and done again: the rows say how far it came.
"""

from papers.services.importing.applying import apply, apply_batch
from papers.services.importing.matching import compare, compare_entry
from papers.services.importing.staging import begin_again, keep, stage
from papers.services.importing.taking_back import take_back, take_back_batch
from papers.services.importing.working import progress, resume, start, work

__all__ = [
    "apply",
    "apply_batch",
    "begin_again",
    "compare",
    "compare_entry",
    "keep",
    "progress",
    "resume",
    "stage",
    "start",
    "take_back",
    "take_back_batch",
    "work",
]
