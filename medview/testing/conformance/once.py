"""`told_once`: a reason that several checks give is told by the first of them alone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from medview.testing.conformance.result import CheckResult

_HEAD = re.compile(r"(.+?)[:.] (.+)", re.DOTALL)
_SHORT = 20
"""Letters of a reason that are not worth a reference."""


def told_once(results: Iterable[CheckResult]) -> tuple[CheckResult, ...]:
    """The same results, with a reference where an earlier check has told the reason in full.

    ``The run failed: Bright failed. ValueError: no.`` becomes ``The run failed: see 'findings'.``
    """
    told: list[CheckResult] = []
    for result in results:
        match = None if result.passed else _HEAD.fullmatch(result.words)
        reason = match[2].rstrip(". ") if match else ""
        first = next((each.check for each in told if reason in each.words), "")
        if match and len(reason) > _SHORT and first:
            result = replace(result, words=f"{match[1]}: see '{first}'.")
        told.append(result)
    return tuple(told)
