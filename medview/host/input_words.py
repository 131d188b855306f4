"""What a card asks of its input, in words: the limits by which the host judges a series."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from medview.host.card import InputSpec


def limits_in_words(spec: InputSpec) -> str:
    """The limits of an input spec, each a clause; empty where there are none."""
    return "; ".join(_clauses(spec))


def _clauses(spec: InputSpec) -> Iterator[str]:
    if spec.modalities:
        yield either(spec.modalities)
    if spec.intensity is not None:
        yield spec.intensity.words
    if spec.min_slices > 1:
        yield f"{spec.min_slices} or more slices"
    if spec.planes:
        yield f"{either(spec.planes)} slices"
    yield from _limit("spacing up to", spec.max_spacing_mm, "above", spec.refuse_spacing_mm)
    yield from _limit(
        "head to foot at least", spec.min_coverage_mm, "below", spec.refuse_coverage_mm
    )
    if spec.body_parts:
        yield f"body part {either(spec.body_parts)}"


def _limit(what: str, doubt: float | None, beyond: str, refuse: float | None) -> Iterator[str]:
    if doubt is not None and refuse is not None:
        yield f"{what} {doubt:g} mm, refused {beyond} {refuse:g} mm"
    elif (limit := doubt if doubt is not None else refuse) is not None:
        yield f"{what} {limit:g} mm"


def either(names: Sequence[str]) -> str:
    """Names joined as alternatives: ``"CT, MR or PT"``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
