"""Whether the weights that a package's cards declare lie in it, and are what the cards say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from medview.host.packages.offer import OfferedModel


@dataclass(frozen=True, slots=True)
class UnsoundWeights:
    """Weights that a model has to have and that are not in its package as declared.

    Attributes
    ----------
    model, name : str
    state : {"altered", "absent"}
        Whether a file of another hash lies there, or none, and the card names no address.
    """

    model: str
    name: str
    state: Literal["altered", "absent"]

    @property
    def words(self) -> str:
        """A sentence for whoever is asked to agree."""
        if self.state == "altered":
            return (
                f"The weights '{self.name}' in it are not the file that the card of "
                f"'{self.model}' declares: the SHA-256 differs. So it will not be installed: get "
                "it again, or have its author put the card right."
            )
        return (
            f"The weights '{self.name}' of '{self.model}' are not in it, and its card names no "
            "address for them: without them it cannot be run."
        )


def unsound_weights(
    described: Iterable[tuple[str, Iterable[OfferedModel]]],
    sha256_at: Callable[[str], str | None],
) -> tuple[UnsoundWeights, ...]:
    """Compare what the cards declare with the files beside them.

    Parameters
    ----------
    described : iterable of (str, models)
        The path of each card in the package, and the models that it describes.
    sha256_at : callable
        The hash of a file of the package by its path; None where there is none.
    """
    return tuple(_unsound(described, sha256_at))


def _unsound(
    described: Iterable[tuple[str, Iterable[OfferedModel]]],
    sha256_at: Callable[[str], str | None],
) -> Iterator[UnsoundWeights]:
    for card, models in described:
        folder = card.rpartition("/")[0]
        for model in models:
            for weights in model.weights:
                if PurePath(weights.name).name != weights.name:
                    continue
                path = f"{folder}/weights/{weights.name}" if folder else f"weights/{weights.name}"
                there = sha256_at(path)
                if there is None:
                    if weights.required and not weights.url:
                        yield UnsoundWeights(model.id, weights.name, "absent")
                elif weights.sha256 and there != weights.sha256.lower():
                    yield UnsoundWeights(model.id, weights.name, "altered")
