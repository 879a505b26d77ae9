"""Applying and taking back as work in the background: started, watched, resumed."""

import time
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from papers.models import Listing
from papers.services.importing.applying import apply, apply_batch
from papers.services.importing.taking_back import take_back, take_back_batch

State = Listing.State
FROM = {State.APPLYING: State.STAGED, State.TAKING_BACK: State.APPLIED}
SILENT_AFTER = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Progress:
    """``done`` of ``total`` entries; ``is_silent`` where no worker has moved it for a while."""

    done: int
    total: int
    is_silent: bool

    @property
    def percent(self):
        return 100 * self.done // self.total if self.total else 100


@transaction.atomic
def start(listing, state, *, in_background=True):
    """Put ``listing`` to work: ``state`` is "applying" or "taking-back".

    A worker does it unless ``in_background`` is off, when the caller does. Returns False where it
    is not in the state before that: somebody else was faster.
    """
    moved = Listing.objects.filter(pk=listing.pk, state=FROM[state]).update(
        state=state, worked_at=timezone.now()
    )
    if moved and in_background:
        transaction.on_commit(lambda: work.enqueue(listing.pk))
    return bool(moved)


@task
def work(listing_id):
    """Do all the work that the state of the listing asks for."""
    listing = Listing.objects.get(pk=listing_id)
    {State.APPLYING: apply, State.TAKING_BACK: take_back}.get(listing.state, lambda _: 0)(listing)


def resume(listing, *, seconds):
    """Go on with the work here and now, for about ``seconds``, and leave the rest to a worker."""
    batch = {State.APPLYING: apply_batch, State.TAKING_BACK: take_back_batch}.get(listing.state)
    until = time.monotonic() + seconds
    while batch and batch(listing.pk):
        if time.monotonic() > until:
            work.enqueue(listing.pk)
            break


def progress(listing):
    """How far the work of the listing's state is."""
    waiting = listing.entries.waiting().count()
    done = listing.entry_count - waiting
    if listing.state == State.TAKING_BACK:
        done = waiting + listing.entries.exclude(kept="").count()
    silent = listing.worked_at is None or timezone.now() - listing.worked_at > SILENT_AFTER
    return Progress(done, listing.entry_count, listing.is_busy and silent)
