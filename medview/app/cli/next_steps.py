"""What a person can type next after a model could not be used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from medview.core.errors import MedviewError, ModelError, WeightsError

if TYPE_CHECKING:
    from medview.host.handle import ModelHandle


@contextmanager
def helping(handle: ModelHandle, restriction: str) -> Iterator[None]:
    """Let an error of the block end with the command that helps.

    Parameters
    ----------
    handle : ModelHandle
    restriction : str
        Why this session leaves models out, as the catalogue says it; no command ends that.
    """
    try:
        yield
    except MedviewError as error:
        # A note, so that the error stays what it is, whatever it is made of.
        if step := next_step(error, handle, restriction):
            error.add_note(step)
        raise


def next_step(error: MedviewError, handle: ModelHandle, restriction: str = "") -> str:
    """A sentence with the command that helps; empty where there is none."""
    if isinstance(error, ModelError) and error.code != "out-of-memory":
        return f"Its report, with the place in its code: medview plugins doctor {handle.id}"
    if isinstance(error, WeightsError):
        addresses = {weights.url for weights in handle.card.weights} if handle.card else set()
        if addresses - {""}:
            return "To install them: medview weights list, then medview weights install NAME"
        return "Its card names no address for them: its publisher has to tell where they are."
    if error.code == "model-disabled" and handle.switched_off != restriction:
        return f"To switch it on: medview plugins enable {handle.id}"
    return ""
