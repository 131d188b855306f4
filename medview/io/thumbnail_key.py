"""Under which key the small picture of a series is kept: another one once a file has changed."""

from __future__ import annotations

import hashlib

from medview.core.errors import UsageError
from medview.io.scan import SeriesEntry, paths_of
from medview.io.thumbnail_store import ThumbnailKey, name_hash, study_hash
from medview.io.walk import state_of

_VERSION = 2
"""Raised whenever pictures of equal files would look different."""


def thumbnail_key(entry: SeriesEntry) -> ThumbnailKey | None:
    """The key of a series as its files are now; None if one of them is gone."""
    try:
        state = state_of(paths_of(entry))
    except (OSError, UsageError):
        return None
    uid = entry.study.uid
    return ThumbnailKey(
        uid,
        study_hash(uid),
        name_hash("series", entry.series.uid),
        hashlib.sha256(b"%d\n" % _VERSION + state).hexdigest()[:32],
    )
