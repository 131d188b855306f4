"""Examine installed packages of models, and repair what can be repaired."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from medview import __version__
from medview.app.controllers.last_failures import LastFailure, LastFailures
from medview.app.controllers.packages.manage import Installed
from medview.core.errors import WeightsError
from medview.core.progress import ProgressFn, ignore_progress
from medview.host.discovery import Found
from medview.host.handle import ModelHandle
from medview.host.loader import Broken
from medview.host.packages.scratch import scratch_folder
from medview.host.packages.store import PackageStore
from medview.host.packages.verify import problems_of
from medview.host.weights import weights_resolver
from medview.jobs.devices import list_devices
from medview.worker.supervise.isolation import Isolation


@dataclass(frozen=True, slots=True)
class WeightsFinding:
    """Weights of a model: name, declared SHA-256, and ``"sound"`` or what is wrong."""

    name: str
    sha256: str
    state: str


@dataclass(frozen=True, slots=True)
class ModelFinding:
    """What was found of one model.

    Attributes
    ----------
    id, state, reason, report : str
        The report is there where it is broken, to be copied.
    runs_in : str
        The process that it runs in.
    import_s : float or None
        Seconds from starting a fresh process to its description; None where it is not
        run apart, or could not be described.
    weights : tuple of WeightsFinding
    last_failure : LastFailure or None
        Of this installation.
    """

    id: str
    state: str
    reason: str
    report: str
    runs_in: str
    import_s: float | None
    weights: tuple[WeightsFinding, ...]
    last_failure: LastFailure | None


@dataclass(frozen=True, slots=True)
class PackageFinding:
    """What was found of one package.

    Attributes
    ----------
    name, version : str
    environment : str
        Where it is installed, in words.
    versions : tuple of str
        ``name==version`` of what it uses.
    problems : tuple of str
        Sentences; empty where its files are what was installed.
    models : tuple of ModelFinding
    """

    name: str
    version: str
    environment: str
    versions: tuple[str, ...]
    problems: tuple[str, ...]
    models: tuple[ModelFinding, ...]

    @property
    def is_sound(self) -> bool:
        """Whether nothing needs to be done."""
        bad = any(m.state in ("broken", "incompatible") for m in self.models)
        wrong = any(w.state != "sound" for m in self.models for w in m.weights)
        return not (self.problems or bad or wrong)


def host_facts() -> tuple[tuple[str, str], ...]:
    """The computer and the application: versions and devices, nothing of the person."""
    devices = ", ".join(f"{device.id} ({device.name})" for device in list_devices())
    return (
        ("medview", __version__),
        ("Python", platform.python_version()),
        ("system", f"{platform.system()} {platform.machine()}"),
        ("devices", devices),
    )


def examine(
    each: Installed,
    *,
    store: PackageStore,
    handles: Iterable[ModelHandle],
    found: Iterable[Found],
    weights_folder: Path,
    failures: LastFailures,
    progress: ProgressFn = ignore_progress,
) -> PackageFinding:
    """Examine one package; its files are read in full, and its models are loaded afresh.

    Parameters
    ----------
    each : Installed
    store : PackageStore
    handles : iterable of ModelHandle
        All models; those of the package are taken.
    found : iterable of Found
        The same models as discovery found them.
    weights_folder : Path
    failures : LastFailures
    """
    progress(None, f"Examining {each.name}")
    problems: tuple[str, ...] = ()
    versions: tuple[str, ...] = (f"{each.name}=={each.version}",)
    environment = "with the application"
    if each.package is not None:
        current = each.package.current
        problems = problems_of(store, current)
        versions = tuple(f"{item.name}=={item.version}" for item in current.locked)
        versions += current.shared
        environment = "a directory of its own, " + (
            "with a complete set" if current.complete else "sharing the application's packages"
        )
    entries = {item.id: item for item in found if item.distribution == each.name}
    own = [h for h in handles if h.distribution == each.name and h.id in each.models]
    installed = each.package.current.installed if each.package is not None else ""
    models = []
    for handle in own:
        progress(None, f"Loading {handle.id}")
        last = failures.of(handle.id)
        # Another version failed, or an earlier installation of this one: neither is here now.
        last = last if last is not None and last.is_of(each.version, installed) else None
        models.append(_examine_model(handle, entries.get(handle.id), weights_folder, last))
    return PackageFinding(each.name, each.version, environment, versions, problems, tuple(models))


def report_of(findings: Sequence[PackageFinding]) -> str:
    """A text to copy and send; free of paths and of patients' data."""
    lines = [f"{name}: {text}" for name, text in host_facts()]
    for package in findings:
        lines += ["", f"{package.name} {package.version}, {package.environment}"]
        lines += [f"  problem: {problem}" for problem in package.problems]
        for model in package.models:
            reason = f": {model.reason}" if model.reason else ""
            lines.append(f"  {model.id}  {model.state}{reason}")
            if model.runs_in:
                lines.append(f"    runs in {model.runs_in}")
            if model.import_s is not None:
                lines.append(f"    start and import in a fresh process: {model.import_s:.2f} s")
            lines += [f"    weights {w.name} ({w.sha256}): {w.state}" for w in model.weights]
            if model.last_failure is not None:
                last = model.last_failure
                lines.append(f"    last failure, {last.when}, version {last.version}:")
                lines += [f"      {line}" for line in (last.message, *last.details.splitlines())]
            if model.report:
                lines += [f"      {line}" for line in model.report.splitlines()]
        lines.append(f"  versions: {', '.join(package.versions)}")
    return "\n".join(lines)


def _examine_model(
    handle: ModelHandle, found: Found | None, weights_folder: Path, last: LastFailure | None
) -> ModelFinding:
    handle.ensure_ready()
    state, reason, report = str(handle.state), handle.reason, ""
    seconds: float | None = None
    if found is not None and found.isolated and state in ("ready", "broken"):
        seconds, broken = _load_afresh(found)
        if broken is not None:
            state, reason, report = "broken", broken.reason, broken.report
    elif state == "broken":
        report = handle.report
    return ModelFinding(
        handle.id,
        state,
        reason,
        report,
        handle.isolation or ("the application's process" if state == "ready" else ""),
        seconds,
        _weights(handle, weights_folder),
        last,
    )


def _load_afresh(found: Found) -> tuple[float | None, Broken | None]:
    with scratch_folder() as folder:
        isolation = Isolation(folder)
        start = time.monotonic()
        try:
            loaded = isolation.load(found)
        finally:
            isolation.close()
        seconds = time.monotonic() - start
    return (None, loaded) if isinstance(loaded, Broken) else (seconds, None)


def _weights(handle: ModelHandle, folder: Path) -> tuple[WeightsFinding, ...]:
    if handle.card is None:
        return ()
    find: Callable[[str], Path] = weights_resolver(handle, folder, public=())
    findings = []
    for weights in handle.card.weights:
        try:
            find(weights.name)
            state = "sound"
        except WeightsError as error:
            optional = not weights.required and error.code == "weights-missing"
            state = "sound" if optional else error.message
        findings.append(WeightsFinding(weights.name, weights.sha256, state))
    return tuple(findings)
