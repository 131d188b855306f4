"""`medview run`: run a model on a series and write a findings folder."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import TimeoutError as NotYet
from json import loads
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from medview.app.cli import console, exit_codes
from medview.app.cli.environment import Environment
from medview.app.cli.options import (
    AsJson,
    IntensityOption,
    Overwrite,
    SeriesUid,
    SourcePath,
    TimePoint,
)

if TYPE_CHECKING:
    from medview.core.findings.base import Findings
    from medview.core.progress import ProgressFn
    from medview.jobs.events import JobEvent
    from medview.jobs.job import Job


def run(
    context: typer.Context,
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="The id, as 'medview models' shows it.")
    ],
    path: SourcePath,
    out: Annotated[
        Path, typer.Option("-o", "--out", metavar="DIR", help="The findings folder to write.")
    ],
    series: SeriesUid = None,
    time: TimePoint = 0,
    device: Annotated[
        str, typer.Option(metavar="auto|cpu|cuda|cuda:N|mps", help="What to compute on.")
    ] = "auto",
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A parameter of the model; repeatable."),
    ] = None,
    intensity: IntensityOption = None,
    reproducible: Annotated[
        bool, typer.Option("--reproducible", help="Equal input gives equal output, if slower.")
    ] = False,
    overwrite: Overwrite = False,
    json: AsJson = False,
) -> int:
    """Run MODEL on a series at PATH and write its findings to DIR.

    Without --series, the only series that fits is taken.
    """
    from medview.app.cli.findings_text import lines_of
    from medview.app.cli.next_steps import helping
    from medview.app.controllers.open_source import choose_for_model, load_source, scan_paths
    from medview.app.controllers.output import require_free_folder
    from medview.app.controllers.run_model import submit_run
    from medview.app.controllers.save_findings import save_findings
    from medview.core.data.intensity import Intensity
    from medview.jobs.devices import choose_device
    from medview.jobs.runner import PATIENCE_S, Runner

    environment: Environment = context.obj
    environment.keep_out_of_log([path, out])
    values = parameters(settings or ())
    require_free_folder(out, overwrite=overwrite, sources=(path,))
    choose_device(device)
    meaning = Intensity(intensity) if intensity else None
    with environment.log(), console.working("Reading") as progress:
        handle = environment.catalogue.handle(model)
        with helping(handle, environment.catalogue.restriction):
            handle.loaded()
            found = scan_paths([path], progress=progress)
            environment.keep_out_of_log([], found)
            entry, judged = choose_for_model(found, handle, series, time=time, intensity=meaning)
            if judged.fit == "doubtful":
                console.remark(f"Doubtful: {' '.join(judged.reasons)}")
            source = load_source(entry, time=time, intensity=meaning, progress=progress)
            runner = Runner()
            try:
                job = submit_run(
                    runner,
                    handle,
                    source,
                    weights_folder=environment.folders.weights,
                    values=values,
                    device=device,
                    reproducible=reproducible,
                    on_event=lambda event: tell(event, progress),
                    failures=environment.failures,
                )
                findings = wait_for(job)
                written = save_findings(findings, out, overwrite=overwrite)
            finally:
                environment.left_running = runner.shutdown(PATIENCE_S)
    if json:
        # Parsed first: as one document in ASCII no console can turn it into another one.
        console.document(loads(written.read_text(encoding="utf-8")))
    elif findings.items:
        console.result("\n".join(lines_of(findings)))
    count = len(findings.items)
    console.remark(f"Wrote {count} finding{'' if count == 1 else 's'} to {out}. Not for diagnosis.")
    return exit_codes.DONE


def parameters(settings: Sequence[str]) -> dict[str, str]:
    """Names and values of ``--set name=value``.

    Raises
    ------
    UsageError
        If one has no ``=`` or no name, or a name comes twice.
    """
    from medview.core.errors import UsageError

    values: dict[str, str] = {}
    for text in settings:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"--set takes name=value, not '{text}'.")
        if name.strip() in values:
            raise UsageError(f"--set names '{name.strip()}' twice.")
        values[name.strip()] = value
    return values


def tell(event: JobEvent, progress: ProgressFn) -> None:
    """Bring one event of the job to the terminal."""
    if event.kind == "progress":
        progress(event.fraction, event.text)
    elif event.kind in ("fallback", "warning"):
        console.remark(event.text)


def wait_for(job: Job[Findings]) -> Findings:
    """The result of a job; Ctrl+C cancels it.

    Waits in short turns, because on Windows a thread that waits without end
    does not hear Ctrl+C.
    """
    while True:
        try:
            return job.future.result(timeout=0.2)
        except NotYet:
            if job.future.done():
                return job.future.result()
        except KeyboardInterrupt:
            job.cancel()
            raise
