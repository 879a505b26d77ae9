"""Catches app code that changes a group's papers without raising the group's ``papers_version``.

Counts and lists are cached under that number, and a staged listing remembers which one it was
compared with. A write that leaves the number alone is seen too late, on some pages only.
"""

import os
import re
import sys
from contextlib import closing
from functools import cache

import papers
from papers.models import Group, Listing, ListingEntry, Paper, Topic

APP = os.path.dirname(papers.__file__) + os.sep
MODELS = APP + "models" + os.sep
TESTS = os.path.dirname(__file__) + os.sep
WRITES = re.compile(
    r'(INSERT INTO|UPDATE|DELETE FROM) "?papers_'
    r'(paper|topic|paper_topics|listing|listingentry)"?[ (]'
)
RAISES = '"papers_version" = '
# Nothing that is cached or compared depends on these. A new column counts until it is named here.
UNCACHED = {"pinned_at", "proposed_by_id", "created_at", "updated_at"}
CACHED = [field.attname for field in Paper._meta.concrete_fields if field.attname not in UNCACHED]


class StaleCounts(list):
    """An execute wrapper, and the list of what it caught: sentences.

    What the app writes in one transaction, or in one statement outside of any, is compared with
    what was there before: where a group's part differs, the same transaction must have raised the
    version of that group. What a test itself writes is not looked at.
    """

    writes = WRITES

    def __init__(self, connection):
        super().__init__()
        self.connection, self.depth = connection, len(connection.atomic_blocks)
        self._forget()

    def __call__(self, execute, sql, params, many, context):
        is_in_transaction = len(self.connection.atomic_blocks) > self.depth
        if not is_in_transaction:
            self._forget() if sql.startswith("ROLLBACK") else self.settle()
        if self.before is None and self.writes.match(sql) and (line := _line_of_app()):
            self.before, self.line = self._rows(), line
            if self.depth == 0:  # at once, before another connection writes, too
                self.connection.on_commit(self.settle)
        if RAISES in sql:
            self.raised.add(params[-1])
        result = execute(sql, params, many, context)
        if not is_in_transaction:
            self.settle()
        return result

    def settle(self):
        """Compare, after a transaction."""
        before, raised, line = self.before, self.raised, self.line
        self._forget()
        if before is None:
            return
        self._compare(before, self._rows(), raised, line)

    def _compare(self, before, after, raised, line):
        for group in after.keys() - raised:
            if after[group] != before.get(group, set()):
                self.append(f"{line} changes papers of group {group}, and not their version")

    def _forget(self):
        self.before, self.raised, self.line = None, set(), ""

    def _rows(self):
        """What is cached or compared under a version: group id -> set of rows."""
        groups, *tables = _queries()
        # One that no test counts the queries of.
        with closing(self.connection.create_cursor()) as cursor:
            cursor.execute(*groups)
            rows = {group: set() for (group,) in cursor.fetchall()}
            for number, query in enumerate(tables):
                cursor.execute(*query)
                for group, *row in cursor.fetchall():
                    rows[group].add((number, *row))
        return rows


@cache
def _queries():
    """The ids of all groups, and what is cached of them: (SQL, parameters)."""
    left = [Listing.State.APPLIED, Listing.State.APPLYING]
    rows = [
        Group.objects.values_list("pk"),
        Paper.objects.values_list("group", *CACHED),
        Topic.objects.values_list("group", "pk", "slug", "name"),
        Paper.topics.through.objects.values_list("topic__group", "paper", "topic"),
        Listing.objects.filter(state__in=left).values_list("group", "pk", "name"),
        ListingEntry.objects.applied_to_papers().values_list("listing__group", "pk", "paper"),
    ]
    return [table.order_by().query.sql_with_params() for table in rows]


def _line_of_app():
    """ "services/voting.py:25", the line of the app that writes; "" if a test writes.

    The innermost frame decides: a test may write from within the app, in place of a part of it.
    """
    frame = sys._getframe(2)
    while frame:
        file = frame.f_code.co_filename
        if file.startswith(TESTS) and file != __file__:  # another check may be around this one
            return ""
        if file.startswith(APP) and not file.startswith(MODELS):
            return f"{file.removeprefix(APP)}:{frame.f_lineno}"
        frame = frame.f_back
    return ""
