"""Have the conformance kit check models in a process of its own, whose end is survived."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from medview.core.data.image2d import Image2D
from medview.core.data.volume import Volume
from medview.core.errors import ModelError
from medview.core.progress import ProgressFn, ignore_progress
from medview.core.redaction import scrubbed
from medview.host.discovery import Found
from medview.testing.conformance import CHECKS, CheckResult
from medview.testing.conformance.once import told_once
from medview.worker.channel import PROTOCOL, Message
from medview.worker.sources import encode_source
from medview.worker.supervise.failure import WorkerEnded
from medview.worker.supervise.launch import Launch, launch_of
from medview.worker.supervise.limits import Limits
from medview.worker.supervise.process import WorkerProcess

PROCESS = "medview.testing.check_process"
RUNNING = tuple(CHECKS)[tuple(CHECKS).index("findings") :]
"""Checks that run the model."""
CHECK_S = 300.0

Outcome = Literal["conformant", "failing", "incomplete"]


@dataclass(frozen=True, slots=True)
class ModelReport:
    """How one model was found.

    Attributes
    ----------
    id, title, distribution, version : str
    results : tuple of CheckResult
        One for each check of the kit, in its order.
    hindrance : {"", "weights", "unfit"}
        Why it could not be run at all, where that is no fault of its own.
    """

    id: str
    title: str
    distribution: str
    version: str
    results: tuple[CheckResult, ...]
    hindrance: str = ""

    @property
    def outcome(self) -> Outcome:
        """``conformant`` only if it was run and nothing failed."""
        if any(result.passed is False for result in self.results):
            return "failing"
        ran = any(r.check == "findings" and r.passed for r in self.results)
        return "conformant" if ran else "incomplete"

    @property
    def passed(self) -> int:
        """Checks that were passed."""
        return sum(result.passed is True for result in self.results)

    @property
    def made(self) -> int:
        """Checks that were made."""
        return sum(result.passed is not None for result in self.results)


def check_found(
    found: Found,
    *,
    weights_folder: Path,
    sample: Volume | Image2D | None = None,
    limits: Limits | None = None,
    launch: Callable[[Found], Launch] = launch_of,
    check_s: float = CHECK_S,
    progress: ProgressFn = ignore_progress,
) -> ModelReport:
    """Make every check on one model; no code of it runs in this process.

    Parameters
    ----------
    found : Found
    weights_folder : Path
        Where weights are installed that its package does not bring.
    sample : Volume or Image2D, optional
        What it is run on; by default generated.
    limits : Limits, optional
        Memory of the process.
    launch : callable
        How to start a process for it.
    check_s : float
        What one check may take before the process is ended.

    Raises
    ------
    ModelError
        If not even the checking process can be started.
    """
    session = _Session(found, weights_folder, sample, progress)
    left: Sequence[str] = tuple(CHECKS)
    while left:
        how = replace(launch(found), module=PROCESS, network=False)
        left = session.through(how, limits or Limits(), left, check_s)
    silent = "Its process did not tell of this."
    results = told_once(session.results.get(n, CheckResult(n, None, silent)) for n in CHECKS)
    return ModelReport(
        found.id,
        session.title or found.id,
        found.distribution,
        found.version,
        results,
        session.hindrance,
    )


class _Session:
    """The results so far; each process goes as far as it comes."""

    def __init__(
        self, found: Found, weights: Path, sample: Volume | Image2D | None, progress: ProgressFn
    ) -> None:
        self._found = found
        self._weights = weights
        self._sample = sample
        self._progress = progress
        self.results: dict[str, CheckResult] = {}
        self.title = ""
        self.hindrance = ""

    def through(
        self, launch: Launch, limits: Limits, names: Sequence[str], check_s: float
    ) -> Sequence[str]:
        """Make checks in one process; gives those that are left where it ended."""
        worker = WorkerProcess(launch, limits)
        current, has_run = "", False
        try:
            self._ask(worker, names, limits)
            while True:
                message = worker.receive(time.monotonic() + check_s)
                if message["say"] == "end":
                    self.title = scrubbed(str(message.get("title", "")))
                    self.hindrance = str(message.get("hindrance", ""))
                    return ()
                current = str(message.get("check"))
                if current not in names:
                    raise WorkerEnded("It told of a check that nobody asked for.")
                if message["say"] == "begin":
                    done = len(self.results) / len(CHECKS)
                    self._progress(done, f"{self._found.id}: {current}")
                else:
                    self._note(message)
                    has_run = message.get("ran") is True
        except WorkerEnded as error:
            if not current:
                raise ModelError(
                    f"The checks of '{self._found.id}' could not be started. {error.message}",
                    code="check-not-started",
                ) from error
            return self._ended(current, error, names, has_run=has_run, check_s=check_s)
        finally:
            worker.close()

    def _ask(self, worker: WorkerProcess, names: Sequence[str], limits: Limits) -> None:
        hello = worker.receive(time.monotonic() + limits.start_s)
        if hello["say"] != "hello" or hello.get("protocol") != PROTOCOL:
            raise WorkerEnded("Its process runs another version of medview.", code="model-protocol")
        source: dict[str, Any] | None = None
        if self._sample is not None:
            source = encode_source(self._sample, worker.blocks)
        facts = ("id", "distribution", "version", "api", "target", "site")
        worker.send(
            {
                "say": "check",
                "found": {name: getattr(self._found, name) for name in facts},
                "checks": list(names),
                "weights": str(self._weights.absolute()),
                "source": source,
            }
        )

    def _note(self, message: Message) -> None:
        name, passed = str(message["check"]), message.get("passed")
        words = scrubbed(str(message.get("words", "")))
        verdict = passed if isinstance(passed, bool) else None
        self.results[name] = CheckResult(name, verdict, words)

    def _ended(
        self,
        current: str,
        error: WorkerEnded,
        names: Sequence[str],
        *,
        has_run: bool,
        check_s: float,
    ) -> Sequence[str]:
        """What a process that ended says of the check that it was at."""
        told = f"It ended the process in which it was checked. {error.message}"
        if error.code == "model-timeout":
            told = f"It was not done within {check_s:g} s, and its process was ended."
        self.results[current] = CheckResult(current, False, told)
        if current in RUNNING and not has_run:
            # It would end there again.
            for name in RUNNING:
                why = "Its first run ended the process."
                self.results.setdefault(name, CheckResult(name, None, why))
        return self._without_result(names)

    def _without_result(self, names: Sequence[str]) -> Sequence[str]:
        return tuple(name for name in names if name not in self.results)
