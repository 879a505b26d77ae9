"""A member adds a paper by hand, corrects it, takes it back.

Each act holds the lock of the group, as applying a listing does: of two who propose one paper at
once the second is shown what the first has added.
"""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction

from papers.models import Paper, Vote
from papers.models.keys import set_keys
from papers.security_log import log_on_commit
from papers.services import deletion
from papers.services.importing.lookalikes import Lookalikes
from papers.services.importing.matching import KnownPapers
from papers.services.memberships import lock_group, lock_user
from papers.services.voting import set_vote

UPDATED_COLUMNS = [
    "identity",
    "title_key",
    "body_key",
    "title_edited",
    "abstract_edited",
    "updated_at",
]
PAPER_GONE = "The paper is not there any more."
DUPLICATE_PAPER = "The group has a paper with this title or address already."
PAPER_STAYS = "So it stays: an organiser can set it aside."


@dataclass(frozen=True, slots=True)
class ProposalResult:
    """What came of proposing: the ``paper``, or one the group has that is the ``same`` or ``like``.

    A ``like`` one has nearly the same title, or the same link: a person says whether it is another.
    """

    paper: Paper | None = None
    duplicate: Paper | None = None
    lookalike: Paper | None = None


@transaction.atomic
def propose_paper(*, group, by, title, abstract, address, wants, seen=""):
    """Add a paper to ``group``, unless it has the same one or a similar one: `ProposalResult`.

    ``address`` is a dict of the one field of the paper that it belongs in; ``wants``: whether the
    proposer wants to discuss it; ``seen`` the id of the lookalike that they say is another paper.
    """
    if not lock_user(by.pk):
        raise ValidationError("Your account is not there any more.")
    lock_group(group.pk)
    paper = Paper(group=group, proposed_by=by, title=title, abstract=abstract, **address)
    # No listing writes over what a person wrote; where they wrote nothing, it may.
    paper.title_edited, paper.abstract_edited = True, bool(abstract)
    set_keys(paper)
    if duplicate := KnownPapers(group, [paper]).find_match(paper):
        return ProposalResult(duplicate=duplicate)
    lookalike = _find_lookalike(paper)
    if lookalike and str(lookalike.pk) != seen:
        return ProposalResult(lookalike=lookalike)
    paper.save()
    if wants:
        set_vote(paper=paper, user=by, stance=Vote.Stance.WANT)
    group.bump_papers_version()
    log_on_commit("paper proposed", user=by.pk, group=group.pk, paper=paper.pk)
    return ProposalResult(paper=paper)


def _find_lookalike(paper):
    """The paper of the group that ``paper``, which is not in it yet, may be; None for none."""
    papers = Paper.objects.in_group(paper.group)
    if found := Lookalikes(paper.group, [paper.title_key]).most_similar(paper.title_key):
        return papers.get(pk=found)
    return papers.filter(link=paper.link).first() if paper.link else None


@transaction.atomic
def edit_paper(*, paper, changes, by):
    """Write ``changes`` (a dict of field to value) to ``paper``: texts, ids, link.

    ValidationError where it would be another paper of the group.
    """
    lock_group(paper.group_id)
    found = Paper.objects.select_related("group").filter(pk=paper.pk).first()
    if found is None:
        raise ValidationError(PAPER_GONE)
    for field, value in changes.items():
        setattr(found, field, value)
    for text in changes.keys() & {"title", "abstract"}:
        setattr(found, f"{text}_edited", True)
    set_keys(found)
    twins = Paper.objects.filter(group=found.group, identity=found.identity)
    if twins.exclude(pk=found.pk).exists():
        raise ValidationError(DUPLICATE_PAPER)
    found.save(update_fields=[*changes, *UPDATED_COLUMNS])
    found.group.bump_papers_version()
    log_on_commit("paper edited", user=by.pk, group=found.group_id, paper=found.pk)


@transaction.atomic
def withdraw_paper(*, paper, by):
    """Take back what ``by`` proposed. ValidationError where it is not theirs alone any more."""
    group, proposal = lock_group(paper.group_id), Paper.objects.filter(pk=paper.pk)
    deletion.lock_papers(proposal)
    if problem := why_not_withdraw(paper, by=by):
        raise ValidationError(problem)
    proposal.delete()
    group.bump_papers_version()
    log_on_commit("paper withdrawn", user=by.pk, group=group.pk, paper=paper.pk)


def why_not_withdraw(paper, *, by):
    """Why ``by`` cannot take ``paper`` back, as a sentence; "" where they can."""
    proposal = deletion.annotated_proposals(Paper.objects.filter(pk=paper.pk), by).first()
    if proposal is None:
        return PAPER_GONE
    reason = deletion.reason_to_keep(proposal)
    return f"{reason} {PAPER_STAYS}" if reason else ""
