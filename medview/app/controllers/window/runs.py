"""`Runs`: submits models, follows their jobs, and puts what they found into the scene."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from psygnal import Signal

from medview.app.background import Background
from medview.app.controllers.window.activity import Activity
from medview.app.controllers.window.loading import Data
from medview.app.controllers.window.notices import Notices
from medview.app.label_facts import LabelFact, label_facts
from medview.app.results import Result, Results, layers_for
from medview.app.session import Session
from medview.app.wording import finished, in_sentence
from medview.core.findings.base import Findings
from medview.core.findings.labelmap import LabelMap
from medview.core.scene.layer import Layer
from medview.core.scene.scene import OpenSource
from medview.core.undo.commands import AddLayers
from medview.host.discovery import Found
from medview.host.handle import ModelHandle
from medview.jobs.events import EventSink, JobEvent
from medview.jobs.job import Job
from medview.jobs.outcome import Done, Failed, Report, report_of

Facts = Mapping[str, tuple[LabelFact, ...]]


class Submit(Protocol):
    """Checks and queues a run; the same function serves the command line."""

    def __call__(
        self,
        handle: ModelHandle,
        source: Data,
        values: Mapping[str, Any],
        on_event: EventSink,
    ) -> Job[Findings]:
        """Called on a worker, because it may look for devices; `on_event` is told on workers."""


@dataclass(eq=False)
class _Run:
    """One press of Run: known at once, its job a moment later."""

    key: str
    handle: ModelHandle
    source: OpenSource
    job: Job[Findings] | None = None
    ended: bool = False
    cancelled: bool = False


class Bridge(Protocol):
    """Brings calls to the GUI thread."""

    def call_soon(self, call: Callable[[], None]) -> None:
        """In order."""

    def call_latest(self, key: Hashable, call: Callable[[], None]) -> None:
        """Only the newest under a key."""


class Runs:
    """From the Run button to layers in the scene.

    Parameters
    ----------
    session : Session
    results : Results
    activity : Activity
    notices : Notices
    background : Background
        Counts structures, off the GUI thread.
    bridge : Bridge
    submit : Submit
    show_source : callable
        Brings the views to a source and its time point, when the reader clicks on a toast of
        another one.
    """

    changed = Signal()
    """Emitted when a run begins or ends."""

    def __init__(
        self,
        session: Session,
        results: Results,
        activity: Activity,
        notices: Notices,
        background: Background,
        bridge: Bridge,
        *,
        submit: Submit,
        show_source: Callable[[OpenSource], None],
    ) -> None:
        self._session = session
        self._results = results
        self._activity = activity
        self._notices = notices
        self._background = background
        self._bridge = bridge
        self._submit = submit
        self._show_source = show_source
        self._numbers = itertools.count(1)
        self._runs: dict[str, _Run] = {}
        self._failures: dict[tuple[Found, str], Report] = {}

    @property
    def is_idle(self) -> bool:
        """Whether no run waits or goes on."""
        return not self._runs

    def is_running(self, model_id: str, source: OpenSource | None) -> bool:
        """Whether a model's run on a source, at its present time point, waits or goes on."""
        return self._find(model_id, source) is not None

    def is_busy(self, model_id: str) -> bool:
        """Whether any run of a model waits or goes on."""
        return any(run.handle.id == model_id for run in self._runs.values())

    def failure_of(self, handle: ModelHandle, source: OpenSource | None) -> Report | None:
        """How the last run of a model on a source failed; None where it did not.

        A failure belongs to one installation of the model: to its version, and its directory.
        """
        return self._failures.get((handle.found, source.id)) if source is not None else None

    def run(
        self, handle: ModelHandle, source: OpenSource, values: Mapping[str, Any] | None = None
    ) -> None:
        """Run a model on an open source; nothing happens if it does so already."""
        if self.is_running(handle.id, source):
            return
        run = _Run(f"run-{next(self._numbers)}", handle, source)
        self._runs[run.key] = run
        self._failures.pop((handle.found, source.id), None)
        title = f"{handle.title}{_at_time(source)}"
        self._activity.begin(run.key, title, lambda: self._cancel(run), waiting=False)
        self._activity.update(run.key, None, "starting")
        self.changed.emit()
        self._background.start(
            "models",
            lambda task: self._submit(
                handle, source.data, values or {}, lambda event: self._receive(run, event)
            ),
            done=lambda job: self._on_submitted(run, job),
            failed=lambda error: self._on_refused(run, error),
        )

    def cancel(self, model_id: str, source: OpenSource | None) -> None:
        """Cancel a model's run on a source, at its present time point."""
        run = self._find(model_id, source)
        if run is not None:
            self._activity.cancel(run.key)

    def _find(self, model_id: str, source: OpenSource | None) -> _Run | None:
        if source is None:
            return None
        for run in self._runs.values():
            is_here = (run.source.id, run.source.time) == (source.id, source.time)
            if run.handle.id == model_id and is_here:
                return run
        return None

    # ---- on worker threads -----------------------------------------------------------

    def _receive(self, run: _Run, event: JobEvent) -> None:
        if event.kind == "progress":
            self._bridge.call_latest(("run", run.key), lambda: self._on_event(run, event))
        else:
            self._bridge.call_soon(lambda: self._on_event(run, event))

    # ---- on the GUI thread -----------------------------------------------------------

    def _on_submitted(self, run: _Run, job: Job[Findings]) -> None:
        run.job = job
        if run.cancelled:
            job.cancel()
        if run.ended:
            self._conclude(run)

    def _on_refused(self, run: _Run, error: Exception) -> None:
        self._fail(run, report_of(error), error)

    def _cancel(self, run: _Run) -> None:
        run.cancelled = True
        if run.job is not None:
            run.job.cancel()

    def _on_event(self, run: _Run, event: JobEvent) -> None:
        if event.kind == "finished":
            # A quick job can end before the news of its submission is here.
            run.ended = True
            if run.job is not None:
                self._conclude(run)
        elif event.kind == "fallback":
            self._activity.update(run.key, None, event.text)
            self._notices.tell(event.text)
        elif event.kind == "progress":
            self._activity.update(
                run.key,
                event.fraction,
                event.text,
                detail="" if event.device == "cpu" else event.device,
                seconds_left=event.eta_s,
            )

    def _conclude(self, run: _Run) -> None:
        if run.job is None:
            self._forget(run)
            return
        outcome = run.job.outcome
        if isinstance(outcome, Failed):
            self._fail(run, outcome.report, outcome.report)
            return
        self._forget(run)
        match outcome:
            case Done(findings):
                if self._is_open(run.source):
                    self._count(run.job, run.handle, run.source, findings)
            case _:
                self._notices.tell(f"{run.handle.title} was cancelled.")

    def _fail(self, run: _Run, report: Report, told: Exception | Report) -> None:
        if self._is_open(run.source):
            self._failures[run.handle.found, run.source.id] = report
        self._forget(run)
        self._notices.failed(run.handle.title, told)

    def _forget(self, run: _Run) -> None:
        self._runs.pop(run.key, None)
        self._activity.end(run.key)
        self.changed.emit()

    def _count(
        self, job: Job[Findings], handle: ModelHandle, source: OpenSource, findings: Findings
    ) -> None:
        layers = layers_for(job.id, source.id, findings)
        self._background.start(
            "facts",
            lambda task: _facts_of(layers),
            done=lambda facts: self._show(
                Result(job.id, handle.title, source.id, findings, layers, facts), source
            ),
            failed=lambda error: self._notices.failed(handle.title, error),
        )

    def _show(self, result: Result, source: OpenSource) -> None:
        # The reader may have closed the series meanwhile: then the result has no place.
        if not self._is_open(source):
            return
        self._results.add(result)
        self._session.undo.push(
            AddLayers(self._session.scene, result.layers, f"Add {in_sentence(result.title)}")
        )
        active = self._session.scene.active
        if active is not None and (active.id, active.time) == (source.id, source.time):
            self._notices.done(finished(result))
        else:
            self._notices.done(
                finished(result), action="Show", on_action=lambda: self._show_source(source)
            )

    def _is_open(self, source: OpenSource) -> bool:
        # Another time point on screen is the same opening.
        now = self._session.scene.source(source.id)
        return now is not None and now.opening is source.opening


def _at_time(source: OpenSource) -> str:
    times = source.series.times
    return f", t {source.time + 1}/{times}" if times > 1 else ""


def _facts_of(layers: tuple[Layer, ...]) -> Facts:
    return {
        layer.id: label_facts(layer.finding)
        for layer in layers
        if isinstance(layer.finding, LabelMap)
    }
