"""`medview plugins network`: whether models may use the network, and to change that."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from medview.app.cli import console, exit_codes
from medview.app.cli.environment import Environment
from medview.app.cli.plugins.arguments import Name, all_installed
from medview.core.errors import UsageError

if TYPE_CHECKING:
    from medview.app.controllers.packages.network import NetworkUse


def network(
    context: typer.Context,
    name: Name,
    allow: Annotated[
        bool | None,
        typer.Option("--allow/--deny", help="Let it use the network, or no longer; else tell."),
    ] = None,
) -> int:
    """Tell or change whether a model that asks for the network may use it."""
    environment: Environment = context.obj
    uses = uses_of(environment, name)
    if allow and not any(use.asks for use in uses):
        raise UsageError(f"'{name}' does not ask for the network.", code="network-not-asked")
    if allow is not None:
        agree_to_network(environment, uses, agreed=allow)
        console.remark(f"{'Allowed' if allow else 'Denied'} the network to {name}.")
        return exit_codes.DONE
    for use in uses:
        console.result(f"{use.model}  {use.words}")
    return exit_codes.DONE


def uses_of(environment: Environment, name: str) -> tuple[NetworkUse, ...]:
    """The models of a package, or one model."""
    from medview.app.controllers.packages.manage import model_named, named
    from medview.app.controllers.packages.network import network_uses
    from medview.config.store import load_settings

    each = named(all_installed(environment), name)
    model = model_named(each, name)
    wanted = {model} if model else set(each.models)
    handles = [
        handle
        for handle in environment.catalogue.models
        if handle.distribution == each.name and handle.id in wanted
    ]
    settings = load_settings(environment.folders.settings_file).settings
    return network_uses(handles, settings)


def agree_to_network(environment: Environment, uses: Iterable[NetworkUse], *, agreed: bool) -> None:
    """Keep a consent, or take it back."""
    from medview.app.controllers.models import LiveCatalogue
    from medview.app.controllers.packages.network import with_consent
    from medview.config.store import load_settings, save_settings

    file = environment.folders.settings_file
    settings = with_consent(load_settings(file).settings, uses, agreed=agreed)
    save_settings(file, settings)
    if isinstance(environment.catalogue, LiveCatalogue):
        environment.catalogue.look_again(
            disabled=frozenset(settings.models.disabled),
            network=frozenset(settings.models.network),
        )
