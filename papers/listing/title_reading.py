"""The beginning of a text, with all that a place needs to know counted once for every place."""

from itertools import accumulate

from .title_naming import where_named, where_spelt
from .title_usage import Usage
from .title_window import MAX_CHARACTERS, Window

_DASHES = ("-", "--", "–", "—")
_STOPS = (".", "?", "!")


class Reading:
    """A window with what each place needs to know, counted once for all of them."""

    def __init__(self, view: Window, reach: int):
        # The last one is padding: what index -1 means, before the first word.
        words = [*view.words[:reach], view.words[-1]]
        ends = [word.end for word in words]
        verbs = [word.verb for word in words]
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
        self.colon = last_marked([end == ":" for end in ends])
        self.dash = last_marked([word.text in _DASHES for word in words])
        self.level_ahead = next_marked([not word.raised for word in words])
        self.level_behind = last_marked([not word.raised for word in words])
        self.cores = [word.core for word in words]
        self.text = view.text[:MAX_CHARACTERS]
        self.folded = self.text.lower()
        self.usage = Usage(self.text)
        self.marks = [k for k, end in enumerate(ends) if end in ("?", "!")]
        self.lead, self.named = where_named(view)
        self.spelt = where_spelt(view)

    def raised(self, start: int, stop: int) -> int:
        """In sixths, the share of raised capitals among the words that can have them."""
        view = self.view
        end = len(view.words)
        start, stop = min(start, end), min(stop, end)
        raised = view.raised[stop] - view.raised[start]
        plain = view.plain[stop] - view.plain[start]
        return 6 * raised // (raised + plain) if raised + plain else 9


def next_marked(marks: list[bool]) -> list[int]:
    """For each index, the first marked one at or after it; one past the end if there is none."""
    found = len(marks)
    result = [found]
    for index in range(len(marks) - 1, -1, -1):
        if marks[index]:
            found = index
        result.append(found)
    return result[::-1]


def last_marked(marks: list[bool]) -> list[int]:
    """For each index, the last marked one at or before it, the first word aside; 0 for none."""
    return list(accumulate([k if k and mark else 0 for k, mark in enumerate(marks)], max))
