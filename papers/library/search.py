"""Full-text search of a group's papers: one face, SQLite FTS5 or PostgreSQL behind it.

Each index makes words of a text and of a query in one and the same way, without accents and in
lower case, and narrows to the group inside, so that a search costs what the group's own papers
cost. PostgreSQL also takes a ligature or a superscript for the letters it stands for.
"""

import re

from django.db import connections, models
from django.db.models.expressions import RawSQL

# Ranking looks at no more papers than this: the score of every paper that has a common word is
# what makes a search slow. The list says so where there are more.
MOST_RANKED = 1000
LONGEST_QUERY = 200  # characters
TITLE_WEIGHT, ABSTRACT_WEIGHT = 10, 1

# What stands between ASCII punctuation. Other letters and signs are for the index to tell apart.
WORD_PATTERN = re.compile(r"[^\x00-/:-@\[-`{-\x7f\s]+")
PHRASE_PATTERN = re.compile(r'"([^"]*)"|([^"]+)|"')


def parse_query(query):
    """The phrases of ``query``: what stands in quotes, or a single word; as they are written."""
    phrases = []
    for quoted, loose in PHRASE_PATTERN.findall(query[:LONGEST_QUERY]):
        phrases += (
            [" ".join(WORD_PATTERN.findall(quoted))] if quoted else WORD_PATTERN.findall(loose)
        )
    return [phrase for phrase in phrases if any(map(str.isalnum, phrase))]


def matching_papers(papers, group, query):
    """Those of ``papers`` (a queryset of ``group``'s) that have all words of ``query``.

    The last word may be the beginning of one. No query is an error; one without a word finds
    nothing.
    """
    return matching_papers_in_groups(papers, [group], query)


def matching_papers_in_groups(papers, groups, query):
    """Like ``matching_papers``, where ``papers`` is a queryset of several groups'."""
    phrases, groups = parse_query(query), list(groups)
    if not phrases or not groups:
        return papers.none()
    return _search_engine(papers.db).narrow_to_matches(papers, groups, phrases)


def best_match_ids(papers, group, query):
    """Ids of the ``MOST_RANKED`` of ``papers`` that match, the best first: title above abstract.

    ``papers`` are not narrowed to ``query`` yet: the index is asked here, and once.
    """
    phrases = parse_query(query)
    if not phrases:
        return []
    engine = _search_engine(papers.db)
    found = _newest_ids(engine.narrow_to_matches(papers, [group], phrases))
    if len(found) < MOST_RANKED:
        score = engine.relevance_scores(papers.db, [group], phrases, found)
        return sorted(found, key=lambda pk: (score.get(pk, 0), -pk))
    # So many have these words that the words tell little: those that have them in the title.
    titled = _newest_ids(engine.narrow_to_matches(papers, [group], phrases, title_only=True))
    return list(dict.fromkeys(titled + found))[:MOST_RANKED]


def _newest_ids(papers):
    return list(papers.order_by("-pk").values_list("pk", flat=True)[:MOST_RANKED])


def install_index(using):
    """Make the index if it is not there; where it was left without its triggers, fill it anew."""
    _search_engine(using).install_index(connections[using])


def drop_index(using):
    """Take the index away, if it is there, so that the table of papers may change."""
    with connections[using].cursor() as cursor:
        for statement in _search_engine(using).REMOVAL:
            cursor.execute(statement)


class SQLite:
    """An FTS5 table that keeps no text of its own, held up to date by triggers."""

    VIEW = """
        CREATE VIEW IF NOT EXISTS papers_search_text AS
        SELECT id, 'g' || group_id AS scope, title, abstract FROM papers_paper"""
    TABLE = """
        CREATE VIRTUAL TABLE IF NOT EXISTS papers_search USING fts5(
            scope, title, abstract, content='papers_search_text', content_rowid='id',
            tokenize='unicode61 remove_diacritics 2')"""
    ADD = """INSERT INTO papers_search (rowid, scope, title, abstract)
        VALUES (new.id, 'g' || new.group_id, new.title, new.abstract);"""
    DELETE = """INSERT INTO papers_search (papers_search, rowid, scope, title, abstract)
        VALUES ('delete', old.id, 'g' || old.group_id, old.title, old.abstract);"""
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

    def install_index(self, connection):
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM sqlite_master WHERE type IN ('trigger', 'table')")
            there = {name for (name,) in cursor.fetchall()}
            if "papers_paper" not in there or there >= self.TRIGGERS.keys() | {"papers_search"}:
                return
            cursor.execute(self.VIEW)
            cursor.execute(self.TABLE)
            for name, body in self.TRIGGERS.items():
                cursor.execute(f"CREATE TRIGGER IF NOT EXISTS {name} {body}")
            cursor.execute("INSERT INTO papers_search (papers_search) VALUES ('rebuild')")

    def match_expression(self, groups, phrases, title_only=False):
        """An FTS5 query. Phrases have no quotation marks, so quoting them is enough."""
        columns = "title" if title_only else "title abstract"
        text = " AND ".join(f'"{phrase}"' for phrase in phrases)
        scope = " OR ".join(f'"g{group.pk}"' for group in groups)
        return f"scope : ({scope}) AND {{{columns}}} : ({text} *)"

    def narrow_to_matches(self, papers, groups, phrases, title_only=False):
        ids = "SELECT rowid FROM papers_search WHERE papers_search MATCH %s"
        expression = self.match_expression(groups, phrases, title_only)
        return papers.among(RawSQL(ids, [expression]))  # noqa: S611

    def relevance_scores(self, using, groups, phrases, ids):
        """BM25 by id; lower is better (https://sqlite.org/fts5.html#the_bm25_function)."""
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
    """A generated tsvector column, in one GIN index together with the group."""

    # Letters and digits without accents; a vector has a limit of 1 MB.
    PLAIN = (
        "regexp_replace(regexp_replace(normalize(left({}, 100000), NFKD),"
        " '[\u0300-\u036f]', '', 'g'), '[^[:alnum:]]+', ' ', 'g')"
    )
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

    def install_index(self, connection):
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('papers_paper'), to_regclass('papers_search')")
            table, index = cursor.fetchone()
            if table and not index:
                for statement in self.INSTALL:
                    cursor.execute(statement)

    def tsquery_sql(self, phrases):
        """SQL of a tsquery with a parameter for each phrase, which becomes words as a text does."""
        phrase = f"phraseto_tsquery('simple', {self.PLAIN.format('%s::text')})"
        beginning = f"(nullif({phrase}::text, '') || ':*')::tsquery"
        return f"({' && '.join([phrase] * (len(phrases) - 1) + [beginning])})"

    def narrow_to_matches(self, papers, groups, phrases, title_only=False):
        query = self.tsquery_sql(phrases)
        sql = f"papers_paper.search @@ {query}"  # the index serves this one
        if title_only:
            sql += f" AND ts_filter(papers_paper.search, '{{a}}') @@ {query}"
            phrases = phrases * 2
        return papers.filter(RawSQL(sql, phrases, output_field=models.BooleanField()))  # noqa: S611

    def relevance_scores(self, using, groups, phrases, ids):
        """``ts_rank`` by id, negative: lower is better, as with SQLite."""
        weights = [0.0, 0.0, ABSTRACT_WEIGHT / TITLE_WEIGHT, 1.0]
        with connections[using].cursor() as cursor:
            cursor.execute(
                f"SELECT id, -ts_rank(%s::real[], search, {self.tsquery_sql(phrases)})"  # noqa: S608
                " FROM papers_paper WHERE id = ANY(%s)",
                [weights, *phrases, ids],
            )
            return dict(cursor.fetchall())


def _search_engine(using):
    """The engine behind the database ``using``."""
    return {"sqlite": SQLite, "postgresql": PostgreSQL}[connections[using].vendor]()
