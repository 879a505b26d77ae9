"""Whose turn it is to present: candidates for each agenda item, each with a reason.

Members who offered to present the paper come first, the earliest offer first. Then come those who
have never presented, by the date they joined, and then the others, by the date of their last
presentation. A confirmed presentation at a scheduled meeting counts as the last one, so nobody is
proposed twice in a row. Nobody is proposed for an item they declined, or for a meeting they can't
go to or have no seat at.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db.models import Max
from django.utils import timezone

from papers.discussions import times
from papers.discussions.attendance import attendance_of
from papers.models import AgendaItem, Discussion, Offer, User

if TYPE_CHECKING:
    from papers.models import Group, Membership

OF_YOU = {"has": "have", "presents": "present"}


@dataclass(frozen=True)
class Candidate:
    user: User
    reason: str  # the end of a sentence that begins with the name: "has not presented yet"

    @property
    def own_reason(self) -> str:
        """The end of a sentence that begins with "you": "have not presented yet"."""
        verb, _, rest = self.reason.partition(" ")
        return f"{OF_YOU.get(verb, verb)} {rest}"


def presenter_candidates(
    items: Sequence[AgendaItem], discussion: Discussion, members: Sequence[Membership]
) -> dict[int, list[Candidate]]:
    """The candidates for each of ``items``, by item id, the next in turn first.

    ``items``: from the agenda of ``discussion``. ``members``: the active memberships of its group,
    with their users. Four queries, whatever the number of items and members.
    """
    group, ids = discussion.group, [item.pk for item in items]
    absent = set(_absent_user_ids(discussion))
    declined = set(
        AgendaItem.declined.through.objects.filter(agendaitem__in=ids).values_list(
            "agendaitem", "user"
        )
    )
    offers = Offer.objects.filter(paper__in=[item.paper_id for item in items])
    offered: dict[int, list[int]] = {}
    for paper, user in offers.order_by("created_at", "pk").values_list("paper", "user"):
        offered.setdefault(paper, []).append(user)
    in_turn = _longest_ago_first(members, _last_presented_at(group), times.group_zone(group))
    found = {}
    for item in items:
        out = absent | {user for one, user in declined if one == item.pk} | {item.presenter_id}
        here = [one for one in in_turn if one.user.pk not in out]
        found[item.pk] = _offering_first(here, offered.get(item.paper_id, []))
    return found


def _absent_user_ids(discussion: Discussion) -> Iterable[int]:
    """The members who can't go, and those on the waiting list."""
    answers = attendance_of(discussion)
    return [rsvp.user_id for rsvp in [*answers.not_coming, *answers.waiting]]


def _last_presented_at(group: Group) -> dict[int, datetime]:
    """The start of each user's last confirmed presentation, past or scheduled, by user id."""
    states = [Discussion.State.HELD, Discussion.State.SCHEDULED]
    items = AgendaItem.objects.filter(
        discussion__group=group, discussion__state__in=states, is_confirmed=True
    )
    return dict(items.order_by().values_list("presenter").annotate(Max("discussion__starts_at")))


def _longest_ago_first(
    members: Iterable[Membership], last: dict[int, datetime], zone: ZoneInfo
) -> list[Candidate]:
    never = [one for one in members if one.user_id not in last]
    never.sort(key=lambda one: (one.created_at, one.pk))
    lately = [one for one in members if one.user_id in last]
    lately.sort(key=lambda one: (last[one.user_id], one.pk))
    return [Candidate(one.user, "has not presented yet") for one in never] + [
        Candidate(one.user, _turn_reason(last[one.user_id], zone)) for one in lately
    ]


def _turn_reason(moment: datetime, zone: ZoneInfo) -> str:
    did = "presents" if moment > timezone.now() else "presented last"
    return f"{did} on {times.day_text(moment, zone)}"


def _offering_first(candidates: list[Candidate], offered: list[int]) -> list[Candidate]:
    """``candidates``, those who ``offered`` (user ids) first."""
    by_id = {one.user.pk: one for one in candidates}
    first = [Candidate(by_id[pk].user, "offered to present it") for pk in offered if pk in by_id]
    return first + [one for one in candidates if one.user.pk not in offered]
