"""`Launch`: which interpreter runs a model, from where, with what it may know of the session."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from medview.host.discovery import Found
from medview.host.packages.sealed import WEIGHTS

_PASSED = (
    "CUDA_DEVICE_ORDER", "CUDA_HOME", "CUDA_PATH", "CUDA_VISIBLE_DEVICES", "LANG", "LC_ALL",
    "LC_COLLATE", "LC_CTYPE", "LC_MESSAGES", "LC_MONETARY", "LC_NUMERIC", "LC_TIME",
    "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "MKL_NUM_THREADS",
    "NUMBER_OF_PROCESSORS", "NVIDIA_VISIBLE_DEVICES",
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "PATH", "SYSTEMROOT", "TZ", "WINDIR",
)  # fmt: skip
"""Variables that libraries need to compute; no other, so that no secret of the session crosses."""


@dataclass(frozen=True, slots=True)
class Launch:
    """How to start a worker; an environment of a model's own is another one of these.

    Attributes
    ----------
    python : Path
        The interpreter.
    paths : tuple of str
        Put in front of its own search path.
    network : bool
        Whether the user agreed that the model uses the network.
    bare : bool
        Whether `paths` and the standard library are all: none of the interpreter's own packages.
    module : str
        What is run; it takes the same arguments.
    readable : tuple of str or None
        All that it may see of the person's home beside `paths` and the interpreter, where the
        kernel can hide the rest; None leaves it all in sight.
    """

    python: Path = field(default_factory=lambda: Path(sys.executable))
    paths: tuple[str, ...] = ()
    network: bool = False
    bare: bool = False
    module: str = "medview.worker"
    readable: tuple[str, ...] | None = None

    def command(self, folder: Path) -> list[str]:
        """The command line; `folder` is where arrays are handed over."""
        network = "open" if self.network else "none"
        # No working folder and no user folder on the search path; warnings go nowhere useful.
        options = ["-P", "-s", *(["-S"] if self.bare else [])]
        shown = [] if self.readable is None else [json.dumps(self.readable)]
        return [str(self.python), *options, "-m", self.module, str(folder), network, *shown]

    def environment(self, session: Mapping[str, str], home: Path) -> dict[str, str]:
        """The variables of the process.

        Parameters
        ----------
        session : mapping of str to str
            The application's own.
        home : Path
            Stands for the home and the temporary folder; removed with the process.
        """
        passed = {name: value for name, value in session.items() if name.upper() in _PASSED}
        places = dict.fromkeys(("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP"), str(home))
        return {
            **passed,
            **places,
            "PYTHONPATH": os.pathsep.join(self.paths),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUNBUFFERED": "1",
            "MPLBACKEND": "Agg",
        }


def own_interpreter(*, network: bool = False) -> Launch:
    """The application's interpreter with its search path of this moment."""
    paths = tuple(p for p in sys.path if p and Path(p).is_absolute())
    return Launch(paths=paths, network=network)


def launch_of(found: Found) -> Launch:
    """The application's interpreter, with the directory of an installed package in front.

    Where that directory holds a complete set, nothing else is on the search path.
    """
    ours = own_interpreter()
    if not found.site:
        # An author's own sources may lie anywhere in the home.
        return ours
    weights = (str(Path(found.site).parent / WEIGHTS),)
    if found.complete:
        return Launch(paths=(found.site,), bare=True, readable=weights)
    # A terminal in the home puts that on the path, and then nothing of it could be hidden.
    paths = tuple(path for path in ours.paths if Path(path) != Path.home())
    # Its directory comes first, so the site module, which runs what .pth files of the
    # application's packages name, must not: their names could be taken.
    return Launch(paths=(found.site, *paths), bare=True, readable=weights)
