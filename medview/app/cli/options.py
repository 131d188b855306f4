"""Arguments and options that several commands share, with one meaning each."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

SourcePath = Annotated[
    Path, typer.Argument(metavar="PATH", help="A file, a folder, a DICOMDIR or a zip.")
]
SeriesUid = Annotated[
    str | None,
    typer.Option("--series", metavar="UID", help="The series, as 'medview info' names it."),
]
TimePoint = Annotated[
    int, typer.Option("--time", metavar="N", min=0, help="Time point of a 4D series, from 0.")
]
Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Replace the output if it is already there.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")]


class StatedIntensity(StrEnum):
    """What a person may say of the values of a file that does not say it."""

    HOUNSFIELD = "hounsfield"
    ARBITRARY = "arbitrary"


IntensityOption = Annotated[
    StatedIntensity | None,
    typer.Option("--intensity", help="What the values mean, where the file does not say."),
]
