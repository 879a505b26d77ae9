"""Full-text search of a group's papers: one face, SQLite FTS5 or PostgreSQL behind it.

Both index the same words (runs of letters and digits, without accents, in lower case) and narrow
to the group inside the index, so that a search costs what the group's own papers cost.
"""

import re
import unicodedata

from django.db import connections, models
from django.db.models.expressions import RawSQL

# Ranking looks at no more papers than this: the score of every paper that has a common word is
# what makes a search slow. The list says so where there are more.
BEST = 1000
LONGEST_QUERY = 200  # characters
TITLE_WEIGHT, ABSTRACT_WEIGHT = 10, 1

WORD = re.compile(r"[^\W_]+")
PHRASE = re.compile(r'"([^"]*)"|([^"]+)|"')


def words(text):
    """The words of ``text`` as the index has them."""
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return WORD.findall(plain.lower())


def parse(query):
    """The phrases of ``query``, each a list of words: what stands in quotes, or a single word."""
    phrases = []
    for quoted, loose in PHRASE.findall(query[:LONGEST_QUERY]):
        phrases += [words(quoted)] if quoted else [[word] for word in words(loose)]
    return [phrase for phrase in phrases if phrase]


def matching(papers, group, query):
    """Those of ``papers`` (a queryset of ``group``'s) that have all words of ``query``.

    The last word may be the beginning of one. No query is an error; one without a word finds
    nothing.
    """
    return matching_in(papers, [group], query)


def matching_in(papers, groups, query):
    """Like ``matching``, where ``papers`` is a queryset of several groups'."""
    phrases, groups = parse(query), list(groups)
    if not phrases or not groups:
        return papers.none()
    return papers.filter(_engine(papers.db).condition(groups, phrases))


def best(papers, group, query):
    """Ids of the ``BEST`` papers that match, the best first: title above abstract."""
    phrases = parse(query)
    if not phrases:
        return []
    engine = _engine(papers.db)
    found = _newest(papers.filter(engine.condition([group], phrases)))
    if len(found) < BEST:
        score = engine.scores(papers.db, [group], phrases, found)
        return sorted(found, key=lambda pk: (score.get(pk, 0), -pk))
    # So many have these words that the words tell little: those that have them in the title.
    titled = _newest(papers.filter(engine.condition([group], phrases, title_only=True)))
    return list(dict.fromkeys(titled + found))[:BEST]


def _newest(papers):
    return list(papers.order_by("-pk").values_list("pk", flat=True)[:BEST])


def install(using):
    """Make the index if it is not there; where it was left without its triggers, fill it anew."""
    _engine(using).install(connections[using])


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
    REMOVE = """INSERT INTO papers_search (papers_search, rowid, scope, title, abstract)
        VALUES ('delete', old.id, 'g' || old.group_id, old.title, old.abstract);"""
    TRIGGERS = {
        "papers_search_added": f"AFTER INSERT ON papers_paper BEGIN {ADD} END",
        "papers_search_removed": f"AFTER DELETE ON papers_paper BEGIN {REMOVE} END",
        "papers_search_changed": "AFTER UPDATE OF group_id, title, abstract ON papers_paper"
        f" BEGIN {REMOVE} {ADD} END",
    }

    def install(self, connection):
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

    def expression(self, groups, phrases, title_only=False):
        """An FTS5 query. Words are letters and digits alone, so quoting them is enough."""
        columns = "title" if title_only else "title abstract"
        text = " AND ".join(f'"{" ".join(phrase)}"' for phrase in phrases)
        scope = " OR ".join(f'"g{group.pk}"' for group in groups)
        return f"scope : ({scope}) AND {{{columns}}} : ({text} *)"

    def condition(self, groups, phrases, title_only=False):
        ids = "SELECT rowid FROM papers_search WHERE papers_search MATCH %s"
        found = RawSQL(ids, [self.expression(groups, phrases, title_only)])  # noqa: S611
        return models.Q(pk__in=found)

    def scores(self, using, groups, phrases, ids):
        """BM25 by id; lower is better (https://sqlite.org/fts5.html#the_bm25_function)."""
        with connections[using].cursor() as cursor:
            cursor.execute(
                "SELECT rowid, bm25(papers_search, 0, %s, %s) FROM papers_search"
                " WHERE papers_search MATCH %s AND rowid BETWEEN %s AND %s",
                [
                    TITLE_WEIGHT,
                    ABSTRACT_WEIGHT,
                    self.expression(groups, phrases),
                    min(ids, default=0),
                    max(ids, default=0),
                ],
            )
            return dict(cursor.fetchall())


class PostgreSQL:
    """A generated tsvector column, in one GIN index together with the group."""

    # Letters and digits without accents, as `words` has them; a vector has a limit of 1 MB.
    PLAIN = (
        "to_tsvector('simple', regexp_replace(regexp_replace(normalize(left({}, 100000), NFKD),"
        " '[\u0300-\u036f]', '', 'g'), '[^[:alnum:]]+', ' ', 'g'))"
    )
    INSTALL = [
        "CREATE EXTENSION IF NOT EXISTS btree_gin",
        "ALTER TABLE papers_paper ADD COLUMN IF NOT EXISTS search tsvector GENERATED ALWAYS AS"
        f" (setweight({PLAIN.format('title')}, 'A') || setweight({PLAIN.format('abstract')}, 'B'))"
        " STORED",
        "CREATE INDEX IF NOT EXISTS papers_search ON papers_paper USING gin (group_id, search)",
    ]

    def install(self, connection):
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('papers_paper'), to_regclass('papers_search')")
            table, index = cursor.fetchone()
            if table and not index:
                for statement in self.INSTALL:
                    cursor.execute(statement)

    def expression(self, phrases, title_only=False):
        """A tsquery. Words are letters and digits alone, so quoting them is enough."""
        label = "A" if title_only else "AB"
        terms = [[f"'{word}':{label}" for word in phrase] for phrase in phrases]
        terms[-1][-1] += "*"
        return " & ".join(f"({' <-> '.join(term)})" for term in terms)

    def condition(self, groups, phrases, title_only=False):
        return RawSQL(  # noqa: S611
            "papers_paper.search @@ to_tsquery('simple', %s)",
            [self.expression(phrases, title_only)],
            output_field=models.BooleanField(),
        )

    def scores(self, using, groups, phrases, ids):
        """``ts_rank`` by id, negative: lower is better, as with SQLite."""
        with connections[using].cursor() as cursor:
            cursor.execute(
                "SELECT id, -ts_rank(%s::real[], search, to_tsquery('simple', %s))"
                " FROM papers_paper WHERE id = ANY(%s)",
                [[0.0, 0.0, ABSTRACT_WEIGHT / TITLE_WEIGHT, 1.0], self.expression(phrases), ids],
            )
            return dict(cursor.fetchall())


def _engine(using):
    """The engine behind the database ``using``."""
    return {"sqlite": SQLite, "postgresql": PostgreSQL}[connections[using].vendor]()
