"""All checks by name, and how they are run on a model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path
from types import MappingProxyType

from medview.core.data.image2d import Image2D
from medview.core.data.slide import Slide
from medview.core.geometry.grid import Grid
from medview.host.catalogue import Catalogue
from medview.host.discovery import FIRST_PARTY, discover
from medview.host.handle import ModelHandle
from medview.host.spec import API
from medview.testing.conformance import (
    applicable,
    cancel,
    card,
    cpu,
    deterministic,
    ends,
    findings,
    geometry,
    hooks,
    independent,
    light_import,
    memory,
    network,
    picklable,
    progress,
    source,
)
from medview.testing.conformance.once import told_once
from medview.testing.conformance.result import CheckResult, NotChecked
from medview.testing.conformance.samples import Sample
from medview.testing.conformance.subject import Subject

CHECKS: Mapping[str, Callable[[Subject], str]] = MappingProxyType(
    {
        "light-import": light_import.check,
        "hooks": hooks.check,
        "card": card.check,
        "applicable": applicable.check,
        "findings": findings.check,
        "cpu": cpu.check,
        "network": network.check,
        "source-untouched": source.check,
        "progress": progress.check,
        "picklable": picklable.check,
        "ends": ends.check,
        "cancel": cancel.check,
        "memory": memory.check,
        "geometry": geometry.check,
        "independent": independent.check,
        # The last one, since it compares what the others have run.
        "deterministic": deterministic.check,
    }
)
"""Each passes with a sentence, or raises `AssertionError` or `NotChecked` with one.

The first ones look at the package alone; from ``findings`` on, the model runs.
"""


def run_check(name: str, subject: Subject) -> CheckResult:
    """Make one check; what the model does wrong becomes words, never an exception."""
    try:
        return CheckResult(name, True, CHECKS[name](subject))
    except AssertionError as failure:
        return CheckResult(name, False, str(failure))
    except NotChecked as reason:
        return CheckResult(name, None, str(reason))


def check_model(
    handle: ModelHandle,
    sample: Sample | Image2D | Slide | None = None,
    *,
    grid: Grid | None = None,
    weights_folder: Path | None = None,
) -> tuple[CheckResult, ...]:
    """Make every check on a model, in this process.

    Parameters
    ----------
    handle : ModelHandle
        As `find_model` gives it.
    sample, grid, weights_folder
        What it is run on, and with; see `Subject`.
    """
    subject = Subject(handle, sample, grid=grid, weights_folder=weights_folder)
    return told_once(run_check(name, subject) for name in CHECKS)


def find_model(
    model_id: str,
    *,
    allow: frozenset[str] | None = None,
    installed: Iterable[Distribution] | None = None,
) -> ModelHandle:
    """The installed model of that id, to be loaded into this process.

    Parameters
    ----------
    model_id : str
    allow : frozenset of str, optional
        Distributions that may be loaded although they are not medview's own;
        by default every one that brings this id, since its author asks for it.
    installed : iterable of Distribution, optional
        Where to look; by default the whole environment.

    Raises
    ------
    UsageError
        If there is none.
    """
    everything = tuple(distributions() if installed is None else installed)
    if allow is None:
        allow = FIRST_PARTY | {d.name for d in everything if _brings(d, model_id)}
    return Catalogue(discover(allow, installed=everything)).handle(model_id)


def _brings(distribution: Distribution, model_id: str) -> bool:
    text = distribution.read_text("entry_points.txt")
    if not text or API not in text:
        return False
    return any(e.group == API and e.name == model_id for e in distribution.entry_points)
