"""Applying and taking back as work in the background: started, watched, resumed."""

import logging
import time
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from papers import security_log
from papers.models import Listing
from papers.services.importing.applying import apply_batch
from papers.services.importing.taking_back import take_back_batch

log = logging.getLogger(__name__)

State = Listing.State
STATE_BEFORE = {State.APPLYING: State.STAGED, State.TAKING_BACK: State.APPLIED}
EVENT_NAMES = {State.APPLYING: "listing applied", State.TAKING_BACK: "listing taken back"}
BATCH_FUNCTIONS = {State.APPLYING: apply_batch, State.TAKING_BACK: take_back_batch}
SILENT_AFTER = timedelta(seconds=15)
# SQLite gives the lock to whoever asks first: without a pause others would hardly get a turn.
PAUSE_SECONDS = 0.01  # seconds


@dataclass(frozen=True, slots=True)
class Progress:
    """``done`` of ``total`` entries; ``is_stopped`` where nothing has moved it for a while."""

    done: int
    total: int
    is_stopped: bool

    @property
    def percent(self):
        return 100 * self.done // self.total if self.total else 100


@transaction.atomic
def start_work(listing, state, *, in_background=True):
    """Put ``listing`` to work: ``state`` is "applying" or "taking-back".

    A worker does it unless ``in_background`` is off, when the caller does. Returns False where it
    is not in the state before that: somebody else was faster.
    """
    listing.group.bump_papers_version()  # one filters by what is applied; first, for its lock
    moved = Listing.objects.filter(pk=listing.pk, state=STATE_BEFORE[state]).update(
        state=state, worked_at=timezone.now(), problem=""
    )
    if moved:
        fields = {"listing": listing.pk, "group": listing.group_id}
        transaction.on_commit(lambda: security_log.log_event(EVENT_NAMES[state], **fields))
    if moved and in_background:
        transaction.on_commit(lambda: work_on_listing.enqueue(listing.pk))
    return bool(moved)


def run_batches(listing, progress=None, seconds=None):
    """Do the work that the state of ``listing`` asks for, batch after batch.

    ``progress(done)`` is called with the number of entries of each batch. Returns False where
    ``seconds`` ran out before the work was done.
    """
    state = Listing.objects.values_list("state", flat=True).get(pk=listing.pk)
    batch, until = BATCH_FUNCTIONS.get(state), time.monotonic() + (seconds or float("inf"))
    while batch and (done := batch(listing.pk)):
        if progress:
            progress(done)
        if time.monotonic() > until:
            return False
        time.sleep(PAUSE_SECONDS)
    return True


@task
def work_on_listing(listing_id):
    """`run_batches`, in a worker. What stops it is kept as a sentence, for the page to show."""
    try:
        run_batches(Listing(pk=listing_id))
    except Exception as error:
        _keep_problem(listing_id, error)
        raise


def resume_work(listing, *, seconds):
    """Go on with the work here and now, for about ``seconds``, and leave the rest to a worker."""
    try:
        if not run_batches(listing, seconds=seconds):
            work_on_listing.enqueue(listing.pk)
    except Exception as error:  # noqa: BLE001 - the page shows it, the log has the whole of it
        _keep_problem(listing.pk, error)


def _keep_problem(listing_id, error):
    log.exception("the work on listing %s stopped", listing_id)
    sentence = f"The work stopped at an error: {error}. What was done stays; nothing is lost."
    Listing.objects.filter(pk=listing_id).update(problem=sentence)


def progress_of(listing):
    """How far the work of the listing's state is."""
    waiting = listing.entries.not_yet_applied().count()
    done = listing.entry_count - waiting
    if listing.state == State.TAKING_BACK:
        done = waiting + listing.entries.exclude(kept="").count()
    silent = listing.worked_at is None or timezone.now() - listing.worked_at > SILENT_AFTER
    return Progress(
        done, listing.entry_count, listing.is_busy and (silent or bool(listing.problem))
    )
