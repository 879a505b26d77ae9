"""Imports of listings: storing an upload, staging, applying and taking back.

Each act can be interrupted at any moment and run again: the rows record its progress.
"""

from papers.services.importing.applying import apply_batch
from papers.services.importing.background import (
    progress_of,
    resume_work,
    run_batches,
    start_work,
    work_on_listing,
)
from papers.services.importing.matching import (
    compare_entries,
    compare_related,
    lock_group_and_listing,
)
from papers.services.importing.staging import (
    date_problem,
    restage_listing,
    stage_listing,
    store_upload,
)
from papers.services.importing.taking_back import take_back_batch

__all__ = [
    "apply_batch",
    "restage_listing",
    "compare_entries",
    "compare_related",
    "date_problem",
    "store_upload",
    "lock_group_and_listing",
    "progress_of",
    "resume_work",
    "run_batches",
    "stage_listing",
    "start_work",
    "take_back_batch",
    "work_on_listing",
]
