"""The lookup ``folded_contains``, and the rule of `listing.folding` in both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.backends.signals import connection_created
from django.db.models import CharField, TextField
from django.db.models.lookups import Contains

from papers.listing.folding import LETTERS, folded_text

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

SQLITE_FUNCTION = "papers_folded"


def folded_sql(expression: str, vendor: str) -> str:
    """SQL for ``folded_text`` of ``expression``, which is SQL of a text."""
    if vendor == "sqlite":
        return f"{SQLITE_FUNCTION}({expression})"
    # U+0300 to U+036F are the marks. LETTERS comes last, in lower case.
    plain = f"regexp_replace(normalize({expression}, NFKD), '[\u0300-\u036f]', '', 'g')"
    single = {one: other for one, other in LETTERS.items() if len(other) == 1}
    sql = f"translate(lower({plain}), '{''.join(single)}', '{''.join(single.values())}')"
    for one in LETTERS.keys() - single.keys():
        sql = f"replace({sql}, '{one}', '{LETTERS[one]}')"
    return sql


class FoldedContains(Contains):
    """Whether a text contains another, whatever the case and the accents of either."""

    lookup_name = "folded_contains"

    def get_prep_lookup(self) -> str:
        return folded_text(str(self.rhs))

    def process_lhs(
        self, compiler: Any, connection: BaseDatabaseWrapper, lhs: Any = None
    ) -> tuple[str, tuple[str | int, ...]]:
        sql, params = super().process_lhs(compiler, connection, lhs)
        return folded_sql(sql, connection.vendor), params

    def get_rhs_op(self, connection: BaseDatabaseWrapper, rhs: str) -> str:
        return str(connection.operators["contains"] % rhs)  # type: ignore[attr-defined]


def install_folding() -> None:
    """Add the lookup to texts, and its function to every new connection to SQLite."""
    for field in (CharField, TextField):
        field.register_lookup(FoldedContains)
    connection_created.connect(_add_sqlite_function, dispatch_uid=SQLITE_FUNCTION)


def _add_sqlite_function(connection: BaseDatabaseWrapper, **_: object) -> None:
    if connection.vendor == "sqlite":
        connection.connection.create_function(
            SQLITE_FUNCTION, 1, _folded_or_none, deterministic=True
        )


def _folded_or_none(text: str | None) -> str | None:
    return None if text is None else folded_text(text)
