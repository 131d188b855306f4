"""The terms of a package as the consent dialog shows them."""

from __future__ import annotations

from collections.abc import Mapping

from packaging.version import InvalidVersion, Version

from medview.app.controllers.packages.terms import Term, terms_of
from medview.host.packages.installer import Prepared
from medview.host.packages.records import Package
from medview.view.dialogs.consent import ConsentLine, ConsentRows, ConsentSection

_HASH = "SHA-256"


def consent_rows(
    chosen: Prepared, installed: Package | None, taken: Mapping[str, str] | None = None
) -> ConsentRows:
    """What a person agrees to, from static files alone.

    Parameters
    ----------
    chosen : Prepared
    installed : Package or None
        The package of that name that is there already.
    taken : mapping of str to str, optional
        Which of its models another package brings already, and that package.
    """
    terms = terms_of(chosen, taken)
    sections = [_section(model) for model in terms.models]
    sections.append(ConsentSection("The package", tuple(map(_line, terms.package))))
    offer = chosen.offer
    title = " ".join(text for text in (terms.title, offer.version) if text)
    change, yes, question = "", "Install", f"Install {title}?"
    if installed is not None:
        now = installed.current.version
        change = f"It takes the place of version {now}, which can be gone back to."
        if _is_newer(offer.version, now):
            yes, question = "Upgrade", f"Upgrade to {title}?"
        elif now == offer.version:
            change = "The same version is there already; it is installed once more."
    return ConsentRows(
        title=title,
        change=change,
        warnings=terms.warnings,
        sections=tuple(sections),
        question=question,
        yes=yes,
    )


def _is_newer(version: str, than: str) -> bool:
    try:
        return Version(version) > Version(than)
    except InvalidVersion:
        return False


def _section(lines: tuple[Term, ...]) -> ConsentSection:
    first, *rest = lines
    return ConsentSection(first.text, tuple(map(_line, rest)))


def _line(term: Term) -> ConsentLine:
    return ConsentLine(term.name[:1].upper() + term.name[1:], term.text, term.name == _HASH)
