"""`medview weights`: list, install, verify and remove weights of networks."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from medview.app.cli import console, exit_codes
from medview.app.cli.environment import Environment
from medview.app.cli.options import AsJson
from medview.core.errors import UsageError
from medview.core.progress import Cancelled

if TYPE_CHECKING:
    from medview.host.weights_offers import WeightsOffer
    from medview.host.weights_store import WeightsStore

SCHEMA = "medview.weights-list/1"
Name = Annotated[
    str, typer.Argument(metavar="NAME", help="As 'medview weights list' shows it, or MODEL/NAME.")
]


def weights_app() -> typer.Typer:
    """The group of commands on weights."""
    app = typer.Typer(
        name="weights",
        help="List, install, verify and remove weights of networks.",
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.command("list")(list_weights)
    app.command("install")(install)
    app.command("verify")(verify)
    app.command("remove")(remove)
    return app


def list_weights(context: typer.Context, json: AsJson = False) -> int:
    """Show which weights are known and which are installed. Opens no connection."""
    store, offers = _open(context)
    rows = [_row(store, offer) for offer in offers]
    if json:
        console.document({"schema": SCHEMA, "weights": rows})
        return exit_codes.DONE
    console.result("\n\n".join(_in_words(row) for row in rows))
    return exit_codes.DONE


def install(
    context: typer.Context,
    name: Name,
    source: Annotated[
        Path | None,
        typer.Option("--from", metavar="PATH", help="A file, or a folder that holds it: offline."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Agree beforehand.")] = False,
) -> int:
    """Download weights, or take them from a file, check their hash and install them."""
    from medview.app.controllers.weights import (
        choose_offer,
        file_for,
        install_from_path,
        install_from_url,
    )

    environment: Environment = context.obj
    store, offers = _open(context)
    offer = choose_offer(offers, name)
    if source is not None:
        environment.keep_out_of_log([source])
        file_for(offer, source)
    console.remark(_terms(offer, source))
    _agree(yes)
    with console.working("Installing") as progress:
        if source is not None:
            record = install_from_path(store, offer, source, progress=progress)
        else:
            record = install_from_url(
                store, offer, progress=progress, allow_loopback=environment.allow_loopback
            )
    if not offer.is_pinned:
        console.remark("The publisher states no hash; from now on this one holds.")
    console.result(f"{offer.name}  installed  sha256 {record.sha256}")
    return exit_codes.DONE


def verify(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="All by default.")] = None,
) -> int:
    """Read installed weights in full; ends with 6 if one is not what was installed."""
    from medview.app.controllers.weights import choose_offer

    store, offers = _open(context)
    chosen = (
        [choose_offer(offers, name)]
        if name is not None
        else [offer for offer in offers if store.state(offer.model, offer.name) != "absent"]
    )
    states = []
    with console.working("Checking weights") as progress:
        for offer in chosen:
            states.append(store.verify(offer.model, offer.name, progress))
    for offer, state in zip(chosen, states, strict=True):
        console.result(f"{offer.name}  {state}")
    if not chosen:
        console.remark("No weights are installed.")
    return exit_codes.DONE if set(states) <= {"installed"} else exit_codes.WEIGHTS


def remove(context: typer.Context, name: Name) -> int:
    """Delete installed weights, and forget their hash."""
    from medview.app.controllers.weights import choose_offer

    store, offers = _open(context)
    offer = choose_offer(offers, name)
    if not store.remove(offer.model, offer.name):
        raise UsageError(f"'{offer.name}' is not installed.", code="weights-missing")
    console.remark(f"Removed {offer.name}.")
    return exit_codes.DONE


def _open(context: typer.Context) -> tuple[WeightsStore, tuple[WeightsOffer, ...]]:
    from medview.host.weights_store import WeightsStore

    environment: Environment = context.obj
    return WeightsStore(environment.folders.weights), environment.weights_offers


def _agree(yes: bool) -> None:
    if yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("Nothing was installed: agree with --yes, or run this on a terminal.")
    sys.stderr.write("Install these weights? [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Cancelled


def _terms(offer: WeightsOffer, source: Path | None) -> str:
    if offer.sha256:
        stated = f"SHA-256 {offer.sha256}"
    elif offer.md5:
        stated = f"MD5 {offer.md5}"
    elif offer.sha256_prefix:
        stated = f"SHA-256 beginning with {offer.sha256_prefix}"
    else:
        stated = "none stated"
    size = "not stated" if offer.size_bytes is None else f"{offer.size_bytes} bytes"
    return "\n".join(
        (
            offer.title,
            f"  serves:        {offer.model}",
            f"  publisher:     {offer.publisher or 'not stated'}",
            f"  licence:       {offer.licence}",
            f"  citation:      {offer.citation or 'none'}",
            f"  from:          {offer.url if source is None else source.name}",
            f"  hash:          {stated}",
            f"  size:          {size}",
            "  intended use:  research; not cleared for diagnosis, and not validated here",
        )
    )


def _row(store: WeightsStore, offer: WeightsOffer) -> dict[str, Any]:
    record = store.record(offer.model, offer.name)
    return {
        "name": offer.name,
        "model": offer.model,
        "title": offer.title,
        "state": store.state(offer.model, offer.name),
        "publisher": offer.publisher,
        "licence": offer.licence,
        "citation": offer.citation,
        "url": offer.url or None,
        "size_bytes": record.size_bytes if record else offer.size_bytes,
        "sha256": record.sha256 if record else offer.sha256,
        "md5": offer.md5,
    }


def _in_words(row: dict[str, Any]) -> str:
    return "\n".join(
        (
            f"{row['name']}  {row['state']}",
            f"  {row['title']}",
            f"  serves {row['model']}; {row['publisher']}; {row['licence']}",
        )
    )
