"""The environment in .venv: made, filled from the pinned versions, and known to be complete."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STAMP = "medview-setup.json"
CPU_INDEX = "https://download.pytorch.org/whl/cpu"


class SetupFailed(Exception):
    """The environment could not be made; the message says what to do."""


@dataclass(frozen=True)
class Wish:
    """What the environment shall hold.

    Attributes
    ----------
    extras : frozenset of str
        Extras of medview-imaging.
    torch : str
        ``"cpu"``, ``"cuda"``, or ``""`` for whatever is there or fits this machine.
    """

    extras: frozenset[str]
    torch: str = ""


def environment_python(root: Path = ROOT) -> Path:
    """Path of the environment's interpreter on this system."""
    if os.name == "nt":
        return root / ".venv" / "Scripts" / "python.exe"
    return root / ".venv" / "bin" / "python"


def projects(root: Path = ROOT) -> tuple[Path, ...]:
    """Project files of medview and of every model package beside it, in a fixed order."""
    return (root / "pyproject.toml", *sorted(root.glob("plugins/*/pyproject.toml")))


def digest(root: Path = ROOT, version: tuple[int, ...] = tuple(sys.version_info[:2])) -> str:
    """Changes whenever the set-up would come out differently: projects, pins, interpreter."""
    total = hashlib.sha256(repr(version).encode())
    for path in (*projects(root), root / "packaging" / "constraints.txt"):
        total.update(path.relative_to(root).as_posix().encode() + b"\0")
        total.update(path.read_bytes() if path.exists() else b"")
    return total.hexdigest()


def read_stamp(stamp: Path) -> dict[str, object]:
    """The record of the last set-up; empty where there is none or it cannot be read."""
    try:
        record = json.loads(stamp.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def is_complete(record: Mapping[str, object], wish: Wish, digest_now: str) -> bool:
    """Whether the recorded set-up fulfils `wish` as things stand now."""
    extras = record.get("extras")
    return (
        record.get("digest") == digest_now
        and isinstance(extras, list)
        and wish.extras <= set(extras)
        and wish.torch in ("", record.get("torch"))
    )


def torch_options(
    choice: str, pip_settings: Mapping[str, str], *, platform: str, nvidia: bool
) -> list[str]:
    """Options for pip that choose the build of torch.

    Parameters
    ----------
    choice : str
        ``"cpu"``, ``"cuda"`` or ``""``.
    pip_settings : mapping
        pip's own configuration, option name to value, environment variables included. Where it
        names a place for packages, that place decides which build there is.
    platform : str
        As `sys.platform`. macOS has one build only.
    nvidia : bool
        Whether an NVIDIA driver is present.
    """
    own_place = any(pip_settings.get(name) for name in ("find-links", "index-url", "no-index"))
    wants_cpu = choice == "cpu" or (choice == "" and not nvidia)
    if platform == "darwin" or own_place or not wants_cpu:
        return []
    return ["--extra-index-url", CPU_INDEX]


def has_nvidia() -> bool:
    """Whether a driver for NVIDIA GPUs is installed."""
    return shutil.which("nvidia-smi") is not None or Path("/proc/driver/nvidia").exists()


def parse_pip_settings(listing: str) -> dict[str, str]:
    """Read the lines of ``pip config list``, e.g. ``global.find-links='/wheels'``."""
    settings = {}
    for line in listing.splitlines():
        name, equals, value = line.partition("=")
        if equals:
            settings[name.rsplit(".", 1)[-1].strip()] = value.strip().strip("'\"")
    return settings


@contextlib.contextmanager
def only_one_setup(root: Path) -> Iterator[None]:
    """Hold a lock that ends with this process; a second set-up waits for the first."""
    (root / "build").mkdir(exist_ok=True)
    with (root / "build" / "setup.lock").open("a+") as lock:
        if sys.platform == "win32":
            import msvcrt

            lock.seek(0)
            msvcrt.locking(lock.fileno(), msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make_empty(root: Path, *, clear: bool) -> None:
    folder = root / ".venv"
    if clear and folder.exists():
        if Path(sys.prefix).resolve() == folder.resolve():
            raise SetupFailed(
                "The environment .venv has to be made anew, which its own Python cannot do. "
                "Start this script with another Python, for example python3."
            )
        print("Removing the incomplete or outdated environment in .venv", flush=True)
        shutil.rmtree(folder)
    if environment_python(root).exists():
        return
    print("Making an environment in .venv", flush=True)
    made = subprocess.run([sys.executable, "-m", "venv", str(folder)], check=False)
    if made.returncode != 0:
        raise SetupFailed(
            "Python could not make an environment in .venv; its own message is above. "
            "On Debian and Ubuntu the package python3-venv is needed."
        )


def _pip(root: Path, what: str, *arguments: str) -> None:
    """Run pip with its talk in build/setup.log; on a terminal show that time passes."""
    command = [str(environment_python(root)), "-m", "pip", *arguments]
    log = root / "build" / "setup.log"
    print(what, flush=True)
    start = time.monotonic()
    with log.open("w", encoding="utf-8", errors="replace") as talk:
        options = ["--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
        options = options if arguments[0] == "install" else []
        with subprocess.Popen([*command, *options], stdout=talk, stderr=subprocess.STDOUT) as run:
            while (code := _wait_a_second(run)) is None:
                if sys.stdout.isatty():
                    print(f"\r  {time.monotonic() - start:.0f} s ", end="", flush=True)
    if sys.stdout.isatty():
        print("\r", end="")
    if code != 0:
        tail = log.read_text("utf-8", "replace").splitlines()[-15:]
        raise SetupFailed(
            "\n".join(tail) + f"\n\n{what}: pip stopped with code {code}. The end of its messages "
            "is above, all of them are in build/setup.log. Once the cause is gone (often the "
            "network), run the same command again; if that does not help, delete .venv first."
        )


def _wait_a_second(run: subprocess.Popen[bytes]) -> int | None:
    try:
        return run.wait(timeout=1)
    except subprocess.TimeoutExpired:
        return None


def _fill(root: Path, wish: Wish, before: Mapping[str, object]) -> None:
    python = str(environment_python(root))
    listing = subprocess.run(
        [python, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    settings = parse_pip_settings(listing.stdout)
    nvidia = has_nvidia()
    options = torch_options(wish.torch, settings, platform=sys.platform, nvidia=nvidia)
    pins = ["-c", str(root / "packaging" / "constraints.txt")]
    if wish.torch and before.get("torch", wish.torch) != wish.torch:
        _pip(root, "Removing the other build of torch", "uninstall", "-y", "torch")
    build = ["install", *pins, "hatchling", "editables"]
    _pip(root, "Installing the build tools", *build)
    extras = ",".join(sorted(wish.extras))
    main = ["--no-build-isolation", "--editable", f"{root}[{extras}]"]
    _pip(
        root,
        "Installing medview and its libraries (some minutes the first time)",
        *["install", *pins, *options, *main],
    )
    models = [path.parent for path in projects(root)[1:]]
    if models:
        names = ", ".join(folder.name for folder in models)
        folders = [word for folder in models for word in ("--editable", str(folder))]
        offline = ["--no-deps", "--no-build-isolation", "--no-index"]
        _pip(root, f"Installing the models: {names}", "install", *offline, *folders)


def is_ready(wish: Wish, root: Path = ROOT) -> bool:
    """Whether ``.venv`` fulfils `wish` already."""
    stamp = read_stamp(root / ".venv" / STAMP)
    return environment_python(root).exists() and is_complete(stamp, wish, digest(root))


def ensure_environment(wish: Wish, root: Path = ROOT) -> Path:
    """Make or complete ``.venv`` so that it fulfils `wish`; quick where it already does.

    Returns
    -------
    Path
        The environment's interpreter.

    Raises
    ------
    SetupFailed
        With what to do next. A set-up that was cut off is begun anew by the next call.
    """
    python = environment_python(root)
    stamp = root / ".venv" / STAMP
    if is_ready(wish, root):
        return python
    with only_one_setup(root):
        if is_ready(wish, root):
            return python
        before = read_stamp(stamp)
        version = list(sys.version_info[:2])
        cut_off = before.get("state") == "begun"
        other_python = before.get("python", version) != version
        _make_empty(root, clear=cut_off or other_python or not python.exists())
        known = before.get("extras")
        if isinstance(known, list) and not cut_off:
            wish = Wish(wish.extras | set(known), wish.torch)
        torch = wish.torch or str(before.get("torch", ""))
        record = {"extras": sorted(wish.extras), "torch": torch, "python": version}
        stamp.write_text(json.dumps({**record, "state": "begun"}), "utf-8")
        try:
            _fill(root, wish, before)
        except SetupFailed:
            # pip ended in order and left no half package: the next call goes on from here.
            stamp.write_text(json.dumps({**record, "state": "failed"}), "utf-8")
            raise
        done = {**record, "state": "complete", "digest": digest(root)}
        stamp.write_text(json.dumps(done), "utf-8")
    return python
