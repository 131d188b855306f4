"""Which exit code tells which kind of end; the one place that decides."""

from __future__ import annotations

from medview.core.errors import (
    GeometryError,
    InputError,
    MedviewError,
    ModelError,
    UnfitError,
    WeightsError,
)

DONE = 0
DEFECT = 1
USAGE = 2
UNREADABLE = 3
UNFIT = 4
MODEL = 5
WEIGHTS = 6
CANCELLED = 130

_BY_KIND: tuple[tuple[type[MedviewError], int], ...] = (
    (InputError, UNREADABLE),
    (GeometryError, UNREADABLE),
    (UnfitError, UNFIT),
    (ModelError, MODEL),
    (WeightsError, WEIGHTS),
)


def exit_code(error: MedviewError) -> int:
    """The exit code of an error that medview can explain.

    What is of no other kind, such as a folder that cannot be written, is for
    the caller to put right: wrong usage.
    """
    return next((code for kind, code in _BY_KIND if isinstance(error, kind)), USAGE)
