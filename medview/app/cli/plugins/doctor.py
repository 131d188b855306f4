"""`medview plugins doctor`: why a model does not work, and what to do about it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from medview.app.cli import console, exit_codes
from medview.app.cli.environment import Environment
from medview.app.cli.options import AsJson
from medview.app.cli.plugins.arguments import all_installed

SCHEMA = "medview.doctor/1"


def doctor(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="All packages by default.")
    ] = None,
    repair: Annotated[
        bool,
        typer.Option(
            "--repair",
            help="Before: have the models describe themselves anew. Without NAME also sweep "
            "leftovers, and make a damaged list of packages again from their directories.",
        ),
    ] = False,
    json: AsJson = False,
) -> int:
    """Examine packages: files, versions, devices, weights, import time, last failure.

    Ends with 5 if something is wrong. The report holds no patient data and no paths.
    """
    from medview.app.controllers.packages import manage
    from medview.app.controllers.packages.doctor import examine, host_facts, report_of
    from medview.host.discovery import discover
    from medview.host.packages.found import found_packages

    environment: Environment = context.obj
    store = environment.packages
    cards = environment.folders.index / "cards"
    if repair and name is None and (told := manage.repair(store, cards)):
        console.remark(told)
    everything = all_installed(environment)
    chosen = everything if name is None else (manage.named(everything, name),)
    packages = found_packages(store, store.index())
    found = discover(can_isolate=True, packages=packages)
    if repair and name is not None:
        of_it = (item for item in found if item.distribution == chosen[0].name)
        manage.describe_again(of_it, cards)
    with console.working("Examining") as progress:
        findings = [
            examine(
                each,
                store=store,
                handles=environment.catalogue.models,
                found=found,
                weights_folder=environment.folders.weights,
                failures=environment.failures,
                progress=progress,
            )
            for each in chosen
        ]
    if json:
        rows = [{**asdict(finding), "sound": finding.is_sound} for finding in findings]
        console.document({"schema": SCHEMA, "host": dict(host_facts()), "packages": rows})
    else:
        console.result(report_of(findings))
    if repair and any(finding.problems for finding in findings):
        console.remark(
            "--repair does not bring back files of a package: it has to be installed again."
        )
    return exit_codes.DONE if all(f.is_sound for f in findings) else exit_codes.MODEL
