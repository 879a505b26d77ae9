"""Dates as written on a papers page, ``Jun 12, 2023`` or ``Nov 4``, and the days they mean."""

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
# Two leap days in a row are at most eight years apart (1896 and 1904).
_YEARS_BACK = 8


class DateError(ValueError):
    """The words do not name a day, or name an impossible one; the message says which."""


@lru_cache(maxsize=4096)
def resolve_date(words: str, captured_on: date) -> tuple[date, bool]:
    """The day that ``words`` (matching DATE) mean, and whether its year was inferred.

    A day without a year is the latest such day on or before ``captured_on``. Raises DateError if
    there is no such day, or if it lies after ``captured_on``.
    """
    day, month, year = _day_month_year(words)
    if year is None:
        return _latest_day(words, day, month, captured_on), True
    published_on = _date_or_none(year, month, day)
    if published_on is None:
        raise DateError(f"“{words}” is no day of the calendar.")
    return require_not_after(published_on, captured_on), False


def require_not_after(published_on: date, captured_on: date) -> date:
    """Return ``published_on``. Raises DateError if it lies after the day of capture."""
    if published_on > captured_on:
        raise DateError(
            f"Dated {published_on}, after the capture day {captured_on}: check the capture date."
        )
    return published_on


def _day_month_year(words: str) -> tuple[int, int, int | None]:
    tokens = _TOKEN.findall(words)
    month = next(MONTHS[token[:3].lower()] for token in tokens if token.isalpha())
    numbers = [int(token) for token in tokens if not token.isalpha()]
    return numbers[0], month, numbers[1] if len(numbers) > 1 else None


def _latest_day(words: str, day: int, month: int, captured_on: date) -> date:
    for year in range(captured_on.year, captured_on.year - _YEARS_BACK - 1, -1):
        candidate = _date_or_none(year, month, day)
        if candidate and candidate <= captured_on:
            return candidate
    raise DateError(f"“{words}” is no day of the calendar.")


def _date_or_none(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
