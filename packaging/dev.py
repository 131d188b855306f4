"""Set medview up in .venv and start it, or set it up and pass its tests: the two commands.

python3 packaging/dev.py run [PATH ...]     open the window (on the sample study without PATH)
python3 packaging/dev.py test               ruff, mypy, import rules and the test suite
"""

# This file keeps to syntax that Python 3.6 can read, so that an old one gets a sentence.
import sys

OLDEST = (3, 11)


def main() -> int:
    """Check the interpreter, then hand over."""
    if sys.version_info < OLDEST:
        print(
            f"medview needs Python {OLDEST[0]}.{OLDEST[1]} or newer; this is Python "
            f"{sys.version_info[0]}.{sys.version_info[1]}. Start this script with a newer one, "
            "for example: python3.12 packaging/dev.py run"
        )
        return 2
    from dev_commands import main as commands

    return commands(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
