"""Adding papers by hand, correcting them and withdrawing them.

Each act locks the group, as applying a listing does: of two members who propose one paper at once,
the second is shown the paper that the first has added.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction

from papers.models import Event, Paper, Vote
from papers.models.keys import set_keys
from papers.models.papers import SAVED_WITH_TEXTS
from papers.notifications.fan_out import record_event
from papers.security_log import log_on_commit
from papers.services import deletion, publishing
from papers.services.importing.lookalikes import Lookalikes
from papers.services.importing.matching import KnownPapers
from papers.services.memberships import lock_group, lock_user
from papers.services.voting import set_vote

if TYPE_CHECKING:
    from collections.abc import Mapping

    from papers.models import Group, User

PAPER_GONE = "This paper no longer exists."
DUPLICATE_PAPER = "The group already has a paper with this title or address."
PAPER_STAYS = "So it cannot be withdrawn, but an organiser can set it aside."


@dataclass(frozen=True, slots=True)
class ProposalResult:
    """The result of proposing: the new ``paper``, or one that the group has already.

    ``duplicate`` is the same paper. ``lookalike`` has nearly the same title, or the same link: the
    proposer decides whether it is another paper.
    """

    paper: Paper | None = None
    duplicate: Paper | None = None
    lookalike: Paper | None = None


@transaction.atomic
def propose_paper(
    *,
    group: Group,
    by: User,
    title: str,
    abstract: str,
    address: Mapping[str, str],
    wants: bool,
    seen: str = "",
) -> ProposalResult:
    """Add a paper to ``group``, unless it has the same paper or a similar one; notify all members.

    ``address``: ``arxiv_id``, ``doi`` or ``link`` -> its value. ``wants``: whether the proposer
    wants to discuss it. ``seen``: the id of the lookalike that they say is another paper. Raises
    ValidationError if their account was deleted meanwhile.
    """
    if not lock_user(by.pk):
        raise ValidationError("Your account no longer exists.")
    lock_group(group.pk)
    paper = Paper(group=group, proposed_by=by, title=title, abstract=abstract, **address)
    # A listing never overwrites a text that a person wrote, but it may fill an empty abstract.
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
    record_event(Event.PAPER_PROPOSED, paper, by=by)
    log_on_commit("paper proposed", user=by.pk, group=group.pk, paper=paper.pk)
    return ProposalResult(paper=paper)


def _find_lookalike(paper: Paper) -> Paper | None:
    """A paper of the group that the unsaved ``paper`` may be; None if there is none."""
    papers = Paper.objects.in_group(paper.group)
    # The page of the link, or a page that names the id: some papers have the latter as their link.
    page = paper.link_key or (paper.identity if paper.arxiv_id or paper.doi else "")
    if page and (same_page := papers.filter(link_key=page).first()):
        return same_page
    pk = Lookalikes(paper.group, [paper.title_key]).most_similar(paper.title_key)
    return papers.get(pk=pk) if pk else None


@transaction.atomic
def edit_paper(*, paper: Paper, changes: Mapping[str, str], by: User) -> None:
    """Write ``changes`` (field -> value) to the texts, ids and link of ``paper``.

    Raises ValidationError if it was deleted meanwhile, or would become the same as another paper
    of the group.
    """
    lock_group(paper.group_id)
    current = Paper.objects.select_related("group").filter(pk=paper.pk).first()
    if current is None:
        raise ValidationError(PAPER_GONE)
    for field, value in changes.items():
        setattr(current, field, value)
    for text in changes.keys() & {"title", "abstract"}:
        setattr(current, f"{text}_edited", True)
    set_keys(current)
    twins = Paper.objects.filter(group=current.group, identity=current.identity)
    if twins.exclude(pk=current.pk).exists():
        raise ValidationError(DUPLICATE_PAPER)
    current.save(update_fields=[*changes, *SAVED_WITH_TEXTS])
    if "title" in changes:
        publishing.raise_for_titles([current.pk])
    current.group.bump_papers_version()
    log_on_commit("paper edited", user=by.pk, group=current.group_id, paper=current.pk)


@transaction.atomic
def withdraw_paper(*, paper: Paper, by: User) -> None:
    """Delete a paper that ``by`` proposed. Raises ValidationError if others use it by now."""
    group, proposal = lock_group(paper.group_id), Paper.objects.filter(pk=paper.pk)
    deletion.lock_papers(proposal)
    if problem := why_not_withdraw(paper, by=by):
        raise ValidationError(problem)
    proposal.delete()
    group.bump_papers_version()
    log_on_commit("paper withdrawn", user=by.pk, group=group.pk, paper=paper.pk)


def why_not_withdraw(paper: Paper, *, by: User) -> str:
    """Why ``by`` cannot withdraw ``paper``, as a sentence; "" if they can."""
    proposal = deletion.annotated_proposals(Paper.objects.filter(pk=paper.pk), by).first()
    if proposal is None:
        return PAPER_GONE
    reason = deletion.reason_to_keep(proposal)
    return f"{reason} {PAPER_STAYS}" if reason else ""
