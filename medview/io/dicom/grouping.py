"""Take a DICOM series apart into what belongs together.

First by what a plane is (size, colour, orientation, role), then, where several
planes lie at one place, by image type, echo, b-value and reconstruction into parts and
by time into the time points of one part. What no tag tells apart becomes a stack, never a guess.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from medview.core.notice import Notice
from medview.io.dicom.copies import copies_notice, first_of_equals
from medview.io.dicom.frame import Cosines, Frame
from medview.io.dicom.geometry import SAME_PLACE_MM, Layout, arrange, distances
from medview.io.dicom.instance import Instance
from medview.io.dicom.part import Part

_SAME_DIRECTION = 1e-3
_SAME_SPACING_SHARE = 1e-4
"""A twentieth of a pixel at the far side of 512: what rounding in a header amounts to."""
_PART_KEYS: tuple[Callable[[Frame], Hashable], ...] = (
    lambda f: f.kind,
    lambda f: f.echo,
    lambda f: f.echo_number,
    lambda f: f.b_value,
    lambda f: f.kernel,
    lambda f: f.thickness,
)
_NO_VOLUME = Notice("no-volume", "The slices form no volume.")
_TIME_KEYS: tuple[Callable[[Frame], float | None], ...] = (
    lambda f: f.temporal,
    lambda f: f.acquisition,
    lambda f: f.trigger,
    lambda f: f.moment,
)
_MOMENT_KEYS = tuple(_TIME_KEYS[n] for n in (0, 2, 3))


def parts_of_planes(frames: Sequence[Frame]) -> list[Part]:
    """Parts of the planes of one series that know their place in the patient.

    Returns
    -------
    list of Part
        In order of position, then of acquisition.
    """
    parts: list[Part] = []
    groups = _by_shape(frames)
    singles = [g for g in groups if len(g) == 1]
    if len(singles) > 1 and len(singles) == len(groups):
        return [_mixed_stack([f for g in singles for f in g])]
    for group in groups:
        parts.extend(_parts_of_parallel(group))
    return sorted(parts, key=_order)


def _order(part: Part) -> tuple[float, float, float]:
    first = part.frames[0]
    place = float(distances([first])[0]) if first.has_geometry else 0.0
    return (
        round(place, 2),
        -1.0 if first.acquisition is None else first.acquisition,
        -1.0 if first.instance.instance_number is None else first.instance.instance_number,
    )


def _by_shape(frames: Iterable[Frame]) -> list[list[Frame]]:
    """Planes of equal size, colour, spacing and, within a tolerance, orientation."""
    exact: dict[tuple[Hashable, Cosines, tuple[float, float]], list[Frame]] = defaultdict(list)
    for frame in frames:
        _, orientation, spacing = frame.placed
        form = frame.format
        # The numbers of a palette are no values, so they never lie among grey ones.
        size = (form.rows, form.columns, form.samples, form.photometric == "PALETTE COLOR")
        exact[size, orientation, spacing].append(frame)
    merged: list[tuple[Hashable, NDArray[np.float64], NDArray[np.float64], list[Frame]]] = []
    for (form_key, orientation, spacing), group in exact.items():
        direction, between = np.asarray(orientation), np.asarray(spacing)
        for other_key, other, other_between, members in merged:
            if (
                other_key == form_key
                and np.abs(other - direction).max() <= _SAME_DIRECTION
                and np.abs(other_between / between - 1).max() <= _SAME_SPACING_SHARE
            ):
                members.extend(group)
                break
        else:
            merged.append((form_key, direction, between, list(group)))
    return [members for _, _, _, members in merged]


def _mixed_stack(frames: list[Frame]) -> Part:
    return stack_of(
        sorted(frames, key=reading_order),
        Notice(
            "mixed-orientations",
            "The slices lie in different directions or differ in size, so they are no volume.",
        ),
    )


def reading_order(frame: Frame) -> tuple[int, str, int]:
    """By instance number: all that is left to go by where places do not help."""
    number = frame.instance.instance_number
    return (-1 if number is None else number, frame.instance.header.source.label, frame.index)


def stack_of(frames: Sequence[Frame], reason: Notice, repairs: tuple[Notice, ...] = ()) -> Part:
    """Planes to be read one by one, with the reason."""
    return Part(
        "stack",
        instances_of(frames),
        (Layout(tuple(frames), reason=reason),),
        repairs=repairs,
        warnings=(reason,),
    )


def instances_of(frames: Iterable[Frame]) -> tuple[Instance, ...]:
    """The objects that planes come from, each once, in order."""
    return tuple({id(f.instance): f.instance for f in frames}.values())


def _places(frames: Sequence[Frame]) -> list[list[int]]:
    """Indices of planes by place along the normal, in order of place."""
    along = distances(frames)
    order = np.argsort(along, kind="stable")
    steps = np.diff(along[order]) >= SAME_PLACE_MM
    cuts = np.flatnonzero(steps) + 1
    return [list(map(int, run)) for run in np.split(order, cuts)]


def _parts_of_parallel(frames: Sequence[Frame]) -> list[Part]:
    places = _places(frames)
    if all(len(p) == 1 for p in places):
        return [_single(frames, ())]
    for key in _PART_KEYS:
        if _differs_at_a_place(frames, places, key):
            return _split_by(frames, key)
    if len(places) > 1:
        for time_key in _TIME_KEYS:
            times = _split_times(frames, places, time_key)
            if times is not None:
                return _timed(times)
    else:
        moving = _moving_image(frames)
        if moving is not None:
            return [moving]
    if _differs_at_a_place(frames, places, lambda f: f.gradient):
        return _split_by(frames, lambda f: f.gradient)
    return _without_copies(frames, places)


def _moving_image(frames: Sequence[Frame]) -> Part | None:
    """One plane seen at many times, or None if no tag of time tells the visits apart.

    Numbers of acquisitions alone are no times here: one slice acquired twice is no film.
    """
    for key in _MOMENT_KEYS:
        moments = [key(f) for f in frames]
        known = [m for m in moments if m is not None]
        if len(known) == len(set(known)) == len(frames):
            order = np.argsort(known, kind="stable")
            ordered = [frames[i] for i in order]
            return Part("image", instances_of(ordered), tuple(Layout((f,)) for f in ordered))
    return None


def _split_by(frames: Sequence[Frame], key: Callable[[Frame], Hashable]) -> list[Part]:
    groups: dict[Hashable, list[Frame]] = defaultdict(list)
    for frame in frames:
        groups[key(frame)].append(frame)
    return [p for g in groups.values() for p in _parts_of_parallel(g)]


def _differs_at_a_place(
    frames: Sequence[Frame], places: list[list[int]], key: Callable[[Frame], Hashable]
) -> bool:
    return any(len({key(frames[i]) for i in place}) > 1 for place in places)


def _split_times(
    frames: Sequence[Frame],
    places: list[list[int]],
    key: Callable[[Frame], float | None],
) -> list[list[Frame]] | None:
    """Time points, or None if `key` does not tell repeated planes apart."""
    if any(key(f) is None for f in frames):
        return None
    if any(len({key(frames[i]) for i in p}) < len(p) for p in places):
        return None
    by_value: dict[float | None, list[Frame]] = defaultdict(list)
    for frame in frames:
        by_value[key(frame)].append(frame)
    groups = [by_value[v] for v in sorted(by_value, key=lambda v: v or 0.0)]
    # Far more values than visits to a place are no phases: single slices were numbered.
    if all(len(g) > 1 for g in groups) and len(groups) <= 2 * max(map(len, places)):
        return groups
    # Each slice has a time of its own: the n-th visit to every place is time point n.
    if len({len(p) for p in places}) != 1:
        return None
    ranked = [sorted(p, key=lambda i: key(frames[i]) or 0.0) for p in places]
    return [[frames[p[n]] for p in ranked] for n in range(len(ranked[0]))]


def _timed(times: list[list[Frame]]) -> list[Part]:
    """Time points with equal places make one part; others stand alone."""
    layouts = [arrange(t) for t in times]
    groups: list[list[Layout]] = []
    for layout in layouts:
        for group in groups:
            if _same_places(group[0], layout):
                group.append(layout)
                break
        else:
            groups.append([layout])
    parts = []
    for group in groups:
        if group[0].grid is None:
            frames = [f for layout in group for f in layout.frames]
            parts.append(stack_of(frames, group[0].reason or _NO_VOLUME))
        else:
            frames = [f for layout in group for f in layout.frames]
            parts.append(Part("volume", instances_of(frames), tuple(group), group[0].repairs))
    return parts


def _same_places(a: Layout, b: Layout) -> bool:
    if len(a.frames) != len(b.frames):
        return False
    first = np.asarray([f.position for f in a.frames])
    second = np.asarray([f.position for f in b.frames])
    return bool(np.abs(first - second).max() < 10 * SAME_PLACE_MM)


def _single(frames: Sequence[Frame], repairs: tuple[Notice, ...]) -> Part:
    """One volume, stack or image out of planes at different places."""
    layout = arrange(frames)
    if len(frames) == 1:
        return Part("image", instances_of(frames), (layout,), repairs=repairs)
    if layout.reason is not None:
        return stack_of(layout.frames, layout.reason, repairs)
    if frames[0].format.samples > 1 or frames[0].format.photometric == "PALETTE COLOR":
        colour = Notice("colour-slices", "The slices are in colour and are shown one by one.")
        return stack_of(layout.frames, colour, repairs)
    return Part("volume", instances_of(frames), (layout,), repairs=repairs + layout.repairs)


def _without_copies(frames: Sequence[Frame], places: list[list[int]]) -> list[Part]:
    """Drop files that hold the very same plane; what is left untold apart is a stack."""
    kept: list[int] = []
    dropped = 0
    for place in places:
        unique = first_of_equals([frames[i] for i in place])
        kept.extend(place[i] for i in unique)
        dropped += len(place) - len(unique)
    rest = [frames[i] for i in sorted(kept)]
    repairs: tuple[Notice, ...] = ()
    if dropped:
        repairs = (copies_notice(dropped),)
    if all(len(p) == 1 for p in _places(rest)):
        part = _single(rest, repairs)
        everything = instances_of(frames)
        return [Part(part.kind, everything, part.times, part.repairs, part.warnings)]
    along = distances(rest)
    order = np.argsort(along, kind="stable")
    reason = arrange(rest).reason
    if len(places) == 1 or reason is None:
        reason = Notice(
            "single-position",
            "All slices lie at one place in the patient, so they are no volume.",
        )
    part = stack_of([rest[i] for i in order], reason, repairs)
    return [Part("stack", instances_of(frames), part.times, repairs, part.warnings)]
