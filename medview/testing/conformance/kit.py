"""All checks by name, and how they are run on a model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import Distribution
from types import MappingProxyType

from medview.core.data.image2d import Image2D
from medview.host.catalogue import Catalogue
from medview.host.discovery import discover
from medview.host.handle import ModelHandle
from medview.testing.conformance import (
    applicable,
    cancel,
    card,
    deterministic,
    findings,
    geometry,
    light_import,
    picklable,
    progress,
    source,
)
from medview.testing.conformance.result import CheckResult, NotChecked
from medview.testing.conformance.subject import Sample, Subject

CHECKS: Mapping[str, Callable[[Subject], str]] = MappingProxyType(
    {
        "light-import": light_import.check,
        "card": card.check,
        "applicable": applicable.check,
        "findings": findings.check,
        "source-untouched": source.check,
        "geometry": geometry.check,
        "cancel": cancel.check,
        "progress": progress.check,
        "deterministic": deterministic.check,
        "picklable": picklable.check,
    }
)
"""Each passes with a sentence, or raises `AssertionError` or `NotChecked` with one."""


def run_check(name: str, subject: Subject) -> CheckResult:
    """Make one check; what the model does wrong becomes words, never an exception."""
    try:
        return CheckResult(name, True, CHECKS[name](subject))
    except AssertionError as failure:
        return CheckResult(name, False, str(failure))
    except NotChecked as reason:
        return CheckResult(name, None, str(reason))


def check_model(
    handle: ModelHandle, sample: Sample | Image2D | None = None
) -> tuple[CheckResult, ...]:
    """Make every check on a model.

    Parameters
    ----------
    handle : ModelHandle
        Raises as `ModelHandle.loaded` does where it cannot be used.
    sample : callable or Image2D, optional
        What it is run on; see `Subject`.
    """
    handle.loaded()
    subject = Subject(handle, sample)
    return tuple(run_check(name, subject) for name in CHECKS)


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
        Distributions that may be loaded although they are not medview's own.
    installed : iterable of Distribution, optional
        Where to look; by default the whole environment.

    Raises
    ------
    UsageError
        If there is none.
    """
    return Catalogue(discover(allow, installed=installed)).handle(model_id)
