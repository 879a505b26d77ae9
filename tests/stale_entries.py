"""Catches app code that changes what calendars or feeds show, and does not raise what they compare.

An entry of a calendar shows columns of many rows: the title of a paper, the name of a presenter,
the time zone of the group. Whoever changes one of them raises SEQUENCE and LAST-MODIFIED of every
discussion that shows it, and whatever happens, none of these goes back.
"""

import re
from collections import defaultdict
from contextlib import closing
from functools import cache

from papers.models import AgendaItem, Discussion, Feed, Paper, Rsvp
from tests.stale_counts import StaleCounts

WRITES = re.compile(
    r'(INSERT INTO|UPDATE|DELETE FROM) "?papers_'
    r'(discussion|agendaitem|rsvp|group|user|paper|feed)"?[ (]'
)
COMPARED = ["sequence", "changed_at", "calendar_changed_at"]
# A new column of these two counts as shown until it is named here.
UNSHOWN = {
    Discussion: {*COMPARED, "version", "created_by_id", "created_at", "uid", "notes"}
    | {"notes_version", "reads_together", "recording", "seats", "quorum"},
    AgendaItem: {"minutes", "swap_for_id", "verdict", "takeaways", "open_questions", "slides"},
}
OF_GROUP = ["name", "slug", "time_zone"]
OF_PRESENTER = ["name", "username"]
OF_PAPER = ["title", "abstract"]


def shown(model):
    """The names of the columns of ``model`` that entries show."""
    names = [field.attname for field in model._meta.concrete_fields]
    return [name for name in names if name not in UNSHOWN[model]]


class StaleEntries(StaleCounts):
    """An execute wrapper, and the list of what it caught: sentences. See `StaleCounts`."""

    writes = WRITES

    def _compare(self, before, after, raised, line):
        for key in before.keys() & after.keys():
            (old, was_shown), (new, is_shown) = before[key], after[key]
            if any(later < earlier for earlier, later in zip(old, new, strict=True)):
                self.append(f"{line} sets {key} back: {old}, {new}")
            for part, (was, now) in enumerate(zip(was_shown, is_shown, strict=True)):
                numbers = MEANT[key[0]][part]
                if was != now and not all(new[number] > old[number] for number in numbers):
                    self.append(f"{line} changes {key}, and does not raise what readers compare")

    def _rows(self):
        """(what, id) -> (what readers compare, what they are shown: one or two parts)."""
        with closing(self.connection.create_cursor()) as cursor:
            tables = [self._fetched(cursor, query) for query in _queries()]
        discussions, items, declined, papers, feeds = tables
        agendas, absent = defaultdict(list), defaultdict(set)
        for discussion, *item in items:
            agendas[discussion].append(tuple(item))
        for discussion, user in declined:
            absent[discussion].add(user)
        size = len(COMPARED)
        rows = {
            ("discussion", pk): (
                tuple(row[:size]),
                ((*row[size:], sorted(agendas[pk])), absent[pk]),
            )
            for pk, *row in discussions
        }
        for pk, updated, address_changed, *row in papers:
            rows["paper", pk] = ((max(updated, address_changed),), (tuple(row),))
        for pk, changed, zone in feeds:
            rows["feed", pk] = ((str(changed or ""),), (zone,))
        return rows

    def _fetched(self, cursor, query):
        cursor.execute(*query)
        return cursor.fetchall()


# Which of the compared values rise with each part of what is shown.
MEANT = {"discussion": [(0, 1, 2), (0, 2)], "paper": [(0,)], "feed": [(0,)]}


@cache
def _queries():
    """Discussions, their agendas, who cannot come to them, papers, and feeds: (SQL, parameters)."""
    group = [f"group__{name}" for name in OF_GROUP]
    presenter = [f"presenter__{name}" for name in OF_PRESENTER]
    agendas = AgendaItem.objects.filter(discussion__isnull=False)
    rows = [
        Discussion.objects.values_list("pk", *COMPARED, *shown(Discussion), *group),
        agendas.values_list("discussion", *shown(AgendaItem), "paper__title", *presenter),
        Rsvp.objects.filter(answer=Rsvp.Answer.NOT).values_list("discussion", "user"),
        Paper.objects.values_list(
            "pk", "updated_at", "group__address_changed_at", "group__slug", *OF_PAPER
        ),
        Feed.objects.values_list("pk", "zone_changed_at", "user__time_zone"),
    ]
    return [table.order_by().query.sql_with_params() for table in rows]
