"""A member adds a paper by hand, corrects it, takes it back.

Each act holds the lock of the group, as applying a listing does: of two who propose one paper at
once the second is shown what the first has added.
"""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction

from papers.events import done
from papers.models import Paper, Vote
from papers.models.keys import set_keys
from papers.services import keeping
from papers.services.belonging import lock_group, lock_person
from papers.services.importing.lookalikes import Lookalikes
from papers.services.importing.matching import Known
from papers.services.voting import vote

KEYS = ["identity", "title_key", "body_key", "title_edited", "abstract_edited", "updated_at"]
GONE = "The paper is not there any more."
TAKEN = "The group has a paper with this title or address already."
STAYS = "So it stays: an organiser can set it aside."


@dataclass(frozen=True, slots=True)
class Proposed:
    """What came of proposing: the ``paper``, or one the group has that is the ``same`` or ``like``.

    A ``like`` one has nearly the same title, or the same link: a person says whether it is another.
    """

    paper: Paper | None = None
    same: Paper | None = None
    like: Paper | None = None


@transaction.atomic
def propose(*, group, by, title, abstract, address, wants, seen=""):
    """Add a paper to ``group``, unless it has one that is, or may be, the same. See ``Proposed``.

    ``address`` is a dict of the one field of the paper that it belongs in; ``wants``: whether the
    proposer wants to discuss it; ``seen`` the id of the lookalike that they say is another paper.
    """
    if not lock_person(by.pk):
        raise ValidationError("Your account is not there any more.")
    lock_group(group.pk)
    paper = Paper(group=group, proposed_by=by, title=title, abstract=abstract, **address)
    # No listing writes over what a person wrote; where they wrote nothing, it may.
    paper.title_edited, paper.abstract_edited = True, bool(abstract)
    set_keys(paper)
    if same := Known(group, [paper]).match(paper):
        return Proposed(same=same)
    like = _like(paper)
    if like and str(like.pk) != seen:
        return Proposed(like=like)
    paper.save()
    if wants:
        vote(paper=paper, user=by, stance=Vote.Stance.WANT)
    group.papers_changed()
    done("paper proposed", user=by.pk, group=group.pk, paper=paper.pk)
    return Proposed(paper=paper)


def _like(paper):
    """The paper of the group that ``paper``, which is not in it yet, may be; None for none."""
    papers = Paper.objects.of(paper.group)
    if found := Lookalikes(paper.group, [paper.title_key]).find(paper.title_key):
        return papers.get(pk=found)
    return papers.filter(link=paper.link).first() if paper.link else None


@transaction.atomic
def edit(*, paper, changes, by):
    """Write ``changes`` (a dict of field to value) to ``paper``: texts, ids, link.

    ValidationError where it would be another paper of the group.
    """
    lock_group(paper.group_id)
    found = Paper.objects.select_related("group").filter(pk=paper.pk).first()
    if found is None:
        raise ValidationError(GONE)
    for field, value in changes.items():
        setattr(found, field, value)
    for text in changes.keys() & {"title", "abstract"}:
        setattr(found, f"{text}_edited", True)
    set_keys(found)
    twins = Paper.objects.filter(group=found.group, identity=found.identity)
    if twins.exclude(pk=found.pk).exists():
        raise ValidationError(TAKEN)
    found.save(update_fields=[*changes, *KEYS])
    found.group.papers_changed()
    done("paper edited", user=by.pk, group=found.group_id, paper=found.pk)


@transaction.atomic
def withdraw(*, paper, by):
    """Take back what ``by`` proposed. ValidationError where it is not theirs alone any more."""
    group, proposal = lock_group(paper.group_id), Paper.objects.filter(pk=paper.pk)
    keeping.hold(proposal)
    if problem := why_not_withdraw(paper, by=by):
        raise ValidationError(problem)
    proposal.delete()
    group.papers_changed()
    done("paper withdrawn", user=by.pk, group=group.pk, paper=paper.pk)


def why_not_withdraw(paper, *, by):
    """Why ``by`` cannot take ``paper`` back, as a sentence; "" where they can."""
    proposal = keeping.proposals(Paper.objects.filter(pk=paper.pk), by).first()
    if proposal is None:
        return GONE
    reason = keeping.why_it_stays(proposal)
    return f"{reason} {STAYS}" if reason else ""
