"""Background work on listings: starting, progress and resuming of applying and taking back."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from papers import security_log
from papers.models import Listing
from papers.services.importing.applying import apply_batch
from papers.services.importing.taking_back import take_back_batch

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)

State = Listing.State
STATE_BEFORE: dict[str, str] = {
    State.APPLYING: State.STAGED,
    State.TAKING_BACK: State.APPLIED,
}
EVENT_NAMES: dict[str, str] = {
    State.APPLYING: "listing applied",
    State.TAKING_BACK: "listing taken back",
}
BATCH_FUNCTIONS: dict[str, Callable[[int], int]] = {
    State.APPLYING: apply_batch,
    State.TAKING_BACK: take_back_batch,
}
SILENT_AFTER = timedelta(seconds=15)
# SQLite has no queue for its lock: without a pause others would hardly get a turn.
PAUSE_SECONDS = 0.01  # seconds


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress in entries; ``is_stopped`` if there was none for a while."""

    done: int
    total: int
    is_stopped: bool

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 100


@transaction.atomic
def start_work(*, listing: Listing, state: str, in_background: bool = True) -> bool:
    """Start work on ``listing``: ``state`` is "applying" or "taking-back".

    A worker does it; without ``in_background`` the caller does. Returns False if the listing is
    not in the state before: somebody else was faster.
    """
    # The papers can be filtered by applied listing. First, for its lock.
    listing.group.bump_papers_version()
    started = Listing.objects.filter(pk=listing.pk, state=STATE_BEFORE[state]).update(
        state=state, worked_at=timezone.now(), problem=""
    )
    if started:
        pk, group = listing.pk, listing.group_id
        event = EVENT_NAMES[state]
        transaction.on_commit(lambda: security_log.log_event(event, listing=pk, group=group))
    if started and in_background:
        transaction.on_commit(lambda: work_on_listing.enqueue(listing.pk))
    return bool(started)


def run_batches(
    *,
    listing: Listing,
    progress: Callable[[int], None] | None = None,
    seconds: float | None = None,
) -> bool:
    """Do the work that the state of ``listing`` asks for, batch after batch.

    ``progress(done)`` is called with the number of entries of each batch. Returns False if
    ``seconds`` ran out before the work was done.
    """
    state = Listing.objects.values_list("state", flat=True).get(pk=listing.pk)
    run_batch = BATCH_FUNCTIONS.get(state)
    deadline = time.monotonic() + (seconds or float("inf"))
    while run_batch and (done := run_batch(listing.pk)):
        if progress:
            progress(done)
        if time.monotonic() > deadline:
            return False
        time.sleep(PAUSE_SECONDS)
    return True


@task
def work_on_listing(listing_id: int) -> None:
    """Run `run_batches` in a worker. An error is saved as a sentence for the page to show."""
    try:
        run_batches(listing=Listing(pk=listing_id))
    except Exception as error:
        _save_problem(listing_id, error)
        raise


def resume_work(*, listing: Listing, seconds: float) -> None:
    """Continue the work here and now for about ``seconds``, and leave the rest to a worker."""
    try:
        if not run_batches(listing=listing, seconds=seconds):
            work_on_listing.enqueue(listing.pk)
    except Exception as error:  # noqa: BLE001 - the page shows it, the log has the traceback
        _save_problem(listing.pk, error)


def _save_problem(listing_id: int, error: Exception) -> None:
    log.exception("the work on listing %s stopped", listing_id)
    sentence = f"The work stopped at an error: {error}. What was done stays; nothing is lost."
    Listing.objects.filter(pk=listing_id).update(problem=sentence)


def progress_of(listing: Listing) -> Progress:
    """The progress of the work that the state of ``listing`` asks for."""
    waiting = listing.entries.not_yet_applied().count()
    done = listing.entry_count - waiting
    if listing.state == State.TAKING_BACK:
        done = waiting + listing.entries.exclude(kept="").count()
    silent = listing.worked_at is None or timezone.now() - listing.worked_at > SILENT_AFTER
    return Progress(
        done, listing.entry_count, listing.is_busy and (silent or bool(listing.problem))
    )
