"""`medview convert`: write a series as NIfTI, NRRD or MHA."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from medview.app.cli import console, exit_codes
from medview.app.cli.environment import Environment
from medview.app.cli.options import Overwrite, SeriesUid, SourcePath, TimePoint


def convert(
    context: typer.Context,
    path: SourcePath,
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="Ends in .nii, .nii.gz, .nrrd or .mha.")
    ],
    series: SeriesUid = None,
    time: TimePoint = 0,
    overwrite: Overwrite = False,
) -> int:
    """Write a series as NIfTI, NRRD or MHA, by OUT's extension."""
    from medview.app.controllers.convert import convert_series, require_format
    from medview.app.controllers.open_source import choose_image_series, scan_paths

    environment: Environment = context.obj
    environment.keep_out_of_log([path, out])
    require_format(out, overwrite=overwrite, sources=(path,))
    with console.working("Reading") as progress:
        found = scan_paths([path], progress=progress)
        environment.keep_out_of_log([], found)
        entry = choose_image_series(found, series)
        volume = convert_series(entry, out, time=time, overwrite=overwrite, progress=progress)
    console.remark(f"Wrote {out.name}: {' x '.join(str(n) for n in volume.grid.shape)} voxels.")
    return exit_codes.DONE
