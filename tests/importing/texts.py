"""Listings for the import tests, in our own words."""

from datetime import date

CAPTURED_ON = date(2025, 11, 26)
LATER = date(2025, 12, 24)

TIDES = (
    "12 Tides Under the Ice of Small Moons We show that the shells of small moons bend enough to "
    "keep an ocean warm. 3 authors · Nov 4 2"
)
SORTING = (
    "- Sorting Networks That Forget We introduce networks that sort without remembering where "
    "their inputs came from. 1 author · Jun 12, 2023"
)
MOSSES = (
    "7 A Census of Alpine Mosses Mosses are counted on forty summits, and their numbers are "
    "falling. We say where and why. 5 authors · Feb 29, 2024 1"
)
BROKEN = "7 A Paper of the Thirtieth of February We show nothing at all. 2 authors · Feb 30, 2024"


def listing(*lines):
    """A listing of ``lines``, as bytes."""
    return "\n".join(lines).encode()


def many(number, start=0):
    """A listing of ``number`` different entries, as bytes."""
    return listing(
        *(
            f"{n % 50} On the Arithmetic of the Number {n} We count to {n} and back again, and "
            f"report what we found on the way. {n % 9 + 1} authors · Jun 12, 2023 {n % 4 or ''}"
            for n in range(start, start + number)
        )
    )
