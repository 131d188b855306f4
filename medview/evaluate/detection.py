"""FROC of point findings by the LUNA16 protocol: sensitivity at seven false-positive rates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medview.evaluate.metric import RESAMPLES, Metric

RATES = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""False positives per scan at which LUNA16 reads the curve; their mean sensitivity is the CPM."""

Point = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A finding of the system under test: LPS millimetres and a score, higher is surer."""

    centre_lps_mm: Point
    score: float


@dataclass(frozen=True, slots=True)
class ReferenceFinding:
    """A finding of the reference.

    Attributes
    ----------
    centre_lps_mm : (x, y, z)
    diameter_mm : float
    relevant : bool
        False for findings that are neither rewarded nor punished
        (LUNA16: marked by fewer than three readers, or below 3 mm).
    """

    centre_lps_mm: Point
    diameter_mm: float
    relevant: bool = True


@dataclass(frozen=True, slots=True)
class ScanResult:
    """Outcome of matching one scan.

    Attributes
    ----------
    hits : tuple of float
        Best score per reference finding that was hit; misses are left out.
    false_positives : tuple of float
        Scores of candidates that hit nothing.
    relevant : int
        Reference findings that count.
    """

    hits: tuple[float, ...]
    false_positives: tuple[float, ...]
    relevant: int


def match(candidates: Sequence[Candidate], references: Sequence[ReferenceFinding]) -> ScanResult:
    """Match candidates of one scan with its reference findings.

    A candidate hits a finding when its centre lies within the finding's radius.
    Several hits on one finding count once, with the best score; a hit on an
    irrelevant finding counts neither way (luna16.grand-challenge.org/Evaluation).
    """
    best: dict[int, float] = {}
    false_positives = []
    for candidate in candidates:
        hit = [
            n
            for n, r in enumerate(references)
            if np.linalg.norm(np.subtract(candidate.centre_lps_mm, r.centre_lps_mm))
            < r.diameter_mm / 2
        ]
        if not hit:
            false_positives.append(candidate.score)
        for n in hit:
            best[n] = max(best.get(n, -np.inf), candidate.score)
    relevant = sum(r.relevant for r in references)
    hits = tuple(score for n, score in best.items() if references[n].relevant)
    return ScanResult(hits, tuple(false_positives), relevant)


def sensitivities(scans: Sequence[ScanResult]) -> NDArray[np.float64] | None:
    """Sensitivity at each of `RATES`; None without relevant reference findings.

    The curve is linear between its points and its lowest point is joined to
    (0, 0), as LUNA16 does.
    """
    total = sum(s.relevant for s in scans)
    if total == 0:
        return None
    hits = np.array([h for s in scans for h in s.hits])
    false = np.array([f for s in scans for f in s.false_positives])
    thresholds = np.unique(np.concatenate([hits, false]))[::-1]
    if thresholds.size == 0:
        return np.zeros(len(RATES))
    rate = _at_least(false, thresholds) / len(scans)
    sensitivity = _at_least(hits, thresholds) / total
    rate = np.concatenate([[0.0], rate])
    sensitivity = np.concatenate([[0.0], sensitivity])
    # Both ends of a rise at one rate are kept, else the curve would be cut short before it; at the
    # rate itself interp reads the last of equal abscissae, which is the upper end.
    return np.asarray(np.interp(RATES, rate, sensitivity), dtype=np.float64)


def _at_least(scores: NDArray[np.float64], thresholds: NDArray[np.float64]) -> NDArray[np.float64]:
    """How many scores reach each threshold; sorted first, for LUNA16 has tens of thousands."""
    below = np.searchsorted(np.sort(scores), thresholds, "left")
    return np.asarray(scores.size - below, dtype=np.float64)


def froc(scans: Sequence[ScanResult], *, seed: int = 0) -> dict[str, Metric]:
    """CPM and the seven sensitivities with bootstrap intervals over scans.

    Returns
    -------
    dict
        ``cpm`` and ``sensitivity@0.125`` ... ``sensitivity@8``; n is the
        number of relevant reference findings.
    """
    n = sum(s.relevant for s in scans)
    whole = sensitivities(scans)
    names = [f"sensitivity@{rate:g}" for rate in RATES]
    if whole is None:
        return {name: Metric(None, None, None, 0) for name in ("cpm", *names)}

    lows, highs = _intervals(scans, seed)
    results = {"cpm": Metric(float(whole.mean()), lows[0], highs[0], n)}
    for column, name in enumerate(names):
        results[name] = Metric(float(whole[column]), lows[column + 1], highs[column + 1], n)
    return results


def _intervals(
    scans: Sequence[ScanResult], seed: int
) -> tuple[list[float | None], list[float | None]]:
    """Bounds of the CPM and of the seven sensitivities, all from the same resamples of scans."""
    nothing: list[float | None] = [None] * (1 + len(RATES))
    if len(scans) < 2:
        return nothing, nothing
    random = np.random.default_rng(seed)
    drawn = []
    for _ in range(RESAMPLES):
        values = sensitivities([scans[p] for p in random.integers(0, len(scans), len(scans))])
        if values is not None:
            drawn.append([values.mean(), *values])
    if not drawn:
        return nothing, nothing
    low, high = np.percentile(np.array(drawn), (2.5, 97.5), axis=0)
    return [float(v) for v in low], [float(v) for v in high]
