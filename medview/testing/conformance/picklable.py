"""What goes into a model and comes out of it can travel to another process."""

from __future__ import annotations

import json
import pickle  # noqa: TID251 - values made here are sent and received; no file is unpickled
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from medview.core.errors import MedviewError
from medview.core.findings.base import Findings
from medview.host.params import build
from medview.testing.conformance.subject import Subject
from medview.worker.blocks import Blocks
from medview.worker.results import decode_findings, encode_findings


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
    _hand_over(findings)
    return "Card, parameters, verdict and findings can travel to another process."


def _hand_over(findings: Findings) -> None:
    """As a worker hands findings to the application, which trusts nothing that it gets."""
    with TemporaryDirectory(prefix="medview-check-") as folder:
        blocks = Blocks(Path(folder), "w")
        try:
            told = json.loads(json.dumps(encode_findings(findings, blocks)))
            decode_findings(told, blocks, sys.maxsize)
        except MedviewError as error:
            raise AssertionError(
                f"The application cannot take its findings from another process. {error.message}"
            ) from error
