"""Whose turn it is to present: a proposal, in words that say why.

First who offered to present the paper, the earliest first. Then who has not presented for the
longest time: those who never have, by when they joined, and then by the date of their last one. A
confirmed presentation that is still to come counts as the last one, so that nobody is proposed for
two in a row. Who declined an item is not proposed for it, nor who cannot come.
"""

from dataclasses import dataclass

from django.db.models import Max
from django.utils import timezone

from papers.discussions import times
from papers.models import AgendaItem, Discussion, Offer, Rsvp, User


@dataclass(frozen=True)
class Candidate:
    user: User
    reason: str  # "offered to present it": the end of a sentence that begins with their name


def presenter_candidates(items, discussion, members):
    """The candidates for each of ``items``, of the agenda of ``discussion``: item id -> list.

    ``members``: the active memberships of its group, with their users. Four queries, whatever the
    number of items and members.
    """
    group, ids = discussion.group, [item.pk for item in items]
    absent = set(_absent_user_ids(discussion))
    declined = set(
        AgendaItem.declined.through.objects.filter(agendaitem__in=ids).values_list(
            "agendaitem", "user"
        )
    )
    offers = Offer.objects.filter(paper__in=[item.paper_id for item in items])
    offered = {}
    for paper, user in offers.order_by("created_at", "pk").values_list("paper", "user"):
        offered.setdefault(paper, []).append(user)
    in_turn = _longest_ago_first(members, _last_presented_at(group), times.group_zone(group))
    found = {}
    for item in items:
        out = absent | {user for one, user in declined if one == item.pk} | {item.presenter_id}
        here = [one for one in in_turn if one.user.pk not in out]
        found[item.pk] = _offering_first(here, offered.get(item.paper_id, []))
    return found


def _absent_user_ids(discussion):
    rsvps = Rsvp.objects.filter(discussion=discussion, answer=Rsvp.Answer.NOT)
    return rsvps.values_list("user", flat=True)


def _last_presented_at(group):
    """When each of the group presents last, by what was held and what is certain: id -> moment."""
    states = [Discussion.State.HELD, Discussion.State.SCHEDULED]
    items = AgendaItem.objects.filter(
        discussion__group=group, discussion__state__in=states, is_confirmed=True
    )
    return dict(items.order_by().values_list("presenter").annotate(Max("discussion__starts_at")))


def _longest_ago_first(members, last, zone):
    never = [one for one in members if one.user_id not in last]
    never.sort(key=lambda one: (one.created_at, one.pk))
    lately = [one for one in members if one.user_id in last]
    lately.sort(key=lambda one: (last[one.user_id], one.pk))
    return [Candidate(one.user, "has not presented yet") for one in never] + [
        Candidate(one.user, _turn_reason(last[one.user_id], zone)) for one in lately
    ]


def _turn_reason(moment, zone):
    did = "presents" if moment > timezone.now() else "presented last"
    return f"{did} on {times.day_text(moment, zone)}"


def _offering_first(candidates, offered):
    by_id = {one.user.pk: one for one in candidates}
    first = [Candidate(by_id[pk].user, "offered to present it") for pk in offered if pk in by_id]
    return first + [one for one in candidates if one.user.pk not in offered]
