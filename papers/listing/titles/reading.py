"""The beginning of a text, with the counts that all its places need."""

from itertools import accumulate

from papers.listing.titles.naming import acronym_spans, name_repetitions
from papers.listing.titles.usage import Usage
from papers.listing.titles.window import MAX_CHARACTERS, Window

_DASHES = ("-", "--", "–", "—")
_STOPS = (".", "?", "!")


class Reading:
    """A window with the counts that its places need, computed once for all of them."""

    def __init__(self, view: Window, reach: int):
        # The last one is padding, which index -1 means: the word before the first.
        words = [*view.words[:reach], view.words[-1]]
        ends = [word.end_mark for word in words]
        verbs = [word.is_verb for word in words]
        self.view = view
        self.words = words
        self.verbs_before = list(accumulate(verbs, initial=0))
        self.verb_ahead = next_marked(verbs)
        self.verb_behind = last_marked(verbs)
        self.brackets = list(accumulate([word.brackets for word in words], initial=0))
        self.quotes = list(accumulate([word.quotes for word in words], initial=0))
        self.dollars = list(accumulate([word.dollars for word in words], initial=0))
        self.sentences = list(accumulate([end in _STOPS for end in ends], initial=0))
        self.stop_ahead = next_marked([end == "." for end in ends])
        self.last_colon = last_marked([end == ":" for end in ends])
        self.last_dash = last_marked([word.text in _DASHES for word in words])
        self.level_ahead = next_marked([not word.is_raised for word in words])
        self.level_behind = last_marked([not word.is_raised for word in words])
        self.cores = [word.core for word in words]
        self.text = view.text[:MAX_CHARACTERS]
        self.folded = self.text.lower()
        self.usage = Usage(self.text)
        self.marks = [k for k, end in enumerate(ends) if end in ("?", "!")]
        self.name_length, self.name_places = name_repetitions(view)
        self.spelt_spans = acronym_spans(view)

    def raised_share(self, start: int, stop: int) -> int:
        """The share of raised capitals in sixths, among words that can have them; 9 if none can."""
        view = self.view
        end = len(view.words)
        start, stop = min(start, end), min(stop, end)
        raised = view.raised_counts[stop] - view.raised_counts[start]
        plain = view.plain_counts[stop] - view.plain_counts[start]
        return 6 * raised // (raised + plain) if raised + plain else 9


def next_marked(marks: list[bool]) -> list[int]:
    """For each index, the first marked one at or after it; one past the end if none."""
    nearest = len(marks)
    result = [nearest]
    for index in range(len(marks) - 1, -1, -1):
        if marks[index]:
            nearest = index
        result.append(nearest)
    return result[::-1]


def last_marked(marks: list[bool]) -> list[int]:
    """For each index, the last marked one at or before it, without the first word; 0 if none."""
    return list(accumulate([k if k and mark else 0 for k, mark in enumerate(marks)], max))
