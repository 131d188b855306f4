"""What is told of a package before anyone agrees to install it, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from packaging.version import InvalidVersion, Version

from medview.app.controllers.packages.forecast import forecast
from medview.core.printable import one_line
from medview.host.packages.installer import Prepared
from medview.host.packages.offer import Offer, OfferedModel
from medview.host.packages.records import Package
from medview.host.packages.requirements import applying, satisfied

_NOT_STATED = "not stated"
_TOLD_LATER = "not stated; told by its build"


@dataclass(frozen=True, slots=True)
class Term:
    """One line: what, and the words."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What a person agrees to.

    Attributes
    ----------
    title : str
    package : tuple of Term
    models : tuple of tuple of Term
        For each model: title, intended use, licences, publisher, weights with their hashes.
    warnings : tuple of str
    """

    title: str
    package: tuple[Term, ...]
    models: tuple[tuple[Term, ...], ...]
    warnings: tuple[str, ...]


def terms_of(chosen: Prepared, taken: Mapping[str, str] | None = None) -> Terms:
    """The terms of a package that was looked at, from its static files alone.

    Parameters
    ----------
    chosen : Prepared
    taken : mapping of str to str, optional
        Which of its models another package brings already, and that package.
    """
    offer = chosen.offer
    source = one_line(chosen.source.name, 200)
    name = f"{offer.distribution or source} {offer.version}".strip()
    size = f"{offer.size_bytes:,} bytes".replace(",", " ")
    lines = (
        Term("package", name),
        Term("says", offer.summary),
        Term("publisher", offer.publisher or _without(offer, "publisher")),
        Term("licence", offer.licence or _without(offer, "licences")),
        Term("licence files", ", ".join(offer.licence_files)),
        *_needs(chosen),
        *_build(chosen),
        Term("from", f"{_kind(offer)} {source}, {size}"),
        Term("SHA-256", offer.sha256),
        *_brought(chosen),
    )
    return Terms(
        title=offer.models[0].title if len(offer.models) == 1 else name,
        package=tuple(line for line in lines if line.text),
        models=tuple(map(_model, offer.models)),
        warnings=(*offer.warnings, *_taken(offer, taken or {})),
    )


def change_in_words(installed: Package | None, version: str) -> str:
    """What the installation of a version changes; empty where the package is not there yet."""
    if installed is None:
        return ""
    now = installed.current.version
    if now == version:
        return "The same version is there already; it is installed once more."
    what = "the newer version" if is_newer(now, version) else "version"
    return f"It takes the place of {what} {now}, which can be gone back to."


def is_newer(version: str, than: str) -> bool:
    """Whether a version comes after another; False where one of them is none."""
    try:
        return Version(version) > Version(than)
    except InvalidVersion:
        return False


def _kind(offer: Offer) -> str:
    if offer.is_network:
        return "network with a manifest,"
    words = {"pack": "offline pack", "bundle": "MONAI bundle"}
    return words.get(offer.kind, offer.kind)


def _without(offer: Offer, field: str) -> str:
    return _TOLD_LATER if field in offer.untold else _NOT_STATED


def _needs(chosen: Prepared) -> tuple[Term, ...]:
    offer = chosen.offer
    if "requires" in offer.untold:
        into = "a directory of its own; what it needs is known once it is built"
        return (Term("needs", _TOLD_LATER), Term("goes into", into))
    foretold = forecast(offer.requires)
    fetches = foretold.missing or foretold.contradicting
    return (
        Term("needs", ", ".join(applying(offer.requires)) or "nothing else"),
        Term("goes into", foretold.words),
        Term("what is missing", f"comes from {_origin(chosen)}" if fetches else ""),
    )


def _build(chosen: Prepared) -> tuple[Term, ...]:
    if chosen.offer.kind not in ("folder", "zip"):
        return ()
    needs = chosen.offer.build_requires
    origin = "" if satisfied(needs) else f", from {_origin(chosen)}"
    return (Term("is built with", ", ".join(needs) + origin),)


def _taken(offer: Offer, taken: Mapping[str, str]) -> tuple[str, ...]:
    ids = {entry.id for entry in offer.entries} or {model.id for model in offer.models}
    warnings = [
        f"Its model '{each}' is there already, from '{taken[each]}': of two with one id only one "
        "can be used."
        for each in sorted(ids & set(taken))
    ]
    if ids and ids <= set(taken):
        warnings.append("So none of its models could be used, and it will not be installed.")
    return tuple(warnings)


def in_words(terms: Terms) -> str:
    """The terms as text for a terminal."""
    blocks = [terms.title]
    for lines in (terms.package, *terms.models):
        width = max(len(line.name) for line in lines) + 2
        blocks.append("\n".join(f"  {line.name + ':':<{width}} {line.text}" for line in lines))
    blocks += [f"  Note: {warning}" for warning in terms.warnings]
    return "\n\n".join(blocks)


def _brought(chosen: Prepared) -> Iterator[Term]:
    for packed in chosen.pack.weights if chosen.pack is not None else ():
        size = f"{packed.file.stat().st_size:,} bytes".replace(",", " ")
        yield Term("brings weights", f"{packed.file.name} for {packed.model}, {size}")
        yield Term("SHA-256", packed.sha256)


def _origin(chosen: Prepared) -> str:
    return "the pack itself" if chosen.pack is not None else chosen.places.words


def _model(model: OfferedModel) -> tuple[Term, ...]:
    lines = [
        Term("model", f"{model.title or model.id} ({model.id})"),
        Term("intended use", model.intended_use or _NOT_STATED),
        Term("publisher", model.publisher or _NOT_STATED),
        Term("licence of code", model.code_licence or _NOT_STATED),
        Term("licence of weights", model.weights_licence or _NOT_STATED),
    ]
    if model.demonstration:
        lines.append(Term("kind", "demonstration model"))
    wish = "it asks for the network while it runs, and gets none unless you agree to that too"
    lines.append(Term("network", wish if model.network else "it does not ask for it, and has none"))
    for weights in model.weights:
        lines.append(Term("weights", f"{weights.name}, {weights.licence or 'licence not stated'}"))
        lines.append(Term("SHA-256", weights.sha256 or _NOT_STATED))
    return tuple(lines)
