"""The installation's keys.

Whether they are its own, and sealing everything anew when they change.
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from cryptography.fernet import InvalidToken

from portal.accounts.models import Person
from portal.foundation.secrecy import Sealer, is_sealed
from portal.jobs.models import Mail
from portal.money.online.models import StripeKeys
from portal.tenancy.chambers import every_chamber
from portal.tenancy.models import Installation
from portal.tenancy.session import Doors

WORD = "the canary sings"
SEALED = (
    (Person, ("totp_secret",)),
    (StripeKeys, ("secret_key", "webhook_secret")),
    (Mail, ("secret",)),
)
"""Every column that holds something sealed."""
CHUNK = 500


class WrongKey(Exception):
    """The secret key is not the one that this database was sealed with.

    The message says what to do.
    """


def keep_canary(doors: Doors) -> None:
    """Seals the canary of an installation that has none.

    And with it what was kept in clear before words were sealed; WrongKey where that does not open.
    """
    with doors.platform() as session:
        known = session.scalars(sa.select(Installation)).one_or_none()
    if known is None:
        try:
            for _ in seal_everything_anew(doors):
                pass
        except InvalidToken as error:
            raise WrongKey(
                "PORTAL_SECRET_KEY does not open what this database holds: set the key that "
                "it was sealed with"
            ) from error


def check_key(doors: Doors) -> None:
    """WrongKey where the canary does not open.

    Serving on would make second factors, Stripe keys and links dead in silence.
    """
    with doors.platform() as session:
        known = session.scalars(sa.select(Installation)).one_or_none()
    if known is None:
        raise WrongKey("this database has no canary yet: run `portal migrate`")
    try:
        doors.sealer.open(known.canary)
    except InvalidToken as error:
        raise WrongKey(
            "PORTAL_SECRET_KEY is not the key that this database was sealed with "
            f"(fingerprint {known.fingerprint}):"
            " set the right one, or list it in PORTAL_SECRET_KEYS behind the new one"
        ) from error


def seal_everything_anew(doors: Doors) -> Iterator[tuple[str, int]]:
    """Seals every secret under the first key, chamber by chamber and in pieces.

    The canary last, so that it says when all is done.
    """
    for chamber in every_chamber(doors):
        count = 0
        for model, names in SEALED:
            with doors.chamber(chamber.id) as session:
                ids = session.scalars(
                    sa.select(model.id).where(
                        sa.or_(*(getattr(model, n).is_not(None) for n in names))
                    )
                ).all()
            for start in range(0, len(ids), CHUNK):
                with doors.chamber(chamber.id, writing=True) as session:
                    piece = (
                        sa.select(model)
                        .where(model.id.in_(ids[start : start + CHUNK]))
                        .order_by(model.id)
                    )
                    for row in session.scalars(
                        piece.with_for_update(key_share=True) if doors.database.locking else piece
                    ):
                        count += _seal_row(doors.sealer, row, names)
        yield chamber.slug, count
    with doors.platform(writing=True) as session:
        known = session.scalars(sa.select(Installation)).one_or_none() or Installation(id=1)
        known.canary, known.fingerprint = doors.sealer.seal(WORD), doors.sealer.fingerprint
        session.add(known)


def _seal_row(sealer: Sealer, row: Any, names: tuple[str, ...]) -> int:
    count = 0
    for name in names:
        value = getattr(row, name)
        if value is not None:
            setattr(row, name, sealer.seal_anew(value) if is_sealed(value) else sealer.seal(value))
            count += 1
    return count
