"""Run a model on an opened source as a job: the one way, for the window and `medview run`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from medview.app.controllers.last_failures import LastFailures
from medview.core.data.image2d import Image2D
from medview.core.data.slide import Slide
from medview.core.data.stack import Stack
from medview.core.data.volume import Volume
from medview.core.errors import UnfitError, WeightsError
from medview.core.findings.base import Findings
from medview.host.call import run_model
from medview.host.fit import judged
from medview.host.handle import ModelHandle
from medview.host.params import build
from medview.host.weights import missing_weights, weights_resolver
from medview.jobs.context import JobContext
from medview.jobs.devices import choose_device
from medview.jobs.events import EventSink
from medview.jobs.job import Job
from medview.jobs.runner import Runner


def submit_run(
    runner: Runner,
    handle: ModelHandle,
    source: Volume | Image2D | Slide | Stack,
    *,
    weights_folder: Path,
    values: Mapping[str, Any] | None = None,
    device: str = "auto",
    reproducible: bool = False,
    on_event: EventSink | None = None,
    failures: LastFailures | None = None,
) -> Job[Findings]:
    """Check a request in full, then queue it; nothing is queued that is known to fail.

    Parameters
    ----------
    runner : Runner
    handle : ModelHandle
        Loaded if it was not yet.
    source : Volume, Image2D or Slide
        One time point. Its info says what its values mean.
    weights_folder : Path
        Where installed weights lie.
    values : mapping of str to object, optional
        Parameters that differ from their defaults, typed or as text.
    device : str
        ``"auto"``, ``"cpu"``, ``"cuda"``, ``"cuda:N"`` or ``"mps"``.
    reproducible : bool
        Equal input must give equal output, even if slower.
    on_event : callable, optional
        Receives the job's events, on threads of the runner.
    failures : LastFailures, optional
        Keeps the report, if the run fails.

    Returns
    -------
    Job
        Its future resolves to `Findings` on the source's own grid, with provenance.

    Raises
    ------
    UnfitError
        If the model does not fit the source, is disabled or incompatible.
    ModelError
        If it is broken.
    WeightsError
        If weights that it requires are not installed.
    UsageError
        For an unknown or wrong parameter, or a device that is not there.
    """
    card = handle.loaded().card
    answer = judged(handle, source.info)
    if answer.fit == "unfit" or isinstance(source, Stack):
        raise UnfitError(f"{card.title} does not fit. {' '.join(answer.reasons)}")
    params = build(handle.params_type, values or {})
    chosen = choose_device(device, uses_gpu=card.device.uses_gpu)
    missing = missing_weights(handle, weights_folder)
    if missing:
        names = ", ".join(weights.name for weights in missing)
        raise WeightsError(f"{card.title} needs weights that are not installed: {names}.")

    def work(ctx: JobContext) -> Findings:
        return run_model(handle, source, params, ctx)

    job = runner.submit(
        work,
        title=card.title,
        device=chosen,
        precisions=card.precisions,
        reproducible=reproducible,
        weights=weights_resolver(handle, weights_folder),
        on_event=on_event,
    )
    if failures is not None:
        failures.watch(job.future, handle.id, handle.version)
    return job
