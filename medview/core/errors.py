"""One exception tree; every error carries a stable code and a sentence for people."""

from __future__ import annotations


class MedviewError(Exception):
    """Anything medview can explain to a person.

    Parameters
    ----------
    message : str
        One or two sentences: what happened, to which thing, what to do.
        Never holds patient names, ids, dates or absolute paths of the user,
        because messages reach the log.
    code : str, optional
        Stable kebab-case identifier for scripts and tests.
    """

    code = "error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class InputError(MedviewError):
    """A file or folder cannot be read or is not what was asked for."""

    code = "input"


class GeometryError(MedviewError):
    """Slices, affines or grids do not describe a regular sampling of space."""

    code = "geometry"


class UnfitError(MedviewError):
    """A model must not be run on this input."""

    code = "unfit"


class ModelError(MedviewError):
    """A model broke one of its promises: it raised, or its result is invalid."""

    code = "model"


class WeightsError(MedviewError):
    """Weights of a model are absent or do not match their recorded hash."""

    code = "weights"


class UsageError(MedviewError):
    """The request itself is wrong: an unknown name, value or combination."""

    code = "usage"
