"""The commands of dev.py: run, test and setup."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence

from dev_checks import TIERS, run_checks
from dev_environment import ROOT, SetupFailed, Wish, ensure_environment
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
    test.add_argument("tiers", nargs="*", metavar="TIER", help=f"only these: {', '.join(TIERS)}")
    test.add_argument("-k", dest="expression", help="only tests whose name fits, as in pytest")
    commands.add_parser("setup", parents=[common], help="set up only, tests included")
    return top


def start_medview(python: str, arguments: Sequence[str]) -> int:
    """Replace this process by medview, or on Windows wait for it."""
    command = [python, "-m", "medview", *(arguments or ["--sample"])]
    if os.name != "nt":
        os.execv(python, command)  # noqa: S606 - the interpreter that was just set up
    return subprocess.run(command, check=False).returncode


def main(arguments: Sequence[str]) -> int:
    """Run one command; the exit code is 0 for success, 1 for failed checks, 3 for no set-up."""
    options = parser().parse_args(arguments)
    extras = APPLICATION if options.command == "run" else EVERYTHING
    unknown = [tier for tier in getattr(options, "tiers", ()) if tier not in TIERS]
    if unknown:
        print(f"There is no tier {unknown[0]!r}; there are {', '.join(TIERS)}.", file=sys.stderr)
        return 2
    try:
        if not options.skip_system_libraries:
            ensure_libraries(tests=options.command != "run")
        python = ensure_environment(Wish(extras, options.torch or ""))
    except (LibrariesMissing, SetupFailed) as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        print("\nSet-up cancelled. The next call begins it anew.", file=sys.stderr)
        return 130
    if options.command == "setup":
        print(f"medview is set up; its Python is {python}")
        return 0
    if options.command == "run":
        return start_medview(str(python), options.arguments)
    chosen = ["-k", options.expression] if options.expression else []
    return run_checks(python, ROOT, options.tiers, chosen)
