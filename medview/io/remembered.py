"""`Remembered`: a series that the index knows and whose headers were not read again yet."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Remembered:
    """Where to look before loading.

    Attributes
    ----------
    files_json : str
        JSON list of paths; taken apart only when it is needed.
    """

    files_json: str

    @property
    def files(self) -> list[Path]:
        """The files that hold the series, and any parts that it came apart from."""
        return [Path(name) for name in json.loads(self.files_json)]
