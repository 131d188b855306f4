"""Which licence a bundle comes under, from the texts that it ships."""

from __future__ import annotations

import re

from medview.host.bundles.files import ModelFiles

NOT_STATED = "not stated"
_NAMES = ("LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "docs/license.txt", "docs/LICENSE")
_KNOWN = (
    ("NVIDIA OneWay Non-Commercial", r"nvidia\s+one-?way\s+non-?commercial"),
    ("non-commercial, see LICENSE", r"non-?commercial"),
    ("Apache-2.0", r"apache\s+license,?\s+version\s+2\.0"),
    ("MIT", r"permission is hereby granted, free of charge"),
    ("BSD-3-Clause", r"neither the name of"),
    ("CC-BY-4.0", r"creative commons attribution 4\.0"),
)


def licence_of(files: ModelFiles) -> str:
    """An SPDX identifier, a licence text's own first line, or `NOT_STATED`.

    A restriction is looked for before any permission, so that a text with
    both is never shown as free.
    """
    name = next((n for n in _NAMES if n in files), None)
    if name is None:
        return NOT_STATED
    text = files.text(name)
    plain = " ".join(text.split()).lower()
    for spdx, pattern in _KNOWN:
        if re.search(pattern, plain):
            return spdx
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return first[:120] or NOT_STATED
