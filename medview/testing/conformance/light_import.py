"""Importing and describing a model is quick and brings none of the heavy libraries."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from medview.testing.conformance.subject import Subject

HEAVY = ("torch", "monai", "PySide6", "vtkmodules", "SimpleITK")
STATED_MS = 300
_LENIENT = 10
"""A loaded machine may take so many times longer than is stated before the check fails."""

_CODE = """
import sys, time, json
import medview.api, pluggy
start = time.perf_counter()
import importlib
module, _, attribute = sys.argv[1].partition(":")
plugin = importlib.import_module(module)
for part in filter(None, attribute.split(".")):
    plugin = getattr(plugin, part)
plugin.describe()
took = time.perf_counter() - start
print(json.dumps([took, [n for n in sys.argv[2].split() if n in sys.modules]]))
"""


def check(subject: Subject) -> str:
    """Pass with a sentence, or fail with an `AssertionError`."""
    target = subject.handle.target
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-c", _CODE, target, " ".join(HEAVY)]
    done = subprocess.run(  # noqa: S603 - this interpreter, on the module that is to be checked
        command, capture_output=True, text=True, check=False, env=environment, timeout=120
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise AssertionError(f"A fresh interpreter cannot import and describe it: {last}")
    seconds, heavy = json.loads(done.stdout.splitlines()[-1])
    if heavy:
        raise AssertionError(
            f"Importing and describing it brings {', '.join(heavy)}. Import them inside run."
        )
    took = f"Import and describe took {seconds * 1000:.0f} ms"
    if seconds * 1000 > STATED_MS * _LENIENT:
        raise AssertionError(f"{took}; {STATED_MS} ms are allowed.")
    return f"{took} ({STATED_MS} ms are asked for)."
