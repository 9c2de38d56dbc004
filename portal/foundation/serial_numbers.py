"""Serial numbers of bank transfers and of the cash book, as they are compared."""

import re
import unicodedata


def serial_number(typed: str) -> str:
    """The number in half-width signs and without spaces.

    The same number typed twice is the same.
    """
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", typed))
