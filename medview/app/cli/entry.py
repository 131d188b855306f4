"""The entry point: tells a path from a command, and turns every end into its exit code."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from medview.app.cli import console, exit_codes
from medview.app.cli.environment import Environment
from medview.core.errors import MedviewError
from medview.core.progress import Cancelled

if TYPE_CHECKING:
    import typer

SCHEMA = "medview.error/1"
_GROUP_OPTIONS = frozenset({"--help", "-h", "--version"})


def main(argv: Sequence[str] | None = None, environment: Environment | None = None) -> int:
    """Run ``medview`` and return its exit code.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments after the program's name; those of the process by default.
    environment : Environment, optional
        What commands work with; that of this process by default.
    """
    args = list(sys.argv[1:] if argv is None else argv)
    environment = environment or Environment()
    console.make_streams_forgiving()
    with _terminated_like_interrupted():
        code = _code_of(args, environment)
        environment.close()
    if environment.left_running:
        # Native code that ignores cancel would hold up the interpreter's own end for ever.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    return code


@contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """Let SIGTERM end a command as Ctrl+C does: it cancels, cleans up and tells."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may change what a signal does
        return
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _code_of(args: list[str], environment: Environment) -> int:
    try:
        try:
            return _dispatch(args, environment)
        except MedviewError as error:
            told = "\n".join((error.message, *getattr(error, "__notes__", ())))
            return _failed(args, exit_codes.exit_code(error), error.code, told)
        except (KeyboardInterrupt, Cancelled):
            return _failed(args, exit_codes.CANCELLED, "cancelled", "Cancelled.")
    except BrokenPipeError:
        # The reader of a pipe has enough; Python must not complain when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exit_codes.DONE
    # The last guard: whatever is left is a defect, and its traceback is for the log alone.
    except Exception as error:  # noqa: BLE001
        return _failed(args, exit_codes.DEFECT, "defect", _defect(error, args, environment))


def _failed(args: Sequence[str], code: int, kind: str, message: str) -> int:
    """Say why a command ended without its result: to people, and to a script that reads JSON."""
    console.remark(_as_typed(message, args) if kind == "path-missing" else message)
    options = args[: args.index("--")] if "--" in args else args
    if "--json" in options:
        told = {"schema": SCHEMA, "exit_code": code, "code": kind, "message": message}
        console.document(told)
    return code


def _as_typed(message: str, args: Sequence[str]) -> str:
    """A message with what the person typed in place of its last part, which is all that is logged.

    It is their own argument, and shown to nobody but them.
    """
    for arg in args:
        typed = arg.partition("=")[2] if arg.startswith("--") else arg
        name = f"'{Path(typed).name}'"
        if name in message:
            return message.replace(name, f"'{typed}'", 1)
    return message


def is_command(args: Sequence[str], commands: frozenset[str]) -> bool:
    """Whether arguments name a command; else they name what to open in the window.

    A first word that is a command is always the command, whatever files there
    are: a file of that name is opened as ``./info``, or after ``--``.
    """
    return bool(args) and (args[0] in commands or args[0] in _GROUP_OPTIONS)


def _dispatch(args: list[str], environment: Environment) -> int:
    # Typer takes a tenth of a second, so it is not imported before it is needed.
    import typer

    from medview.app.cli.commands import command_names, commands_app
    from medview.app.cli.window import window_app

    app = commands_app()
    if not is_command(args, command_names(app)):
        app = window_app(command_names(app))
    try:
        return _status(app, args, environment)
    except typer.Abort:
        raise KeyboardInterrupt from None
    except typer.TyperException as error:
        command = _command_of(error, args)
        told = f"{error.format_message()}\nSee '{command} --help'."
        return _failed(args, exit_codes.USAGE, "usage", told)


def _command_of(error: typer.TyperException, args: Sequence[str]) -> str:
    """The command, with its group, of which the help says how it is used."""
    context = getattr(error, "ctx", None)
    if context is not None and context.command_path:
        return str(context.command_path)
    return f"medview {args[0]}" if args and not args[0].startswith("-") else "medview"


def _status(app: typer.Typer, args: list[str], environment: Environment) -> int:
    import typer

    command = typer.main.get_command(app)
    try:
        status = command.main(args, prog_name="medview", standalone_mode=False, obj=environment)
    except SystemExit as end:
        # Typer makes an exit with 1 of a pipe whose reader has enough.
        if isinstance(end.__context__, BrokenPipeError):
            raise BrokenPipeError from end
        raise
    if status == exit_codes.CANCELLED:  # Typer made a code of Ctrl+C, and swallowed its message
        raise KeyboardInterrupt
    return status if isinstance(status, int) else exit_codes.DONE


def _defect(error: Exception, args: Sequence[str], environment: Environment) -> str:
    import logging

    from medview.app.controllers.named import is_there

    told = f"medview met a defect of its own ({type(error).__name__})."
    try:
        environment.keep_out_of_log([p for p in map(Path, args) if is_there(p)])
        with environment.log() as path:
            logging.getLogger("medview.cli").error("A command failed", exc_info=error)
        return f"{told} The details are in {path}."
    # The log itself cannot be written: say at least that.
    except Exception:  # noqa: BLE001
        return f"{told} The log could not be written."
