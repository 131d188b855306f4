"""`traces`: findings as hashes, so that those of many runs can be compared in every bit."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import Any

import numpy as np

from medview.core.findings.base import Findings

Traces = tuple[tuple[str, str, str], ...]
"""Kind, name and hash of each finding."""


def traces(findings: Findings) -> Traces:
    """Equal for findings that are equal, arrays by their bits; grids are the host's."""
    return tuple((type(item).__name__, item.name, _hash(item)) for item in findings.items)


def difference(a: Traces, b: Traces) -> str:
    """What of `b` is not as in `a`, in words; empty where all is."""
    if len(a) != len(b):
        return "another number of findings"
    return next((f"another '{ours[1]}'" for ours, its in zip(a, b, strict=True) if ours != its), "")


def _hash(item: Any) -> str:
    made = hashlib.blake2b(digest_size=16)
    for field in dataclasses.fields(item):
        value = getattr(item, field.name)
        if isinstance(value, np.ndarray):
            made.update(f"{field.name} {value.dtype.str} {value.shape}".encode())
            made.update(np.ascontiguousarray(value).tobytes())
        elif field.name != "grid":
            # Numbers are written so that equal texts mean equal bits.
            made.update(f"{field.name} {value!r}".encode("utf-8", "surrogatepass"))
    return made.hexdigest()
