"""`Fresh`: what a fresh interpreter sees of a model while it imports and asks it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass

from medview.worker.confine import Network

HEAVY = ("torch", "monai", "PySide6", "vtkmodules", "SimpleITK")
_LIMIT_S = 120

_CODE = """
import json, sys, time
from medview.testing.sockets import watched_sockets
from medview.testing.traffic import reached
from medview.worker.confine import cut_network
with watched_sockets():
    pass
# Before numpy, whose threads would make a namespace impossible.
counts = sys.argv[3] == "namespace" or cut_network() == "namespace"
before = reached()
import medview.api, pluggy
from medview.core.data.intensity import Intensity
from medview.core.data.source import SourceInfo
from medview.host.report import import_failure
target, heavy = sys.argv[1], sys.argv[2].split()
told = {"stage": "import", "error": "", "seconds": 0.0, "heavy": [], "heavy_applicable": []}
def write():
    sys.__stdout__.write("\\n" + json.dumps(told) + "\\n")
    sys.__stdout__.flush()
package = target.partition(":")[0].strip().partition(".")[0]
with watched_sockets(package) as sockets:
    try:
        start = time.perf_counter()
        import importlib
        module, _, attribute = target.partition(":")
        plugin = importlib.import_module(module.strip())
        for part in filter(None, attribute.strip().split(".")):
            plugin = getattr(plugin, part)
        told["stage"] = "describe"
        describe = getattr(plugin, "describe", None)
        if callable(describe):
            describe()
        told["seconds"] = time.perf_counter() - start
        told["heavy"] = [name for name in heavy if name in sys.modules]
        told["stage"] = "applicable"
        applicable = getattr(plugin, "applicable", None)
        if callable(applicable):
            info = SourceInfo("volume", "CT", Intensity.HOUNSFIELD, shape=(40, 77, 77))
            applicable(info)
        told["stage"] = ""
    except BaseException as error:
        told["error"] = import_failure(error, package)[:600]
new = [name for name in heavy if name in sys.modules and name not in told["heavy"]]
told["heavy_applicable"] = new if told["stage"] in ("", "applicable") else []
told["sockets"] = list(sockets)
if counts and reached() > before:
    told["sockets"].append("reaches for the network past Python")
write()
"""


@dataclass(frozen=True, slots=True)
class Fresh:
    """What a fresh interpreter saw.

    Attributes
    ----------
    stage : {"", "import", "describe", "applicable"}
        What it ended at, where it did.
    error : str
        With what; empty where nothing was raised.
    seconds : float
        For import and description.
    heavy, heavy_applicable : tuple of str
        Libraries that import and description brought, and those that ``applicable`` did.
    sockets : tuple of str
        What was tried on the network.
    """

    stage: str
    error: str
    seconds: float
    heavy: tuple[str, ...]
    heavy_applicable: tuple[str, ...]
    sockets: tuple[str, ...]


def look_afresh(target: str, network: Network) -> Fresh:
    """Import, describe and ask a model in an interpreter of its own; its end is survived.

    Parameters
    ----------
    target : str
        ``"package.module"`` or ``"package.module:object"``.
    network : {"namespace", "blocked", "open"}
        What this process did about the network, which holds for what it starts.
    """
    command, environment = interpreter()
    command += ["-c", _CODE, target, " ".join(HEAVY), network]
    try:
        done = subprocess.run(  # noqa: S603 - this interpreter, on the module to be checked
            command,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            check=False,
            env=environment,
            timeout=_LIMIT_S,
        )
    except subprocess.TimeoutExpired:
        return _failed(f"It was not done after {_LIMIT_S} s")
    try:
        data = json.loads(done.stdout.decode("utf-8", "replace").strip().splitlines()[-1])
        return Fresh(
            str(data["stage"]),
            str(data["error"]),
            float(data["seconds"]),
            tuple(map(str, data["heavy"])),
            tuple(map(str, data["heavy_applicable"])),
            tuple(map(str, data["sockets"])),
        )
    except (ValueError, KeyError, TypeError, IndexError):
        code = done.returncode
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        return _failed(f"It ended the interpreter ({how})")


def interpreter() -> tuple[list[str], dict[str, str]]:
    """Command and variables of another interpreter that finds the same packages."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    # A complete set of packages stands alone, here as in the process that asks.
    bare = ["-S"] if sys.flags.no_site else []
    return [sys.executable, *bare, "-P", "-s"], environment


def _failed(error: str) -> Fresh:
    return Fresh("import", error, 0.0, (), (), ())
