"""Features of the words beside a place, for and against a title ending there.

A feature is a short readable name; the model has a weight for each. A *place* is the number of
words before the boundary. ``word_features`` depend on one word and its role beside the boundary,
``pair_features`` on several words around it together.
"""

from papers.listing.titles.window import Window, Word

# Two words before the boundary (A, B), three after it (C, D, E).
ROLES = "ABCDE"


def word_features(role: str, word: Word) -> list[str]:
    """Features of one word in its role; the quick stage caches their sums by word."""
    habits = word.habits
    names = [f"{role}={word.bare}", f"{role}^{word.shape}", f"{role}%{habits}"]
    if role in "BCD":
        names += [f"{role}%{k}{habit}{word.case}" for k, habit in enumerate(habits)]
        names.append(f"{role}-{word.bare[-3:]}")
    if role == "E":
        names += [f"E{word.case}", f"E-{word.bare[-2:]}"]
    if role == "C":
        names.append(f"C!{word.text}")
    return names


def single_features(view: Window, i: int) -> list[str]:
    """Features of the words beside a place, one word at a time."""
    words = view.words
    return [name for k, role in enumerate(ROLES) for name in word_features(role, words[i + k - 2])]


def pair_features(view: Window, i: int) -> list[str]:
    """Features of the words beside a place together, and of the case of title and abstract."""
    words = view.words
    a, b, c, d, e = words[i - 2], words[i - 1], words[i], words[i + 1], words[i + 2]
    plain, raised = view.plain_counts, view.raised_counts
    ahead = raised[i + 5] - raised[i + 1]
    lows = min(plain[i] - plain[1], 6)
    caps = min(raised[i] - raised[1], 6)
    cs, bs, ds = c.shape, b.shape, d.shape
    bc, cd = f"{b.bare} {c.bare}", f"{c.bare} {d.bare}"
    strength = view.lexicon.pairs.get
    near, next_ = strength(bc, 0), strength(cd, 0)
    case = f"{b.case}{c.case}{d.case}"
    bh, ch, dh = b.habits, c.habits, d.habits
    return [
        f"BC^{bs} {cs}",
        f"BCD^{bs} {cs} {ds}",
        f"CDE^{cs} {ds} {e.shape}",
        f"ABC^{a.shape} {bs} {cs}",
        f"CD={c.text} {d.bare}",
        f"BC={bc}",
        f"CDE={c.text} {d.bare} {e.bare}",
        f"n={i}",
        f"nC={i // 3}{cs}",
        f"style={lows}{caps}{ahead}",
        f"styleC={lows}{caps} {cs}",
        f"aheadC={ahead}{cs}{ds}",
        f"caps={case}{e.case}",
        f"caps3={a.case}{case}",
        f"near={near}{bh[5]}{ch[5]}",
        f"nearC={near}{c.case}{b.case}",
        f"next={next_}{ch[5]}{dh[5]}{d.case}",
        f"pairs={near}{next_}",
        f"phrase={bh[1]}{ch[2]}{ch[3]}",
        f"parts={bh[4]}{ch[3]}{d.case}",
    ]


def standing_features(scores: list[float], places: list[int]) -> list[list[str]]:
    """Features of each shortlisted place's standing among the others, by quick-stage score."""
    top = max(scores)
    best = places[scores.index(top)]
    order = sorted(scores, reverse=True)
    names = []
    for k, (score, place) in enumerate(zip(scores, places, strict=True)):
        behind = min(int(2 * (top - score)), 20)
        ahead = min(int(2 * (score - order[1])), 20) if place == best and len(order) > 1 else 0
        apart = max(-8, min(8, place - best))
        names.append(
            [
                f"gap={behind or -ahead}",
                f"from={apart}/{min(behind, 8)}",
                f"rank={order.index(score)}",
                f"first={k}/{len(places)}",
            ]
        )
    return names
