"""Which models are installed, learnt from packaging metadata alone: nothing is imported."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from importlib.metadata import Distribution, distributions

from medview.host.spec import API

FIRST_PARTY = frozenset(
    {
        "medview-lung-segmentation",
        "medview-lung-nodule-detection",
        "medview-retinopathy-grading",
        "medview-pathology-tiling",
    }
)
"""Distributions known by name; only these run inside the application's own process."""

_GROUP = re.compile(r"medview\.model\.v(\d+)")


@dataclass(frozen=True, slots=True)
class Found:
    """One entry point of a model.

    Attributes
    ----------
    id : str
        The entry point's name, which is the model's id.
    distribution, version : str
        The installed package that brings it; the name is normalised (``a-b``).
    api : str
        The entry-point group, whose last part is the contract's major version.
    target : str
        What would be imported: ``"package.module"`` or ``"package.module:object"``.
    reason : str
        Why it must not be loaded; empty when it may be.
    isolated : bool
        Whether it may be loaded in a process of its own only.
    site : str
        The search path of its own directory; empty for what is installed with the application.
    complete : bool
        Whether that directory holds everything that it needs, medview included.
    """

    id: str
    distribution: str
    version: str
    api: str
    target: str
    reason: str = ""
    isolated: bool = False
    site: str = ""
    complete: bool = False

    @property
    def full_name(self) -> str:
        """The id with the distribution that brings it, ``a-b/bright``: what consent is bound to."""
        return f"{self.distribution}/{self.id}"

    @property
    def switches(self) -> frozenset[str]:
        """What can be switched off so that this model is: itself or its package, bound or not."""
        return frozenset({self.full_name, whole(self.distribution), self.id, self.distribution})


def discover(
    allow: frozenset[str] | None = None,
    *,
    installed: Iterable[Distribution] | None = None,
    can_isolate: bool = False,
    packages: Iterable[Found] = (),
) -> tuple[Found, ...]:
    """Every model entry point of the environment, by id, then by distribution.

    Parameters
    ----------
    allow : frozenset of str, optional
        Further distributions that may run in the application's process. A
        model of any other third party is found and marked as needing isolation.
    installed : iterable of Distribution, optional
        Where to look; by default everything on ``sys.path``.
    can_isolate : bool
        Whether there is a way to run models in processes of their own; without
        one, a model that needs it carries that reason.
    packages : iterable of Found
        Models in directories of their own, as `medview.host.packages.found` lists them.

    Returns
    -------
    tuple of Found
        Where two distributions bring one id, the second carries that reason;
        a first-party distribution always comes first, so none can shadow it.
    """
    trusted = FIRST_PARTY | frozenset(normalised(name) for name in allow or ())
    everything = distributions() if installed is None else installed
    found = sorted(
        (*_entries(everything, trusted, can_isolate), *packages),
        # What is isolated is no first party, whatever it calls itself.
        key=lambda f: (
            f.id,
            bool(f.reason),
            f.distribution not in FIRST_PARTY or f.isolated,
            f.distribution,
        ),
    )
    return tuple(_without_duplicates(found))


def whole(distribution: str) -> str:
    """All models of a distribution, as what is switched off names them: ``a-b/*``."""
    return f"{distribution}/*"


def normalised(name: str) -> str:
    """A distribution name in its comparable form (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _entries(
    installed: Iterable[Distribution], trusted: frozenset[str], can_isolate: bool
) -> Iterator[Found]:
    seen: set[str] = set()
    for distribution in installed:
        text = distribution.read_text("entry_points.txt")
        # Reading the text first keeps the common case, a package without models, cheap.
        if not text or "medview.model." not in text:
            continue
        name = normalised(distribution.name)
        if name in seen:  # a second copy further down sys.path is never imported
            continue
        seen.add(name)
        for entry in distribution.entry_points:
            if match := _GROUP.fullmatch(entry.group):
                isolated = name not in trusted
                reason = _refusal(entry.group, int(match[1]), isolated and not can_isolate)
                yield Found(
                    entry.name,
                    name,
                    distribution.version,
                    entry.group,
                    entry.value,
                    reason,
                    isolated,
                )


def _refusal(group: str, major: int, needs_isolation: bool) -> str:
    if group != API:
        ours = int(API.rpartition(".v")[2])
        needs = "a newer medview" if major > ours else "an older medview"
        return f"It needs {needs}: it speaks {group}, this one {API}."
    if needs_isolation:
        return "It needs isolation: third-party models do not run inside the application's process."
    return ""


def _without_duplicates(found: Iterable[Found]) -> Iterator[Found]:
    first: dict[str, Found] = {}
    for item in found:
        if item.id in first:
            other = first[item.id].distribution
            reason = f"The id '{item.id}' is already brought by {other}."
            if item.distribution == other and item.site != first[item.id].site:
                reason = f"{other} is installed with the application too, and that one is used."
            elif item.distribution == other:
                reason = f"{other} declares the id '{item.id}' more than once."
            yield replace(item, reason=item.reason or reason)
        else:
            first[item.id] = item
            yield item
