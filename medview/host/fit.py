"""Whether a model may be run on a source: the host's own rules first, then the model's word."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from medview.core.data.intensity import Intensity
from medview.core.data.source import SourceInfo
from medview.core.errors import MedviewError, ModelError
from medview.core.geometry.affine import is_orthogonal
from medview.core.geometry.orient import canonical_order, orientation_of
from medview.core.redaction import scrubbed
from medview.host.card import InputSpec
from medview.host.handle import ModelHandle
from medview.host.input_words import either
from medview.host.verdict import Fit, Verdict

_SLANT = 0.01
"""Cosine of two axes above which lengths and shapes are more than a hair off."""
_ARTICLE = {"image": "an image", "volume": "a volume", "slide": "a slide"}


def verdict(handle: ModelHandle, info: SourceInfo) -> Verdict:
    """Whether a model fits a source, from descriptions alone; never raises for a plugin's fault.

    As `judged`, except that a model that cannot be used, or cannot judge, is unfit with its reason.
    """
    try:
        return judged(handle, info)
    except MedviewError as error:
        return Verdict.unfit(error.message)


def judged(handle: ModelHandle, info: SourceInfo) -> Verdict:
    """Whether a model fits a source, from descriptions alone.

    Parameters
    ----------
    handle : ModelHandle
        Loaded if it was not yet.
    info : SourceInfo
        On the source's own grid.

    Returns
    -------
    Verdict
        The stricter of the host's rules and the model's ``applicable``, which
        is asked only where the host does not refuse, and sees the canonical
        description: k, j, i nearest to Superior, Posterior, Left.

    Raises
    ------
    ModelError
        If the model is broken, or its ``applicable`` fails: a model that cannot judge its input
        must not run on it.
    UnfitError
        If it is disabled or incompatible.
    """
    loaded = handle.loaded()
    ours = host_verdict(loaded.card.input, info)
    if ours.fit == "unfit":
        return ours
    try:
        theirs = loaded.plugin.applicable(canonical_info(info))
    # The plugin is foreign code: nothing that it raises may stop the application.
    except (Exception, SystemExit) as error:
        told = f"{type(error).__name__}: {scrubbed(str(error))}".rstrip(": ")
        if isinstance(error, MedviewError):
            told = scrubbed(error.message).rstrip(".")
        raise ModelError(
            f"The model '{handle.id}' failed to judge this source ({told}).", code="model-judging"
        ) from error
    if not is_sound(theirs):
        raise ModelError(
            f"The model '{handle.id}' gave no valid verdict on this source.", code="model-judging"
        )
    return ours.and_also(theirs)


def is_sound(answer: object) -> bool:
    """Whether ``applicable`` returned a verdict with reasons in words where they are due."""
    return (
        isinstance(answer, Verdict)
        and answer.fit in get_args(Fit)
        and isinstance(reasons := _untyped(answer.reasons), tuple)
        and all(isinstance(reason, str) and reason for reason in reasons)
        and (answer.fit == "fit" or bool(reasons))
    )


def _untyped(value: object) -> object:
    # A plugin's annotations bind nobody: what it filled in is checked, not believed.
    return value


def canonical_info(info: SourceInfo) -> SourceInfo:
    """The description of the volume that the model would receive."""
    if info.grid is None:
        return info
    return info.on_grid(canonical_order(info.grid).apply_to_grid(info.grid))


def host_verdict(spec: InputSpec, info: SourceInfo) -> Verdict:
    """What the input spec of a card says to a source."""
    result = Verdict.fits()
    for remark in _remarks(spec, info):
        result = result.and_also(remark)
        if result.fit == "unfit":
            break
    return result


def _remarks(spec: InputSpec, info: SourceInfo) -> Iterator[Verdict]:
    if info.kind == "stack":
        why = " ".join(mark.message for mark in info.marks)
        yield Verdict.unfit(
            f"This series is a stack of slices, not a trustworthy volume. {why}".strip()
        )
    if info.kind != spec.kind:
        yield Verdict.unfit(f"It needs {_ARTICLE[spec.kind]}, and this is {_article(info.kind)}.")
    yield from _modality(spec, info)
    yield from _intensity(spec, info)
    yield from _sampling(spec, info)
    if info.kind == "volume":
        yield from _coverage(spec, info)
        yield from _plane(spec, info)
    if info.grid is not None and not is_orthogonal(info.grid.index_to_lps, _SLANT):
        yield Verdict.doubtful(
            "The axes of this volume are not at right angles, and models measure as if they were."
        )
    if spec.body_parts and info.body_part:
        known = {part.casefold() for part in spec.body_parts}
        if info.body_part.casefold() not in known:
            yield Verdict.doubtful(
                f"It is made for {either(spec.body_parts)}; the header says {info.body_part}."
            )


def _article(kind: str) -> str:
    return _ARTICLE.get(kind, f"a {kind}")


def _modality(spec: InputSpec, info: SourceInfo) -> Iterator[Verdict]:
    if not spec.modalities:
        return
    wanted = either(spec.modalities)
    if info.modality is None:
        yield Verdict.doubtful(f"It needs {wanted}, and the file does not say what it is.")
    elif info.modality not in spec.modalities:
        yield Verdict.unfit(f"It needs {wanted}, and this is {info.modality}.")


def _intensity(spec: InputSpec, info: SourceInfo) -> Iterator[Verdict]:
    if spec.intensity is None or info.intensity is spec.intensity:
        return
    sentence = f"It needs {spec.intensity.words}, and these are {info.intensity.words}."
    if info.modality is None and info.intensity is Intensity.ARBITRARY:
        # A format without modality cannot say what its numbers mean; only the user can.
        yield Verdict.doubtful(
            f"{sentence} If you know that they are {spec.intensity.words}, say so."
        )
    else:
        yield Verdict.unfit(sentence)


def _sampling(spec: InputSpec, info: SourceInfo) -> Iterator[Verdict]:
    if info.kind == "volume" and info.shape is not None and info.shape[0] < spec.min_slices:
        yield Verdict.unfit(
            f"It needs at least {spec.min_slices} slices, and there are {info.shape[0]}."
        )
    limits = (spec.max_spacing_mm, spec.refuse_spacing_mm)
    if limits == (None, None):
        return
    if info.spacing_mm is None:
        yield Verdict.doubtful("The spacing is not known.")
        return
    widest = max(info.spacing_mm)
    if spec.refuse_spacing_mm is not None and widest > spec.refuse_spacing_mm:
        yield Verdict.unfit(
            f"The spacing of {widest:.3g} mm is above the limit of {spec.refuse_spacing_mm:g} mm."
        )
    elif spec.max_spacing_mm is not None and widest > spec.max_spacing_mm:
        yield Verdict.doubtful(
            f"The spacing of {widest:.3g} mm is above the {spec.max_spacing_mm:g} mm "
            "that it was made for."
        )


def _coverage(spec: InputSpec, info: SourceInfo) -> Iterator[Verdict]:
    if (spec.min_coverage_mm, spec.refuse_coverage_mm) == (None, None):
        return
    if info.grid is None:
        yield Verdict.doubtful("How much of the body it covers is not known.")
        return
    upright = canonical_order(info.grid).apply_to_grid(info.grid)
    covered = upright.shape[0] * upright.spacing_mm[0]
    # Slices that should add up to the limit must not fall short of it by a rounded spacing.
    reached = covered + 0.01 * upright.spacing_mm[0]
    sentence = f"The series covers {covered:.4g} mm from head to foot"
    if spec.refuse_coverage_mm is not None and reached < spec.refuse_coverage_mm:
        yield Verdict.unfit(f"{sentence}, below the limit of {spec.refuse_coverage_mm:g} mm.")
    elif spec.min_coverage_mm is not None and reached < spec.min_coverage_mm:
        yield Verdict.doubtful(
            f"{sentence}, less than the {spec.min_coverage_mm:g} mm that it was made for."
        )


def _plane(spec: InputSpec, info: SourceInfo) -> Iterator[Verdict]:
    if not spec.planes:
        return
    made_for = f"it is made for {either(spec.planes)} ones"
    if info.grid is None:
        yield Verdict.doubtful(f"The plane of the slices is not known, and {made_for}.")
    elif (plane := orientation_of(info.grid)) not in spec.planes:
        yield Verdict.doubtful(f"The slices are {plane}, and {made_for}.")
