"""`medview sample`: write the embedded sample study."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from medview.app.cli import console, exit_codes


def sample(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A folder: absent or empty.")],
) -> int:
    """Write the embedded sample study, a generated thorax, as DICOM."""
    from medview.app.controllers.sample import write_sample

    with console.working("Generating the sample study") as progress:
        count = write_sample(out, progress=progress)
    console.remark(f"Wrote {count} files to {out}.")
    return exit_codes.DONE
