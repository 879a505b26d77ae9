"""The file that keeps what was learned: feature names, two weights each, the calibrations.

Behind a magic line stands one zlib stream: a line of JSON, the sorted names a line each, then a
byte per name for the first stage's weights and as many for the second's.
"""

import json
import math
import zlib
from array import array
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = Path(__file__).with_name("titles.weights")
STEP = 1 / 32
_MAGIC = b"title weights 1\n"


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
    """What each feature is worth to the quick stage and to the full one.

    A quick answer whose probability reaches ``settled`` stands; the others are looked at fully.
    """

    quick: dict[str, float]
    full: dict[str, float]
    quick_calibration: Calibration
    full_calibration: Calibration
    settled: float


def pack(weights: Weights) -> bytes:
    """The file's bytes: weights in whole steps, without the features that round to nothing."""
    rounded = {
        name: (_steps(weights.quick.get(name, 0.0)), _steps(weights.full.get(name, 0.0)))
        for name in sorted({*weights.quick, *weights.full})
    }
    kept = {name: pair for name, pair in rounded.items() if any(pair)}
    head = {
        "quick": asdict(weights.quick_calibration),
        "full": asdict(weights.full_calibration),
        "settled": weights.settled,
        "features": len(kept),
    }
    lines = "\n".join([json.dumps(head), *kept, ""]).encode("utf-8", "surrogatepass")
    steps = array("b", [pair[stage] for stage in (0, 1) for pair in kept.values()])
    return _MAGIC + zlib.compress(lines + steps.tobytes(), 9)


def unpack(packed: bytes) -> Weights:
    """What ``pack`` was given, rounded."""
    if not packed.startswith(_MAGIC):
        raise ValueError("This is no file of title weights, or one of another version.")
    body = zlib.decompress(packed[len(_MAGIC) :])
    head = json.loads(body[: body.index(b"\n")])
    count = head["features"]
    steps = array("b", body[len(body) - 2 * count :])
    names = body[: len(body) - 2 * count].decode("utf-8", "surrogatepass").split("\n")[1:-1]
    return Weights(
        quick=_weights(names, steps[:count]),
        full=_weights(names, steps[count:]),
        quick_calibration=Calibration(**head["quick"]),
        full_calibration=Calibration(**head["full"]),
        settled=head["settled"],
    )


def load() -> Weights:
    return unpack(FILE.read_bytes())


def _steps(weight: float) -> int:
    return max(-127, min(127, round(weight / STEP)))


def _weights(names: list[str], steps: array) -> dict[str, float]:
    return {name: step * STEP for name, step in zip(names, steps, strict=True) if step}
