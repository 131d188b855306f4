"""Run the application's own pip in a child process: pinned options, progress, cancel."""

from __future__ import annotations

import collections
import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from medview.core.printable import printable
from medview.core.progress import ProgressFn
from medview.core.redaction import scrubbed
from medview.host.packages.errors import PackageError
from medview.host.packages.pip_words import lacking, sentence_of, step_of, unreached
from medview.host.packages.places import Places

_PINNED = ("--no-input", "--disable-pip-version-check", "--no-color")
_PASSED = (
    "LANG", "LD_LIBRARY_PATH", "PATH", "SYSTEMROOT", "TZ", "WINDIR", "COMSPEC", "PATHEXT",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE",
)  # fmt: skip
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_NOWHERE = "http://127.0.0.1:9"
"""A proxy that is none: whatever would be fetched through it is not."""
_RETRIES = "3"
"""pip's five take eight seconds to find out that there is no network; these take two."""
_TAIL = 200
_TICK_S = 0.05


class PipFailed(PackageError):
    """pip ended with an error; `output` holds the end of what it said, without paths."""

    code = "pip-failed"

    def __init__(self, message: str, output: str) -> None:
        super().__init__(message)
        self.output = output


class IndexUnreached(PipFailed):
    """pip failed, and a package index that it was to ask cannot be reached.

    Attributes
    ----------
    hosts : tuple of str
        The computers that it could not reach.
    reached_none : bool
        Whether no index answered at all, so that asking once more is of no use.
    """

    code = "index-unreached"

    def __init__(self, hosts: Sequence[str], output: str, *, reached_none: bool) -> None:
        needed = ", ".join(lacking(output))
        lacks = f" {needed} is needed and not on this computer." if needed else ""
        super().__init__(
            f"The package index cannot be reached ({', '.join(hosts)}).{lacks} Connect this "
            "computer and try again, or use an offline pack ('medview plugins pack' writes one "
            "on a computer with the network) or a folder of wheels (--find-links DIR).",
            output,
        )
        self.hosts = tuple(hosts)
        self.reached_none = reached_none

    def needed_for(self, output: str) -> IndexUnreached:
        """The same, told of what pip lacked where no index was asked."""
        return IndexUnreached(self.hosts, output, reached_none=self.reached_none)


def run_pip(
    arguments: Sequence[str],
    *,
    places: Places,
    scratch: Path,
    progress: ProgressFn,
    builds: bool = False,
    in_front: Path | None = None,
    environ: Mapping[str, str] = os.environ,
) -> None:
    """Run pip with these arguments in a child process and wait for its end.

    Parameters
    ----------
    arguments : sequence of str
        The subcommand and what belongs to it; where packages come from is added.
    places : Places
        Where packages may come from. Where no index may be asked, nothing else is fetched either:
        pip follows addresses that packages name as what they need.
    builds : bool
        Whether pip may start other programs, as a build does; without, an address of sources in
        what a package needs cannot have them built.
    in_front : Path, optional
        A folder of packages for the build, in front of the application's.
    scratch : Path
        Stands for the home and the temporary folder of pip and of what it starts.
    progress : ProgressFn
        Hears of each step; when it raises, pip and all that it started are ended.
    environ : mapping of str to str
        Of the session; no more of it than packages need to be fetched and built is passed.

    Raises
    ------
    PipFailed
        If pip fails; `IndexUnreached` where that may be for want of the network.
    """
    log = scratch / "pip.log"
    log.unlink(missing_ok=True)
    child = [sys.executable, "-P", "-s", "-m", "medview.host.packages.pip_child"]
    child.append("building" if builds else "alone")
    command = [*child, arguments[0], *_PINNED, *places.options()]
    command += ["--cache-dir", str(scratch / "cache"), *arguments[1:]]
    if places.online:
        # Only its log tells what it could not reach. With one, it quotes no failed build.
        command += ["--log", str(log)]
    process = subprocess.Popen(  # noqa: S603  our own interpreter and its pip
        command,
        # Open as long as this process lives: at its end pip ends itself.
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=scratch,
        env=_environment(environ, scratch, places, in_front),
        start_new_session=True,
    )
    assert process.stdout is not None
    lines: queue.Queue[str | None] = queue.Queue()
    reader = threading.Thread(target=_read, args=(process.stdout, lines), daemon=True)
    reader.start()
    tail: collections.deque[str] = collections.deque(maxlen=_TAIL)
    stage = "Resolving"
    try:
        while True:
            with contextlib.suppress(queue.Empty):
                line = lines.get(timeout=_TICK_S)
                if line is None:
                    break
                tail.append(line)
                if step := step_of(line):
                    stage = printable(scrubbed(step))[:100]
            progress(None, stage)
        code = process.wait()
    finally:
        _end_group(process)
        if process.stdin is not None:
            process.stdin.close()
        reader.join(5)
    if code != 0:
        output = printable(scrubbed("\n".join(tail)))
        hosts, reached_none = unreached(log) if places.online else ((), False)
        if hosts:
            raise IndexUnreached(hosts, output, reached_none=reached_none)
        raise PipFailed(sentence_of(output), output)


def _read(pipe: IO[bytes], lines: queue.Queue[str | None]) -> None:
    with pipe:
        for line in pipe:
            lines.put(line.decode("utf-8", "replace").rstrip()[:2000])
    lines.put(None)


def search_path() -> str:
    """As ``PYTHONPATH``: the search path of the moment, which is the application's.

    So a child finds pip also where the application was started in a way of its own.
    """
    return os.pathsep.join(p for p in sys.path if p and Path(p).is_absolute())


def _environment(
    session: Mapping[str, str], scratch: Path, places: Places, in_front: Path | None
) -> dict[str, str]:
    home, temporary = scratch / "home", scratch / "tmp"
    for folder in (home, temporary):
        folder.mkdir(mode=0o700, exist_ok=True)
    names = _PASSED + (_PROXIES if places.online else ())
    passed = {
        name: value
        for name, value in session.items()
        if name.upper() in names or name.startswith("LC_")
    }
    paths = search_path()
    if in_front is not None:
        paths = os.pathsep.join((str(in_front), paths))
        programs = (str(in_front / "bin"), passed.get("PATH", os.defpath))
        passed["PATH"] = os.pathsep.join(programs)
    return {
        **passed,
        "PIP_RETRIES": _RETRIES,
        **({} if places.online else _cut_off()),
        **dict.fromkeys(("HOME", "USERPROFILE"), str(home)),
        **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary)),
        # No configuration file has a say: what of it counts was read into `Places`.
        "PIP_CONFIG_FILE": os.devnull,
        **places.variables(),
        "PYTHONNOUSERSITE": "1",
        "PYTHONUTF8": "1",
        "PYTHONPATH": paths,
        "PYTHONSAFEPATH": "1",
    }


def _cut_off() -> dict[str, str]:
    names = ("http_proxy", "https_proxy", "ftp_proxy", "all_proxy")
    proxies = {each: _NOWHERE for name in names for each in (name, name.upper())}
    return {
        **proxies,
        "no_proxy": "",
        "NO_PROXY": "",
        "GIT_ALLOW_PROTOCOL": "file",
        "PIP_RETRIES": "0",
    }


def _end_group(process: subprocess.Popen[bytes]) -> None:
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    elif process.poll() is None:
        process.kill()
    process.wait()
