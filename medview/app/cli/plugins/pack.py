"""`medview plugins pack`: one file with which a package can be installed offline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from medview.app.cli import console, exit_codes
from medview.app.cli.environment import Environment
from medview.app.cli.options import Overwrite
from medview.app.cli.plugins.arguments import Name, all_installed


def pack(
    context: typer.Context,
    name: Name,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE.zip", help="The pack.")],
    platform: Annotated[
        str, typer.Option("--platform", metavar="P", help="For another system, e.g. win_amd64.")
    ] = "",
    offline: Annotated[bool, typer.Option("--offline", help="Ask no package index.")] = False,
    find_links: Annotated[
        list[Path] | None,
        typer.Option("--find-links", metavar="DIR", help="A folder of wheels; may be repeated."),
    ] = None,
    overwrite: Overwrite = False,
) -> int:
    """Write an installed package, its locked wheels and its weights into one zip.

    Refused where its files are not what was installed any more.
    """
    from medview.app.controllers.packages.install import places_for
    from medview.app.controllers.packages.manage import named
    from medview.app.controllers.packages.packing import pack_package

    environment: Environment = context.obj
    environment.keep_out_of_log([output])
    each = named(all_installed(environment), name)
    handles = [h for h in environment.catalogue.models if h.distribution == each.name]
    with console.working("Packing") as progress:
        pack_package(
            each,
            output,
            store=environment.packages,
            handles=handles,
            weights_folder=environment.folders.weights,
            places=places_for(offline=offline, find_links=find_links or ()),
            platform=platform,
            overwrite=overwrite,
            progress=progress,
        )
    console.result(f"{each.name} {each.version}  packed in {output.name}")
    return exit_codes.DONE
