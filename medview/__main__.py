"""``python -m medview`` is the command ``medview``."""

from __future__ import annotations

import sys

from medview.app.cli import main

if __name__ == "__main__":
    sys.exit(main())
