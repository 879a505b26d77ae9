"""The file of the trained model: lexicon, weights of both stages, calibrations.

After a magic line comes one zlib stream: JSON, four sorted lists (quick and full features,
words, pairs of words), the words' habits, and a byte for each weight and each pair.
"""

import json
import math
import zlib
from array import array
from dataclasses import asdict, dataclass
from pathlib import Path

from papers.listing.titles.lexicon import UNKNOWN_HABITS, Lexicon

WEIGHTS_FILE = Path(__file__).with_name("titles.weights")
WEIGHT_STEP = 1 / 32
_MAGIC = b"title weights 1\n"
# These control characters count as white space, so no word contains them.
_SEPARATOR = "\x1d"
_TEXT_END = b"\x1c"


@dataclass(frozen=True, slots=True)
class Calibration:
    """Platt's sigmoid over the log odds (J. Platt, Probabilistic Outputs for SVMs, 1999)."""

    slope: float = 1.0
    shift: float = 0.0

    def __call__(self, probability: float) -> float:
        inside = min(max(probability, 1e-9), 1 - 1e-9)
        odds = math.log(inside / (1 - inside))
        return 1 / (1 + math.exp(-self.slope * odds - self.shift))


@dataclass(frozen=True, slots=True)
class Weights:
    """The lexicon, and the weight of each feature in the quick stage and in the full one.

    A quick answer as probable as ``settled_threshold`` is final; the full stage does the others.
    """

    lexicon: Lexicon
    quick: dict[str, float]
    full: dict[str, float]
    quick_calibration: Calibration
    full_calibration: Calibration
    settled_threshold: float


def pack_weights(weights: Weights) -> bytes:
    """The file's bytes: weights in whole steps, without the features that round to zero."""
    quick, full = _rounded_steps(weights.quick), _rounded_steps(weights.full)
    habits, pairs = weights.lexicon.habits, weights.lexicon.pairs
    head = {
        "quick_calibration": asdict(weights.quick_calibration),
        "full_calibration": asdict(weights.full_calibration),
        "settled": weights.settled_threshold,
    }
    parts = [
        json.dumps(head),
        *("\n".join(sorted(table)) for table in (quick, full, habits, pairs)),
        "".join(habits[word] for word in sorted(habits)),
    ]
    numbers = [quick[name] for name in sorted(quick)]
    numbers += [full[name] for name in sorted(full)]
    numbers += [pairs[pair] for pair in sorted(pairs)]
    text = _SEPARATOR.join(parts).encode("utf-8", "surrogatepass")
    return _MAGIC + zlib.compress(text + _TEXT_END + array("b", numbers).tobytes(), 9)


def unpack_weights(packed: bytes) -> Weights:
    """The weights given to ``pack_weights``, rounded. Raises ValueError for any other file."""
    if not packed.startswith(_MAGIC):
        raise ValueError("This is no file of title weights, or one of another version.")
    text, _, tail = zlib.decompress(packed[len(_MAGIC) :]).partition(_TEXT_END)
    head, *tables, codes = text.decode("utf-8", "surrogatepass").split(_SEPARATOR)
    quick, full, words, pairs = (table.split("\n") if table else [] for table in tables)
    numbers = array("b", tail)
    known = json.loads(head)
    width = len(UNKNOWN_HABITS)
    habits = [codes[k : k + width] for k in range(0, len(codes), width)]
    return Weights(
        lexicon=Lexicon(
            dict(zip(words, habits, strict=True)),
            dict(zip(pairs, numbers[len(quick) + len(full) :], strict=True)),
        ),
        quick=_weights_from_steps(quick, numbers[: len(quick)]),
        full=_weights_from_steps(full, numbers[len(quick) : len(quick) + len(full)]),
        quick_calibration=Calibration(**known["quick_calibration"]),
        full_calibration=Calibration(**known["full_calibration"]),
        settled_threshold=known["settled"],
    )


def load_weights() -> Weights:
    """Load the weights that come with the code."""
    return unpack_weights(WEIGHTS_FILE.read_bytes())


def _rounded_steps(weights: dict[str, float]) -> dict[str, int]:
    steps = {
        name: max(-127, min(127, round(weight / WEIGHT_STEP))) for name, weight in weights.items()
    }
    return {name: step for name, step in steps.items() if step}


def _weights_from_steps(names: list[str], steps: array) -> dict[str, float]:
    return {name: step * WEIGHT_STEP for name, step in zip(names, steps, strict=True)}
