"""The numerical part of training: a minimiser and a calibration. Only training imports it."""

from collections.abc import Callable

import numpy as np

from papers.listing.titles.weights import Calibration

Loss = Callable[[np.ndarray], tuple[float, np.ndarray]]

_MEMORY_SIZE = 8
_TOLERANCE = 1e-5


def minimise_loss(loss: Loss, start: np.ndarray, steps: int) -> np.ndarray:
    """Minimise ``loss`` from ``start`` on, in at most so many steps.

    L-BFGS with a halving line search (Nocedal and Wright, Numerical Optimization, ch. 7).
    """
    at = start
    value, gradient = loss(at)
    moves: list[tuple[np.ndarray, np.ndarray]] = []
    for _ in range(steps):
        direction = -_two_loop_recursion(gradient, moves)
        after, after_value, after_gradient = _line_search(loss, at, value, direction, gradient)
        move, change = after - at, after_gradient - gradient
        if move @ change > 0:
            moves = [*moves, (move, change)][-_MEMORY_SIZE:]
        settled = value - after_value < _TOLERANCE * abs(after_value)
        at, value, gradient = after, after_value, after_gradient
        if settled:
            break
    return at


def _two_loop_recursion(
    gradient: np.ndarray, moves: list[tuple[np.ndarray, np.ndarray]]
) -> np.ndarray:
    """The gradient times the inverse Hessian, as estimated from the last moves."""
    if not moves:
        return gradient / max(1.0, np.abs(gradient).sum() / 10)
    result, shares = gradient.copy(), []
    for move, change in reversed(moves):
        share = (move @ result) / (move @ change)
        result -= share * change
        shares.append(share)
    move, change = moves[-1]
    result *= (move @ change) / (change @ change)
    for (move, change), share in zip(moves, reversed(shares), strict=True):
        result += (share - (change @ result) / (move @ change)) * move
    return result


def _line_search(
    loss: Loss, at: np.ndarray, value: float, direction: np.ndarray, gradient: np.ndarray
) -> tuple[np.ndarray, float, np.ndarray]:
    """Try steps of 1, 1/2, 1/4 ...: the first that lowers the loss enough (Armijo's condition).

    Return its end, value and gradient; those of the start if no step does.
    """
    slope = gradient @ direction
    size = 1.0
    for _ in range(20):
        after = at + size * direction
        after_value, after_gradient = loss(after)
        if after_value <= value + 1e-4 * size * slope:
            return after, after_value, after_gradient
        size /= 2
    return at, value, gradient


def fit_calibration(answers: list[tuple[float, bool]]) -> Calibration:
    """The sigmoid over log odds that best separates right from wrong answers (Platt 1999)."""
    if not answers:
        return Calibration()
    chance = np.clip(np.array([probability for probability, _ in answers]), 1e-9, 1 - 1e-9)
    right = np.array([is_right for _, is_right in answers])
    # Platt's targets keep the sigmoid from certainty if few answers are wrong.
    target = np.where(right, (right.sum() + 1) / (right.sum() + 2), 1 / ((~right).sum() + 2))
    odds = np.log(chance / (1 - chance))

    def calibration_loss(line: np.ndarray) -> tuple[float, np.ndarray]:
        guess = 1 / (1 + np.exp(-line[0] * odds - line[1]))
        guess = np.clip(guess, 1e-12, 1 - 1e-12)
        off = guess - target
        cost = -(target * np.log(guess) + (1 - target) * np.log(1 - guess)).sum()
        return cost, np.array([(off * odds).sum(), off.sum()])

    slope, shift = minimise_loss(calibration_loss, np.array([1.0, 0.0]), 100)
    return Calibration(round(float(slope), 6), round(float(shift), 6))
