"""The ``medview`` command: one file for each subcommand, thin over the window's controllers."""

from __future__ import annotations

from medview.app.cli.entry import main

__all__ = ["main"]
