"""Dates as a papers page writes them, ``Jun 12, 2023`` or ``Nov 4``, and the days they mean."""

import re
from datetime import date
from functools import lru_cache

MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_MONTH = (
    r"(?i:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
DATE = (
    rf"(?:{_MONTH} [0-9]{{1,2}}(?:, ?[0-9]{{4}})?"
    rf"|[0-9]{{1,2}} {_MONTH}(?:,? [0-9]{{4}})?)"
)

_TOKEN = re.compile(r"[A-Za-z]+|[0-9]+")
# Two 29ths of February are eight years apart at most (1896 and 1904).
_YEARS_BACK = 8


class DateError(ValueError):
    """The words name no day, or one that cannot be; the message says which."""


@lru_cache(maxsize=4096)
def resolve_date(words: str, captured_on: date) -> tuple[date, bool]:
    """The day that ``words`` (matching DATE) mean, and whether its year had to be inferred.

    A day without a year is the latest such day on or before ``captured_on``.
    """
    day, month, year = _day_month_year(words)
    if year is None:
        return _latest_day(words, day, month, captured_on), True
    found = _date_or_none(year, month, day)
    if found is None:
        raise DateError(f"“{words}” is no day of the calendar.")
    return require_not_after(found, captured_on), False


def require_not_after(found: date, captured_on: date) -> date:
    """``found`` itself; DateError where it lies after the day of capture."""
    if found > captured_on:
        raise DateError(
            f"Dated {found}, after the capture day {captured_on}: check the capture date."
        )
    return found


def _day_month_year(words: str) -> tuple[int, int, int | None]:
    tokens = _TOKEN.findall(words)
    month = next(MONTHS[token[:3].lower()] for token in tokens if token.isalpha())
    numbers = [int(token) for token in tokens if not token.isalpha()]
    return numbers[0], month, numbers[1] if len(numbers) > 1 else None


def _latest_day(words: str, day: int, month: int, captured_on: date) -> date:
    for year in range(captured_on.year, captured_on.year - _YEARS_BACK - 1, -1):
        found = _date_or_none(year, month, day)
        if found and found <= captured_on:
            return found
    raise DateError(f"“{words}” is no day of the calendar.")


def _date_or_none(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
