"""Names and descriptions in every character set of PS3.3 C.12.1.1.2."""

from __future__ import annotations

import warnings
from functools import lru_cache

_PLAIN_CODECS = {"ISO_IR 192": "utf-8", "ISO_IR 100": "latin-1"}
"""Sets that need no switching, decoded without importing pydicom."""


@lru_cache(maxsize=4096)
def decode_text(raw: bytes, terms: tuple[str, ...], *, person: bool) -> str:
    """Decode a text value.

    Parameters
    ----------
    raw : bytes
    terms : tuple of str
        Values of Specific Character Set (0008,0005); empty means ASCII.
    person : bool
        Whether this is a person's name, whose parts switch back to the first set.

    Returns
    -------
    str
        With U+FFFD where bytes do not belong to the character set.

    Notes
    -----
    Files that declare no set, or ASCII, and hold other bytes are common. They are
    read as UTF-8 where they are valid UTF-8, else as Latin-1: both show the name
    as written far more often than replacement marks would.
    """
    if not terms or terms in (("",), ("ISO_IR 6",), ("ISO 2022 IR 6",)):
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            return raw.decode("latin-1")
    if len(terms) == 1 and terms[0] in _PLAIN_CODECS:
        text = raw.decode(_PLAIN_CODECS[terms[0]], "replace").strip()
        return text.rstrip("= ") if person else text
    from pydicom.charset import convert_encodings, decode_bytes
    from pydicom.valuerep import PersonName

    from medview.io.dicom.fallback import silence_pydicom

    silence_pydicom()

    # An unknown term makes pydicom warn and take its default; the text then still shows.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            encodings = convert_encodings(list(terms))
            if person:
                return str(PersonName(raw, encodings).decode(encodings)).rstrip("= ")
            return decode_bytes(raw, encodings, {0x5C, 0x0A, 0x0C, 0x0D, 0x09}).strip()
        except (LookupError, UnicodeError, ValueError):
            return raw.decode("latin-1")
