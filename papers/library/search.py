"""Full-text search of papers, with SQLite FTS5 or PostgreSQL.

Each index splits texts and queries into words in the same way, without accents and in lower case:
see `listing.folding`. The index itself narrows to the group, so the cost of a search depends on the
group's own papers only.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.db import connections, models
from django.db.models.expressions import RawSQL

from papers.library.folding import folded_sql
from papers.listing.folding import folded_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.backends.base.base import BaseDatabaseWrapper

    from papers.models import Group, Paper
    from papers.models.papers import PaperQuerySet

# The most papers that are ranked: a search is slow if it scores every paper with a common word.
# The list tells its readers if more papers match.
MOST_RANKED = 1000
LONGEST_QUERY = 200  # characters
TITLE_WEIGHT, ABSTRACT_WEIGHT = 10, 1

# A run without ASCII punctuation. The index tells other letters and signs apart.
WORD_PATTERN = re.compile(r"[^\x00-/:-@\[-`{-\x7f\s]+")
PHRASE_PATTERN = re.compile(r'"([^"]*)"|([^"]+)|"')


def parse_query(query: str) -> list[str]:
    """The phrases of ``query``, folded: quoted texts and single words."""
    query = folded_text(query[:LONGEST_QUERY])
    phrases: list[str] = []
    for quoted, loose in PHRASE_PATTERN.findall(query):
        phrases += (
            [" ".join(WORD_PATTERN.findall(quoted))] if quoted else WORD_PATTERN.findall(loose)
        )
    return [phrase for phrase in phrases if any(map(str.isalnum, phrase))]


def matching_papers(papers: PaperQuerySet[Paper], group: Group, query: str) -> PaperQuerySet[Paper]:
    """The papers among ``papers``, all of ``group``, that contain all words of ``query``.

    The last word may be the beginning of one. No query is an error; a query without words matches
    nothing.
    """
    return matching_papers_in_groups(papers, [group], query)


def matching_papers_in_groups(
    papers: PaperQuerySet[Paper], groups: Iterable[Group], query: str
) -> PaperQuerySet[Paper]:
    """Like ``matching_papers``, for ``papers`` of several groups."""
    phrases, groups = parse_query(query), list(groups)
    if not phrases or not groups:
        return papers.none()
    return _search_engine(papers.db).narrow_to_matches(papers, groups, phrases)


def best_match_ids(papers: PaperQuerySet[Paper], group: Group, query: str) -> list[int]:
    """The ids of at most ``MOST_RANKED`` matching papers, the best first: title above abstract.

    ``papers`` need not be narrowed to ``query``: the index is asked here, and only once.
    """
    phrases = parse_query(query)
    if not phrases:
        return []
    engine = _search_engine(papers.db)
    matches = _newest_ids(engine.narrow_to_matches(papers, [group], phrases))
    if len(matches) < MOST_RANKED:
        score = engine.relevance_scores(papers.db, [group], phrases, matches)
        return sorted(matches, key=lambda pk: (score.get(pk, 0), -pk))
    # The words are too common to tell much: papers that have them in the title come first.
    titled = _newest_ids(engine.narrow_to_matches(papers, [group], phrases, title_only=True))
    return list(dict.fromkeys(titled + matches))[:MOST_RANKED]


def _newest_ids(papers: PaperQuerySet[Paper]) -> list[int]:
    return list(papers.order_by("-pk").values_list("pk", flat=True)[:MOST_RANKED])


def install_index(using: str) -> None:
    """Create the index unless it exists; if it has lost its triggers, rebuild it."""
    _search_engine(using).install_index(connections[using])


def drop_index(using: str) -> None:
    """Drop the index, if it exists, so that the table of papers may change."""
    with connections[using].cursor() as cursor:
        for statement in _search_engine(using).REMOVAL:
            cursor.execute(statement)


class SQLite:
    """An FTS5 table without texts of its own (external content), kept up to date by triggers."""

    VIEW = """
        CREATE VIEW IF NOT EXISTS papers_search_text AS
        SELECT id, 'g' || group_id AS scope,
            papers_folded(title) AS title, papers_folded(abstract) AS abstract FROM papers_paper"""
    TABLE = """
        CREATE VIRTUAL TABLE IF NOT EXISTS papers_search USING fts5(
            scope, title, abstract, content='papers_search_text', content_rowid='id',
            tokenize='unicode61 remove_diacritics 2')"""
    ADD = """INSERT INTO papers_search (rowid, scope, title, abstract)
        VALUES (new.id, 'g' || new.group_id,
            papers_folded(new.title), papers_folded(new.abstract));"""
    DELETE = """INSERT INTO papers_search (papers_search, rowid, scope, title, abstract)
        VALUES ('delete', old.id, 'g' || old.group_id,
            papers_folded(old.title), papers_folded(old.abstract));"""
    TRIGGERS = {
        "papers_search_added": f"AFTER INSERT ON papers_paper BEGIN {ADD} END",
        "papers_search_removed": f"AFTER DELETE ON papers_paper BEGIN {DELETE} END",
        "papers_search_changed": "AFTER UPDATE OF group_id, title, abstract ON papers_paper"
        f" BEGIN {DELETE} {ADD} END",
    }
    REMOVAL = [
        *(f"DROP TRIGGER IF EXISTS {name}" for name in TRIGGERS),
        "DROP TABLE IF EXISTS papers_search",
        "DROP VIEW IF EXISTS papers_search_text",
    ]

    def install_index(self, connection: BaseDatabaseWrapper) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM sqlite_master WHERE type IN ('trigger', 'table')")
            existing = {name for (name,) in cursor.fetchall()}
            complete = self.TRIGGERS.keys() | {"papers_search"}
            if "papers_paper" not in existing or existing >= complete:
                return
            cursor.execute(self.VIEW)
            cursor.execute(self.TABLE)
            for name, body in self.TRIGGERS.items():
                cursor.execute(f"CREATE TRIGGER IF NOT EXISTS {name} {body}")
            cursor.execute("INSERT INTO papers_search (papers_search) VALUES ('rebuild')")

    def match_expression(
        self, groups: Iterable[Group], phrases: Iterable[str], title_only: bool = False
    ) -> str:
        """The FTS5 query. Phrases contain no quotation marks, so quoting them is enough."""
        columns = "title" if title_only else "title abstract"
        text = " AND ".join(f'"{phrase}"' for phrase in phrases)
        scope = " OR ".join(f'"g{group.pk}"' for group in groups)
        return f"scope : ({scope}) AND {{{columns}}} : ({text} *)"

    def narrow_to_matches(
        self,
        papers: PaperQuerySet[Paper],
        groups: Iterable[Group],
        phrases: Sequence[str],
        title_only: bool = False,
    ) -> PaperQuerySet[Paper]:
        ids = "SELECT rowid FROM papers_search WHERE papers_search MATCH %s"
        expression = self.match_expression(groups, phrases, title_only)
        return papers.among(RawSQL(ids, [expression]))  # noqa: S611

    def relevance_scores(
        self, using: str, groups: Iterable[Group], phrases: Sequence[str], ids: Sequence[int]
    ) -> dict[int, float]:
        """Paper id -> BM25; lower is better (https://sqlite.org/fts5.html#the_bm25_function)."""
        with connections[using].cursor() as cursor:
            cursor.execute(
                "SELECT rowid, bm25(papers_search, 0, %s, %s) FROM papers_search"
                " WHERE papers_search MATCH %s AND rowid BETWEEN %s AND %s",
                [
                    TITLE_WEIGHT,
                    ABSTRACT_WEIGHT,
                    self.match_expression(groups, phrases),
                    min(ids, default=0),
                    max(ids, default=0),
                ],
            )
            return dict(cursor.fetchall())


class PostgreSQL:
    """A generated tsvector column, in a GIN index that also has the group."""

    # Letters and digits, folded. Cut off, because a vector must not exceed 1 MB.
    FOLDED = folded_sql("left({}, 100000)", "postgresql")
    PLAIN = f"regexp_replace({FOLDED}, '[^[:alnum:]]+', ' ', 'g')"
    VECTOR = f"setweight(to_tsvector('simple', {PLAIN}), '{{}}')"
    INSTALL = [
        "CREATE EXTENSION IF NOT EXISTS btree_gin",
        "ALTER TABLE papers_paper ADD COLUMN IF NOT EXISTS search tsvector GENERATED ALWAYS AS"
        f" ({VECTOR.format('title', 'A')} || {VECTOR.format('abstract', 'B')}) STORED",
        "CREATE INDEX IF NOT EXISTS papers_search ON papers_paper USING gin (group_id, search)",
    ]
    REMOVAL = [
        "DROP INDEX IF EXISTS papers_search",
        "ALTER TABLE IF EXISTS papers_paper DROP COLUMN IF EXISTS search",
    ]

    def install_index(self, connection: BaseDatabaseWrapper) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('papers_paper'), to_regclass('papers_search')")
            table, index = cursor.fetchone()
            if table and not index:
                for statement in self.INSTALL:
                    cursor.execute(statement)

    def tsquery_sql(self, phrases: Sequence[str]) -> str:
        """The SQL of a tsquery, with one parameter per phrase, split into words like a text."""
        phrase = f"phraseto_tsquery('simple', {self.PLAIN.format('%s::text')})"
        beginning = f"(nullif({phrase}::text, '') || ':*')::tsquery"
        return f"({' && '.join([phrase] * (len(phrases) - 1) + [beginning])})"

    def narrow_to_matches(
        self,
        papers: PaperQuerySet[Paper],
        groups: Iterable[Group],
        phrases: Sequence[str],
        title_only: bool = False,
    ) -> PaperQuerySet[Paper]:
        query = self.tsquery_sql(phrases)
        sql = f"papers_paper.search @@ {query}"  # this condition uses the index
        if title_only:
            sql += f" AND ts_filter(papers_paper.search, '{{a}}') @@ {query}"
            phrases = [*phrases, *phrases]
        return papers.filter(RawSQL(sql, phrases, output_field=models.BooleanField()))  # noqa: S611

    def relevance_scores(
        self, using: str, groups: Iterable[Group], phrases: Sequence[str], ids: list[int]
    ) -> dict[int, float]:
        """Paper id -> negative ``ts_rank``: lower is better, as with SQLite."""
        weights = [0.0, 0.0, ABSTRACT_WEIGHT / TITLE_WEIGHT, 1.0]
        with connections[using].cursor() as cursor:
            cursor.execute(
                f"SELECT id, -ts_rank(%s::real[], search, {self.tsquery_sql(phrases)})"  # noqa: S608
                " FROM papers_paper WHERE id = ANY(%s)",
                [weights, *phrases, ids],
            )
            return dict(cursor.fetchall())


def _search_engine(using: str) -> SQLite | PostgreSQL:
    """The search engine of the database ``using``, an alias."""
    engines: dict[str, type[SQLite | PostgreSQL]] = {"sqlite": SQLite, "postgresql": PostgreSQL}
    return engines[connections[using].vendor]()
