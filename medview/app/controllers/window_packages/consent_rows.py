"""The terms of a package as the consent dialog shows them."""

from __future__ import annotations

from collections.abc import Mapping

from medview.app.controllers.packages.terms import Term, change_in_words, is_newer, terms_of
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
    # Without a card the title is that of the package, which has its version already.
    has_version = terms.title.endswith(f" {offer.version}")
    title = terms.title if has_version else " ".join(t for t in (terms.title, offer.version) if t)
    yes, question = "Install", f"Install {title}?"
    if installed is not None and is_newer(offer.version, installed.current.version):
        yes, question = "Upgrade", f"Upgrade to {title}?"
    return ConsentRows(
        title=title,
        change=change_in_words(installed, offer.version),
        warnings=terms.warnings,
        sections=tuple(sections),
        question=question,
        yes=yes,
    )


def _section(lines: tuple[Term, ...]) -> ConsentSection:
    first, *rest = lines
    return ConsentSection(first.text, tuple(map(_line, rest)))


def _line(term: Term) -> ConsentLine:
    return ConsentLine(term.name[:1].upper() + term.name[1:], term.text, term.name == _HASH)
