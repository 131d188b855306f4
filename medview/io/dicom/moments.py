"""Dates and times of DICOM (value representations DA, TM and DT, PS3.5 6.2) as numbers."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

_DAY_S = 86400.0
_ZONE = re.compile(r"[+-]\d{4}$")


def seconds(time: str) -> float | None:
    """Seconds after midnight of a TM value, or None."""
    try:
        digits = time.replace(":", "")
        hours, minutes = int(digits[:2]), int(digits[2:4] or 0)
        return hours * 3600.0 + minutes * 60 + float(digits[4:] or 0)
    except ValueError:
        return None


def moment(day: str, time: str) -> float | None:
    """Seconds that order what was acquired, across midnight too; None without a time.

    Without a day they count from midnight.
    """
    after_midnight = seconds(time)
    return None if after_midnight is None else _days(day) * _DAY_S + after_midnight


def moment_of(when: str) -> float | None:
    """The same of a DT value, whose offset from UTC is taken to be that of its neighbours."""
    when = _ZONE.sub("", when)
    return moment(when[:8], when[8:]) if len(when) > 8 else None


@lru_cache(maxsize=256)
def _days(day: str) -> int:
    try:
        return date(int(day[:4]), int(day[4:6]), int(day[6:8])).toordinal()
    except ValueError:
        return 0
