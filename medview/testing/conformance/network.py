"""Nothing reaches for the network: at import, while it describes and judges, while it runs.

What another program sends, nobody sees everywhere, so that a model's own code starts none but
this Python; what C libraries and other processes want to send shows in a process of its own.
"""

from __future__ import annotations

from medview.testing.conformance.guard import in_words
from medview.testing.conformance.result import NotChecked
from medview.testing.conformance.subject import Subject

_WAY_OUT = (
    "Start no program but this Python, and bring data along as package data or as weights on the "
    "card; a model that cannot do without says network=True on its card, and the reader is asked."
)


def check(subject: Subject) -> str:
    """Pass with a sentence, or fail with an `AssertionError`."""
    if subject.fresh.sockets:
        raise AssertionError(
            f"While it is imported and asked, it {_either(subject.fresh.sockets)}. {_WAY_OUT}"
        )
    if subject.card.network:
        raise NotChecked("Its card asks for the network, so the reader is asked before a run.")
    subject.require_sample()
    apart = subject.apart
    tried = apart.sockets or subject.first.sockets
    if tried:
        raise AssertionError(f"While it runs, it {_either(tried)}. {_WAY_OUT}")
    if subject.first.findings is None:
        raise NotChecked(subject.why_no_findings(subject.first))
    guarded = in_words(apart.network, subject.guard.writes_kept)
    return f"It never reached for the network. {guarded}"


def _either(told: tuple[str, ...]) -> str:
    return " and ".join(told)
