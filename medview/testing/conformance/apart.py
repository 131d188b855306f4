"""`Apart`: one run of a model in a process of its own, and what went on there besides."""

from __future__ import annotations

import json
import pickle  # noqa: TID251 - written here for a process that is started here
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from medview.host.call import Source
from medview.host.catalogue import Catalogue
from medview.host.discovery import Found
from medview.host.handle import ModelHandle
from medview.host.weights import weights_resolver
from medview.testing.conformance.fresh import interpreter
from medview.testing.conformance.leftover import adopting_orphans, end_children, left_behind
from medview.testing.conformance.threads import threads_of_run
from medview.testing.conformance.traces import Traces, traces
from medview.testing.conformance.trial import package_of, told, try_once
from medview.testing.run_process import LIMIT_S
from medview.testing.sockets import watched_sockets
from medview.testing.traffic import reached
from medview.worker.confine import Network

_PROCESS = "medview.testing.run_process"


@dataclass(frozen=True, slots=True)
class Apart:
    """What was seen of a run in a process of its own.

    Attributes
    ----------
    traces : tuple or None
        Of its findings.
    error : str
        Why there are none.
    network : {"namespace", "refused", "blocked", "open"}
        By what the network was kept from it.
    sockets : tuple of str
        What it tried on the network.
    threads, children : tuple of str
        What still ran after the run.
    """

    traces: Traces | None
    error: str = ""
    network: Network = "open"
    sockets: tuple[str, ...] = ()
    threads: tuple[str, ...] = ()
    children: tuple[str, ...] = ()


def run_apart(
    handle: ModelHandle, source: Source, weights_folder: Path, *, threads: int, network: Network
) -> Apart:
    """Run a model once in an interpreter that has run nothing; its end is survived.

    Parameters
    ----------
    handle : ModelHandle
    source : Volume, Image2D or Slide
    weights_folder : Path
    threads : int
        As for `try_once`.
    network : {"namespace", "refused", "blocked", "open"}
        What this process did about the network, which holds for what it starts.
    """
    facts = {name: getattr(handle, name) for name in ("id", "distribution", "version", "api")}
    request = {
        "found": Found(**facts, target=handle.target),
        "source": source,
        "weights_folder": weights_folder.absolute(),
        "threads": threads_of_run(threads),
    }
    try:
        sent = pickle.dumps(request)
    # A slide of somebody else's making may hold anything.
    except Exception as error:  # noqa: BLE001
        return Apart(None, f"The sample cannot be handed to another process ({error}).")
    with TemporaryDirectory(prefix="medview-check-", ignore_cleanup_errors=True) as folder:
        answer = Path(folder) / "answer.json"
        command, environment = interpreter()
        # What an earlier run left in a cache on disk is not found here.
        own = dict.fromkeys(("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP"), folder)
        try:
            done = subprocess.run(  # noqa: S603 - this interpreter
                [*command, "-m", _PROCESS, str(answer), network],
                input=sent,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=False,
                env=environment | own,
                timeout=LIMIT_S + 10,
            )
            return _read(answer.read_text("utf-8"))
        except subprocess.TimeoutExpired:
            return Apart(None, f"It was not done after {LIMIT_S:.0f} s.")
        except (OSError, ValueError, KeyError, TypeError):
            return Apart(None, f"Its process ended without a word (exit code {done.returncode}).")


def run_here(
    found: Found, source: Source, weights_folder: Path, threads: int, *, counts: bool
) -> dict[str, Any]:
    """Run a model once in this process, which ends afterwards; gives what `Apart` is made of.

    Parameters
    ----------
    found, source, weights_folder, threads
        As for `run_apart`.
    counts : bool
        Whether this process shares its network with nobody but who started it.
    """
    handle = Catalogue([found]).handle(found.id)
    package = package_of(handle)
    before = reached()
    with adopting_orphans():
        with watched_sockets(package) as sockets:
            handle.ensure_ready()
        if handle.card is None:
            return {"traces": None, "error": f"It cannot be loaded. {handle.reason}"}
        trial = try_once(handle, source, weights_resolver(handle, weights_folder), threads=threads)
        going_on, children = left_behind(package)
        end_children()
    tried = [*sockets, *trial.sockets]
    if counts and reached() > before:
        tried.append("reaches for the network past Python, by a C library or another program")
    findings = trial.findings
    return {
        "traces": None if findings is None else traces(findings),
        "error": "" if findings is not None else told(trial.error),
        "sockets": list(dict.fromkeys(tried)),
        "threads": going_on,
        "children": children,
    }


def _read(text: str) -> Apart:
    data = json.loads(text)
    made = data["traces"]
    return Apart(
        None if made is None else tuple((str(k), str(n), str(h)) for k, n, h in made),
        str(data["error"]),
        data["network"],
        *(tuple(map(str, data.get(name, ()))) for name in ("sockets", "threads", "children")),
    )
