"""What an upload may be, judged by its content and never by its name."""

import io
import unicodedata

import magic
from PIL import Image, UnidentifiedImageError

from portal.foundation.errors import InvalidInput
from portal.foundation.labels import N_

LARGEST_UPLOAD = 10 * 1024 * 1024
MOST_PIXELS = 60_000_000
PICTURES = {"image/jpeg": "JPEG", "image/png": "PNG"}
PAPERS = {"application/pdf"}


def check_upload(data: bytes, *, field: str, pictures_only: bool = False) -> str:
    """The media type of an upload; refuses (InvalidInput) empty, large, unknown and lying files."""
    if not data:
        raise InvalidInput(field, N_("The file is empty. Choose it again."))
    if len(data) > LARGEST_UPLOAD:
        raise InvalidInput(field, N_("The file is larger than 10 MB. Make it smaller, for example with a lower photo resolution."))
    media_type = str(magic.from_buffer(data[:65536], mime=True))
    if media_type in PICTURES:
        _check_picture(data, PICTURES[media_type], field)
    elif pictures_only:
        raise InvalidInput(field, N_("Choose a picture: JPEG or PNG."))
    elif media_type not in PAPERS or b"%%EOF" not in data[-2048:]:
        raise InvalidInput(field, N_("Choose a photo (JPEG, PNG) or a PDF. This file is something else, whatever its name says."))
    return media_type


def tidy_name(name: str) -> str:
    """The label of an upload: its last path part, without control characters, 120 characters at most."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    clean = "".join(c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c)[0] != "C")
    return clean.strip()[-120:] or "file"


def _check_picture(data: bytes, kind: str, field: str) -> None:
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise InvalidInput(field, N_("The picture has too many pixels. Make it smaller."))
            picture.verify()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise InvalidInput(field, N_("The picture cannot be read. Take the photo again or choose another file.")) from error
