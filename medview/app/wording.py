"""Small sentences of the window: durations, volumes, what a run found."""

from __future__ import annotations

from datetime import datetime

from medview.app.results import Result
from medview.core.findings.detections import Detections
from medview.core.findings.grades import Grades
from medview.core.findings.labelmap import LabelMap

# Not by strftime: that follows the locale of C, and the window speaks English.
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August",
           "September", "October", "November", "December")  # fmt: skip


def in_sentence(title: str) -> str:
    """A title as it stands within a sentence: ``"lung segmentation"``, but ``"MONAI bundle"``."""
    is_name = title[1:2] != title[1:2].lower()
    return title if is_name else title[:1].lower() + title[1:]


def duration(seconds: float) -> str:
    """E.g. ``"under 0.1 s"``, ``"0.4 s"``, ``"14 s"``, ``"2 min 5 s"``."""
    if seconds < 0.05:
        return "under 0.1 s"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 119.5:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"


def moment(when: str) -> str:
    """A time on record, as the clock on the wall said: ``"29 November 2026, 20:54"``."""
    try:
        at = datetime.fromisoformat(when).astimezone()
    except ValueError:
        return when
    return f"{at.day} {_MONTHS[at.month - 1]} {at:%Y, %H:%M}"


def millilitres(volume_ml: float) -> str:
    """E.g. ``"0.42 ml"``, ``"12.5 ml"``, ``"2812 ml"``."""
    if volume_ml >= 99.95:
        return f"{volume_ml:.0f} ml"
    return f"{volume_ml:.3g} ml"


def large_volume(volume_ml: float) -> str:
    """As `millilitres`, in litres from one litre on."""
    return f"{volume_ml / 1000:.1f} l" if volume_ml >= 1000 else millilitres(volume_ml)


def outcome(result: Result) -> str:
    """What a run found, in a few words; empty where there is nothing to sum up."""
    parts: list[str] = []
    for layer in result.layers:
        item = layer.finding
        facts = result.facts.get(layer.id, ())
        volumes = [fact.volume_ml for fact in facts if fact.volume_ml is not None]
        if volumes and isinstance(item, LabelMap):
            if len(item.labels) == 1:
                # The same words and unit as in the list of findings beside it.
                parts.append(f"{item.labels[0].name} {millilitres(volumes[0])}")
            else:
                parts.append(f"{item.name} {large_volume(sum(volumes))}")
        elif isinstance(item, Detections):
            parts.append("1 found" if len(item.items) == 1 else f"{len(item.items)} found")
        elif isinstance(item, Grades):
            parts.append(f"grade {item.reported}" if item.reported else f"no grade: {item.reason}")
    return ", ".join(parts)


def finished(result: Result) -> str:
    """E.g. ``"Lung segmentation done in 14 s: Lungs 5.2 l"``."""
    provenance = result.findings.provenance
    took = f" in {duration(provenance.duration_s)}" if provenance is not None else ""
    found = outcome(result)
    return f"{result.title} done{took}" + (f": {found}" if found else "")
