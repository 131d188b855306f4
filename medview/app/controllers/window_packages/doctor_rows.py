"""What the doctor found, as its dialog shows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from medview.app.controllers.packages.doctor import ModelFinding, PackageFinding, host_facts
from medview.app.wording import moment
from medview.view.dialogs.doctor_rows import DoctorLine, DoctorRow
from medview.view.parts import Role

_TONES: dict[str, Role] = {"ready": "good", "disabled": "muted"}


def host_lines() -> tuple[DoctorLine, ...]:
    """The computer and the application; asks the driver for devices, so not for the GUI thread."""
    return tuple(
        DoctorLine(name if name == "medview" else name[:1].upper() + name[1:], text)
        for name, text in host_facts()
    )


def verdict_on(findings: Sequence[PackageFinding]) -> str:
    """What was found of all packages, in a sentence or two."""
    if not findings:
        return "No package of models is installed."
    wrong = sum(not each.is_sound for each in findings)
    failed = sum(model.last_failure is not None for each in findings for model in each.models)
    if wrong:
        told = f"{wrong} of {len(findings)} packages need{'s' if wrong == 1 else ''} attention."
    else:
        told = "All packages are sound."
    if failed:
        told += f" {failed} model{'s' if failed > 1 else ''} failed at the last run."
    return told


def doctor_row(found: PackageFinding) -> DoctorRow:
    """One package."""
    lines = [DoctorLine("Installed", found.environment)]
    lines += [DoctorLine("Problem", problem, "bad") for problem in found.problems]
    for model in found.models:
        lines += _model(model)
    off = bool(found.models) and all(m.state == "disabled" for m in found.models)
    sound = "switched off" if off else "sound"
    return DoctorRow(
        f"{found.name} {found.version}",
        sound if found.is_sound else "needs attention",
        found.is_sound,
        tuple(lines),
        ", ".join(found.versions),
    )


def _model(model: ModelFinding) -> Iterator[DoctorLine]:
    yield DoctorLine(model.id, "")
    reason = f": {model.reason}" if model.reason else ""
    yield DoctorLine("State", f"{model.state}{reason}", _TONES.get(model.state, "bad"))
    if model.runs_in:
        yield DoctorLine("Runs in", model.runs_in)
    if model.import_s is not None:
        yield DoctorLine("Start and import", f"{model.import_s:.2f} s in a fresh process")
    for weights in model.weights:
        sound = weights.state == "sound"
        words = f"{weights.name}: SHA-256 {'is right' if sound else weights.sha256}"
        yield DoctorLine("Weights", words if sound else f"{weights.name}: {weights.state}",
                         "text" if sound else "bad")  # fmt: skip
    last = model.last_failure
    if last is None:
        yield DoctorLine("Last run", "no failure on record", "muted")
    else:
        yield DoctorLine("Last run", f"failed on {moment(last.when)}: {last.message}", "bad")
