"""`medview plugins check`: does a model keep the contract that every model must keep."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from medview.app.cli import console, exit_codes
from medview.app.cli.environment import Environment
from medview.app.cli.options import AsJson
from medview.app.cli.plugins.arguments import Yes, agree, all_installed

if TYPE_CHECKING:
    from medview.app.controllers.packages.checking import ModelReport
    from medview.core.data.image2d import Image2D
    from medview.core.data.volume import Volume
    from medview.core.progress import ProgressFn
    from medview.host.discovery import Found

SCHEMA = "medview.check/1"


@dataclass(frozen=True, slots=True)
class _Trial:
    """On what models are run, and how many seconds one check may take."""

    sample: Volume | Image2D | None
    seconds: float


def check(
    context: typer.Context,
    what: Annotated[
        str,
        typer.Argument(
            metavar="NAME|PATH",
            help="An installed package or model, or a wheel, folder, zip, pack or bundle.",
        ),
    ],
    sample: Annotated[
        Path | None,
        typer.Option("--sample", metavar="PATH", help="A series or picture to run it on."),
    ] = None,
    seconds: Annotated[
        float,
        typer.Option(min=1.0, metavar="N", help="How long one check may take before it is ended."),
    ] = 300.0,
    badge: Annotated[
        Path | None,
        typer.Option("--badge", metavar="FILE", help="Write a badge: .svg, or .json."),
    ] = None,
    yes: Yes = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask no package index for what is missing.")
    ] = False,
    find_links: Annotated[
        list[Path] | None,
        typer.Option("--find-links", metavar="DIR", help="A folder of wheels; may be repeated."),
    ] = None,
    json: AsJson = False,
) -> int:
    """Run the conformance kit on the models of a package.

    What is at PATH is built and installed for the check alone; what is installed stays as it is.
    The models run in processes of their own, without network.
    Ends with 5 if a check failed, 6 if weights are missing, 4 if a model takes no generated sample.
    """
    from medview.app.controllers.packages.badge import outcome_of, require_badge_name, write_badge

    environment: Environment = context.obj
    if badge is not None:
        require_badge_name(badge)
    trial = _Trial(_sample(environment, sample), seconds)
    path = Path(what)
    if path.exists() or _looks_like_path(what):
        environment.keep_out_of_log([path])
        reports = _of_path(environment, what, trial, yes, offline, find_links or [])
    else:
        reports = _of_installed(environment, what, trial)
    if badge is not None:
        write_badge(badge, reports)
    if json:
        console.document(_document(reports))
    else:
        _show(reports)
    outcome = outcome_of(reports)
    if outcome == "failing":
        return exit_codes.MODEL
    hindrances = {report.hindrance for report in reports if report.outcome == "incomplete"}
    if "weights" in hindrances:
        return exit_codes.WEIGHTS
    if "unfit" in hindrances:
        return exit_codes.UNFIT
    return exit_codes.DONE if outcome == "conformant" else exit_codes.MODEL


def _looks_like_path(what: str) -> bool:
    return any(mark in what for mark in "/\\") or what.lower().endswith((".whl", ".zip", ".json"))


def _of_installed(environment: Environment, name: str, trial: _Trial) -> list[ModelReport]:
    from medview.app.controllers.packages.manage import model_named, named
    from medview.host.discovery import discover
    from medview.host.packages.found import found_packages

    each = named(all_installed(environment), name)
    store = environment.packages
    everything = discover(can_isolate=True, packages=found_packages(store, store.index()))
    apart = each.package is not None
    found = [f for f in everything if f.distribution == each.name and bool(f.site) == apart]
    one = [f for f in found if f.id == model_named(each, name)]
    with console.working("Checking") as progress:
        return _checked(one or found, environment.folders.weights, trial, progress)


def _of_path(
    environment: Environment,
    asked: str,
    trial: _Trial,
    yes: bool,
    offline: bool,
    find_links: list[Path],
) -> list[ModelReport]:
    from medview.app.controllers.packages.install import looked_at, places_for
    from medview.app.controllers.packages.staged import staged
    from medview.app.controllers.packages.terms import in_words, terms_of
    from medview.host.discovery import FIRST_PARTY

    places = places_for(offline=offline, find_links=find_links)
    with looked_at(asked, places) as chosen:
        if chosen.offer.distribution in FIRST_PARTY:
            name = chosen.offer.distribution
            console.remark(f"{name} comes with medview: the installed one is checked.")
            return _of_installed(environment, name, trial)
        console.remark(in_words(terms_of(chosen)))
        agree(
            "Check it? This builds the package and runs its code.",
            yes=yes,
            otherwise="Nothing was run",
        )
        with (
            console.working("Installing it for the check") as progress,
            staged(chosen, progress) as found,
        ):
            return _checked(list(found), environment.folders.weights, trial, progress)


def _checked(
    found: list[Found],
    weights_folder: Path,
    trial: _Trial,
    progress: ProgressFn,
) -> list[ModelReport]:
    from medview.app.controllers.packages.checking import check_found

    return [
        check_found(
            one,
            weights_folder=weights_folder,
            sample=trial.sample,
            check_s=trial.seconds,
            progress=progress,
        )
        for one in found
    ]


def _sample(environment: Environment, path: Path | None) -> Volume | Image2D | None:
    if path is None:
        return None
    from medview.app.controllers.open_source import choose_image_series, load_source, scan_paths
    from medview.core.data.image2d import Image2D
    from medview.core.data.volume import Volume
    from medview.core.errors import UsageError

    environment.keep_out_of_log([path])
    with console.working("Reading the sample") as progress:
        found = scan_paths([path], progress=progress)
        environment.keep_out_of_log([path], found)
        source = load_source(choose_image_series(found), progress=progress)
    if not isinstance(source, Volume | Image2D):
        raise UsageError("A sample is a volume or a picture.")
    return source


def _document(reports: list[ModelReport]) -> dict[str, Any]:
    from medview import __version__
    from medview.app.controllers.packages.badge import outcome_of

    return {
        "schema": SCHEMA,
        "medview": __version__,
        "outcome": outcome_of(reports),
        "models": [
            {
                "id": report.id,
                "title": report.title,
                "distribution": report.distribution,
                "version": report.version,
                "outcome": report.outcome,
                "passed": report.passed,
                "made": report.made,
                "checks": [
                    {"check": r.check, "state": _state(r.passed), "message": r.words}
                    for r in report.results
                ],
            }
            for report in reports
        ],
    }


def _show(reports: list[ModelReport]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    colours = {True: "green", False: "bold red", None: "dim"}
    out = Console(file=sys.stdout, highlight=False)
    for report in reports:
        # Text, not markup: every word of a model is foreign.
        table = Table(title=Text(f"{report.title}  ({report.id} {report.version})"), box=None)
        table.title_justify = "left"
        table.add_column("check", no_wrap=True)
        table.add_column("", no_wrap=True)
        table.add_column("", overflow="fold")
        for result in report.results:
            state = Text(_state(result.passed), style=colours[result.passed])
            table.add_row(result.check, state, Text(_printable(result.words)))
        out.print(table)
        out.print(Text(f"{report.outcome}: {report.passed} of {report.made} checks passed\n"))


def _state(passed: bool | None) -> str:
    return "not checked" if passed is None else "passed" if passed else "failed"


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)
