"""What goes into a model and comes out of it can travel to another process."""

from __future__ import annotations

import pickle  # noqa: TID251 - values made here are sent and received; no file is unpickled

from medview.host.params import build
from medview.testing.conformance.subject import Subject


def check(subject: Subject) -> str:
    """Pass with a sentence, or fail with an `AssertionError`."""
    subject.require_loaded()
    handle = subject.handle
    source = subject.source()
    findings = subject.findings()
    things = {
        "card": subject.card,
        "parameters": build(handle.params_type, {}),
        "verdict": handle.loaded().plugin.applicable(source.info),
        "findings": findings,
    }
    for name, thing in things.items():
        try:
            pickle.loads(pickle.dumps(thing))  # noqa: S301 - written one call before
        # Foreign values may raise anything on their way.
        except Exception as error:
            raise AssertionError(
                f"Its {name} cannot travel to another process: {type(error).__name__}: {error}"
            ) from error
    return "Card, parameters, verdict and findings can travel to another process."
