"""Counts as written on a papers page: ``3,303``, ``3303``, ``2.1k``, ``1.2M``, ``-`` for none."""

# At most nine digits: a longer run is not a count of votes, and would not fit a database integer.
COUNT = (
    r"(?:[0-9]{1,9}(?![0-9.,kKmM])|[0-9]{1,3}(?:,[0-9]{3}){1,2}"
    r"|[0-9]{1,5}(?:\.[0-9]{1,2})?[kK]|[0-9]{1,3}(?:\.[0-9]{1,2})?[mM])"
)
DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2212"
DASH = f"[{DASHES}]"

_FACTORS = {"k": 1_000, "m": 1_000_000}


def parse_count(text: str) -> int:
    """The whole number that ``text`` stands for. It must match COUNT, or DASH (which means 0)."""
    if text.isdecimal():
        return int(text)
    if text in DASHES:
        return 0
    factor = _FACTORS.get(text[-1].lower(), 0)
    if factor:
        return round(float(text[:-1]) * factor)
    return int(text.replace(",", ""))
