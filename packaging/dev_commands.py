"""The commands of dev.py: run, test, check and setup."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from dev_checks import STATIC, TIERS, run_static, run_tests
from dev_environment import ROOT, SetupFailed, Wish, ensure_environment, is_ready
from dev_libraries import LibrariesMissing, ensure_libraries

APPLICATION = frozenset({"app"})
EVERYTHING = frozenset({"app", "test", "dev"})


def parser() -> argparse.ArgumentParser:
    """Arguments of the script."""
    top = argparse.ArgumentParser(
        prog="dev.py", description="Set medview up in .venv, then start it or pass its tests."
    )
    common = argparse.ArgumentParser(add_help=False)
    build = common.add_mutually_exclusive_group()
    build.add_argument(
        "--cpu", dest="torch", action="store_const", const="cpu", help="torch for the CPU alone"
    )
    build.add_argument(
        "--cuda", dest="torch", action="store_const", const="cuda", help="torch for NVIDIA GPUs"
    )
    common.add_argument(
        "--skip-system-libraries",
        action="store_true",
        help="do not look for system libraries (for systems where the check is wrong)",
    )
    commands = top.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", parents=[common], help="open the window")
    run.add_argument(
        "arguments",
        nargs=argparse.REMAINDER,
        help="what to open, or any medview command; the sample study when there is none",
    )
    test = commands.add_parser("test", parents=[common], help="pass all checks and tests")
    test.add_argument(
        "names", nargs="*", metavar="TIER", help=f"only these tests: {', '.join(TIERS)}"
    )
    test.add_argument("-k", dest="expression", help="only tests whose name fits, as in pytest")
    check = commands.add_parser("check", parents=[common], help="pass the checks without tests")
    check.add_argument("names", nargs="*", metavar="CHECK", help=f"only these: {', '.join(STATIC)}")
    commands.add_parser("setup", parents=[common], help="set up only, tests included")
    return top


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line; for ``run``, options that are not ours are medview's."""
    options, foreign = parser().parse_known_args(arguments)
    if foreign and options.command != "run":
        parser().error(f"unrecognized arguments: {' '.join(foreign)}")
    if options.command == "run":
        options.arguments = [*foreign, *options.arguments]
    return options


def start_medview(python: str, arguments: Sequence[str]) -> int:
    """Replace this process by medview, or on Windows wait for it."""
    command = [python, "-m", "medview", *(arguments or ["--sample"])]
    if os.name != "nt":
        os.execv(python, command)  # noqa: S606 - the interpreter that was just set up
    return subprocess.run(command, check=False).returncode


def main(arguments: Sequence[str]) -> int:
    """Run one command.

    Returns
    -------
    int
        0 done, 1 a check or test failed, 2 wrong usage, 3 no set-up, 130 cancelled.
    """
    try:
        return _run_command(arguments)
    except (LibrariesMissing, SetupFailed) as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        print("\nCancelled. A set-up that was cut off is begun anew next time.", file=sys.stderr)
        return 130


def _run_command(arguments: Sequence[str]) -> int:
    options = parse(arguments)
    extras = APPLICATION if options.command == "run" else EVERYTHING
    known = {"test": tuple(TIERS), "check": STATIC}.get(options.command, ())
    unknown = [name for name in getattr(options, "names", ()) if name not in known]
    if unknown:
        print(f"There is no {unknown[0]!r} here, only {', '.join(known)}.", file=sys.stderr)
        return 2
    wish = Wish(extras, options.torch or "")
    if not options.skip_system_libraries:
        ensure_libraries(offscreen=extras == EVERYTHING and not is_ready(wish))
    python = ensure_environment(wish)
    if options.command == "setup":
        print(f"medview is set up; its Python is {python}")
        return 0
    if options.command == "run":
        return start_medview(str(python), options.arguments)
    if options.command == "check":
        return _check(python, options.names)
    return _test(python, options.names, options.expression)


def _check(python: Path, names: Sequence[str]) -> int:
    broken = run_static(python, ROOT, names or STATIC)
    print(f"\nChecks that failed: {', '.join(broken)}" if broken else "\nAll checks passed.")
    return 1 if broken else 0


def _test(python: Path, tiers: Sequence[str], expression: str | None) -> int:
    # Whoever names a tier or a test wants that alone, and quickly.
    broken = [] if tiers or expression else run_static(python, ROOT)
    options = ["-k", expression] if expression else []
    counts = run_tests(python, ROOT, tiers or tuple(TIERS), options)
    print(f"\nChecks that failed: {', '.join(broken)}" if broken else "")
    print(counts, flush=True)
    return 1 if broken or counts.failed else 0
