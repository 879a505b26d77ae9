"""Dates with and without a year."""

from datetime import date

import pytest

from papers.listing.dates import DateError, resolve_date

CAPTURED_ON = date(2025, 11, 26)


@pytest.mark.parametrize(
    ("words", "captured_on", "expected"),
    [
        ("Nov 4", CAPTURED_ON, date(2025, 11, 4)),
        ("Nov 4", date(2026, 1, 10), date(2025, 11, 4)),
        ("Nov 26", CAPTURED_ON, date(2025, 11, 26)),
        ("Nov 27", CAPTURED_ON, date(2024, 11, 27)),
        ("Feb 29", CAPTURED_ON, date(2024, 2, 29)),
        ("Feb 29", date(2024, 2, 28), date(2020, 2, 29)),
        ("Feb 29", date(1904, 2, 28), date(1896, 2, 29)),
        ("4 Nov", CAPTURED_ON, date(2025, 11, 4)),
    ],
)
def test_a_day_without_a_year_is_the_latest_such_day(words, captured_on, expected):
    assert resolve_date(words, captured_on) == (expected, True)


@pytest.mark.parametrize(
    "words",
    [
        "Jun 12, 2023",
        "June 12, 2023",
        "jun 12, 2023",
        "JUN 12, 2023",
        "12 Jun 2023",
        "Jun. 12, 2023",
    ],
)
def test_a_year_is_taken_as_written(words):
    assert resolve_date(words, CAPTURED_ON) == (date(2023, 6, 12), False)


@pytest.mark.parametrize("month", ["Sep", "Sept", "September", "sept."])
def test_september_has_several_short_forms(month):
    assert resolve_date(f"{month} 3, 2021", CAPTURED_ON) == (date(2021, 9, 3), False)


@pytest.mark.parametrize(
    "words", ["Feb 30", "Feb 29, 2023", "Jun 0", "Jun 31, 2020", "Jun 1, 0000"]
)
def test_an_impossible_day_is_named(words):
    with pytest.raises(DateError, match=words):
        resolve_date(words, CAPTURED_ON)


def test_a_day_after_the_capture_says_so():
    with pytest.raises(DateError, match="2027-01-01, after the capture day 2025-11-26"):
        resolve_date("Jan 1, 2027", CAPTURED_ON)


def test_the_first_days_of_the_calendar_do_no_harm():
    with pytest.raises(DateError):
        resolve_date("Nov 4", date(1, 1, 1))
