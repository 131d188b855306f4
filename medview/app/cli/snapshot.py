"""`medview snapshot`: a picture of a series and its findings, without a display."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from medview.app.cli import console, exit_codes
from medview.app.cli.environment import Environment
from medview.app.cli.options import Overwrite, SeriesUid, SourcePath, TimePoint
from medview.core.errors import UsageError
from medview.core.scene.layout import Layout

if TYPE_CHECKING:
    from medview.core.data.intensity import Window
    from medview.core.findings.base import Findings

_LARGEST = 8192


def snapshot(
    context: typer.Context,
    path: SourcePath,
    out: Annotated[Path, typer.Option("-o", "--out", metavar="PNG", help="The file to write.")],
    series: SeriesUid = None,
    time: TimePoint = 0,
    findings: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A findings folder to draw on it.")
    ] = None,
    layout: Annotated[Layout, typer.Option(help="Which views.")] = Layout.FOUR_UP,
    size: Annotated[str, typer.Option(metavar="WxH", help="In pixels.")] = "1600x1000",
    window: Annotated[
        str | None, typer.Option(metavar="W/L", help="Window width and level, e.g. 1500/-600.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(metavar="X,Y,Z", help="Where the planes cross, in LPS millimetres."),
    ] = None,
    identifiers: Annotated[
        bool, typer.Option("--identifiers", help="Show the person's name and id.")
    ] = False,
    overwrite: Overwrite = False,
) -> int:
    """Draw a series, with findings if given, as a PNG."""
    from medview.app.controllers.open_source import choose_image_series, load_source, scan_paths
    from medview.app.controllers.output import require_free_file
    from medview.app.controllers.snapshot import (
        Picture,
        draw_snapshot,
        require_same_place,
        require_same_time,
        require_volume,
        write_png,
    )
    from medview.core.data.volume import Volume

    environment: Environment = context.obj
    environment.keep_out_of_log([path, out, *([findings] if findings else [])])
    width, height = pixels(size)
    picture = Picture(
        layout,
        width,
        height,
        levels(window) if window else None,
        point(at) if at else None,
        identifiers,
    )
    if out.suffix.lower() != ".png":
        raise UsageError(f"'{out.name}' does not end in .png.", code="unknown-format")
    require_free_file(out, overwrite=overwrite)
    with environment.log(), console.working("Reading") as progress:
        found = scan_paths([path], progress=progress)
        environment.keep_out_of_log([], found)
        entry = choose_image_series(found, series)
        require_volume(entry.series)
        shown = (_read(findings),) if findings else ()
        for each in shown:
            require_same_place(each, entry.series)
            require_same_time(each, entry.series, time)
        volume = load_source(entry, time=time, progress=progress)
        assert isinstance(volume, Volume)
        progress(None, "Drawing")
        write_png(out, draw_snapshot(entry, volume, picture, shown), overwrite=overwrite)
    console.remark(f"Wrote {out.name}.")
    return exit_codes.DONE


def pixels(text: str) -> tuple[int, int]:
    """Width and height of ``1600x1000``."""
    match = re.fullmatch(r"(\d{1,5})x(\d{1,5})", text)
    width, height = (int(match[1]), int(match[2])) if match else (0, 0)
    if not (64 <= width <= _LARGEST and 64 <= height <= _LARGEST):
        raise UsageError(f"--size takes WxH from 64x64 to {_LARGEST}x{_LARGEST}, not '{text}'.")
    return width, height


def levels(text: str) -> Window:
    """Window of ``W/L``; the width is above zero."""
    from medview.core.data.intensity import Window

    numbers = _numbers(text, "/", 2)
    if numbers is None or numbers[0] <= 0:
        raise UsageError(f"--window takes W/L, e.g. 1500/-600, not '{text}'.")
    return Window(numbers[0], numbers[1])


def point(text: str) -> tuple[float, float, float]:
    """LPS millimetres of ``X,Y,Z``."""
    numbers = _numbers(text, ",", 3)
    if numbers is None:
        raise UsageError(f"--at takes X,Y,Z in millimetres, e.g. -10,5,3, not '{text}'.")
    return numbers[0], numbers[1], numbers[2]


def _numbers(text: str, separator: str, count: int) -> list[float] | None:
    from math import isfinite

    try:
        values = [float(part) for part in text.split(separator)]
    except ValueError:
        return None
    return values if len(values) == count and all(map(isfinite, values)) else None


def _read(folder: Path) -> Findings:
    from medview.io.export.findings_folder import read_findings

    if not (folder / "findings.json").is_file():
        raise UsageError(f"'{folder.name}' is no findings folder.", code="no-findings")
    return read_findings(folder)
