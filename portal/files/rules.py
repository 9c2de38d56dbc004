"""What an upload may be, judged by its content and never by its name."""

import unicodedata

import magic

from portal.files.opening import Unopenable, measure_picture
from portal.foundation.errors import InvalidInput
from portal.foundation.labels import N_

LARGEST_UPLOAD = 10 * 1024 * 1024
MOST_PIXELS = 60_000_000
MOST_PIXELS_OF_A_SEAL = 4_000_000
"""A seal stands on every paper, so it is opened again and again."""
PICTURES = {"image/jpeg", "image/png"}
PAPERS = {"application/pdf"}


def check_upload(data: bytes, *, field: str, pictures_only: bool = False) -> str:
    """The media type of an upload; refuses (InvalidInput) empty, large, unknown and lying files.

    A picture is opened in a child with limits of its own; Unavailable where too many are opened at
    once.
    """
    if not data:
        raise InvalidInput(field, N_("The file is empty. Choose it again."))
    if len(data) > LARGEST_UPLOAD:
        raise InvalidInput(
            field,
            N_(
                "The file is larger than 10 MB. Make it smaller, for example with a lower "
                "photo resolution."
            ),
        )
    media_type = str(magic.from_buffer(data[:65536], mime=True))
    if media_type in PICTURES:
        _check_picture(
            data, media_type, field, MOST_PIXELS_OF_A_SEAL if pictures_only else MOST_PIXELS
        )
    elif pictures_only:
        raise InvalidInput(field, N_("Choose a picture: JPEG or PNG."))
    elif media_type not in PAPERS or b"%%EOF" not in data[-2048:]:
        raise InvalidInput(
            field,
            N_(
                "Choose a photo (JPEG, PNG) or a PDF. This file is something else, whatever "
                "its name says."
            ),
        )
    return media_type


def tidy_name(name: str) -> str:
    """The label of an upload.

    Its last path part, without control characters, 120 characters at most.
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    clean = "".join(
        c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c)[0] != "C"
    )
    return clean.strip()[-120:] or "file"


def _check_picture(data: bytes, media_type: str, field: str, most_pixels: int) -> None:
    try:
        width, height = measure_picture(data, media_type)
    except Unopenable as error:
        raise InvalidInput(
            field, N_("The picture cannot be read. Take the photo again or choose another file.")
        ) from error
    if width * height > most_pixels:
        raise InvalidInput(field, N_("The picture has too many pixels. Make it smaller."))
