"""`medview plugins install`: show the terms of a package, ask, and install it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from medview.app.cli import console, exit_codes
from medview.app.cli.environment import Environment
from medview.app.cli.options import AsJson
from medview.app.cli.plugins.arguments import Yes, agree, confirmed


def install(
    context: typer.Context,
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help="A wheel, a folder or zip of a package, an offline pack, a bundle, or a name "
            "on the package index.",
        ),
    ],
    yes: Yes = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask no package index for what is missing.")
    ] = False,
    find_links: Annotated[
        list[Path] | None,
        typer.Option("--find-links", metavar="DIR", help="A folder of wheels; may be repeated."),
    ] = None,
    index_url: Annotated[
        str, typer.Option("--index-url", metavar="URL", help="The package index to ask.")
    ] = "",
    allow_network: Annotated[
        bool,
        typer.Option(
            "--allow-network", help="Agree beforehand to the network for models that ask for it."
        ),
    ] = False,
    json: AsJson = False,
) -> int:
    """Install a package of models into a directory of its own, beside the application."""
    from medview.app.cli.plugins.show import document_of
    from medview.app.controllers.models import open_isolation
    from medview.app.controllers.packages.install import install_package, looked_at, places_for
    from medview.app.controllers.packages.taken import models_of_others
    from medview.app.controllers.packages.terms import change_in_words, in_words, terms_of

    environment: Environment = context.obj
    path = Path(source)
    if path.exists():
        environment.keep_out_of_log([path])
    places = places_for(offline=offline, index_url=index_url, find_links=find_links or ())
    with looked_at(source, places) as chosen:
        taken = models_of_others(environment.packages, chosen.offer.distribution)
        console.remark(in_words(terms_of(chosen, taken)))
        before = environment.packages.index().packages.get(chosen.offer.distribution)
        if change := change_in_words(before, chosen.offer.version):
            console.remark(f"\n  {change}")
        agree("Install it?", yes=yes)
        isolation = open_isolation(environment.folders)
        try:
            with console.working("Installing") as progress:
                generation = install_package(chosen, environment.packages, isolation, progress)
        finally:
            isolation.close()
    _network(environment, generation.distribution, allow=allow_network, ask=not yes)
    if json:
        console.document(document_of(environment, generation.distribution))
        return exit_codes.DONE
    how = "with a complete set of its own" if generation.complete else "beside the application"
    instead = f", in place of {before.current.version}" if before is not None else ""
    console.result(f"{generation.distribution} {generation.version}  installed {how}{instead}")
    for model in generation.models:
        console.result(f"  {model.id}")
    return exit_codes.DONE


def _network(environment: Environment, distribution: str, *, allow: bool, ask: bool) -> None:
    """Agree to the network apart: agreeing to a package is not agreeing to this."""
    from medview.app.cli.plugins.network import agree_to_network, uses_of

    for use in uses_of(environment, distribution):
        if not use.asks or use.agreed:
            continue
        if allow or (ask and confirmed(f"May the model '{use.model}' use the network?")):
            agree_to_network(environment, [use], agreed=True)
        else:
            console.remark(
                f"The model '{use.model}' asks for the network and runs without. "
                f"To agree: medview plugins network {use.model} --allow"
            )
