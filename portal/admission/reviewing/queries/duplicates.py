"""Finding enterprises that an applicant may be already."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal.admission.applications.models import Application
from portal.admission.reviewing.models import DuplicateDecision, DuplicateGround, PossibleDuplicate
from portal.foundation.search import normalise_name, pinyin_key
from portal.members.enterprises.models import Enterprise
from portal.members.membership.models import Membership
from portal.tenancy.session import ChamberSession

MOST = 20


def list_duplicates(
    session: ChamberSession, application_id: uuid.UUID
) -> Sequence[PossibleDuplicate]:
    """The possible duplicates of an application with their enterprises and decisions."""
    query = sa.select(PossibleDuplicate).options(
        joinedload(PossibleDuplicate.enterprise), joinedload(PossibleDuplicate.decision)
    )
    return session.scalars(
        query.where(PossibleDuplicate.application_id == application_id).order_by(
            PossibleDuplicate.id
        )
    ).all()


def find_open_duplicate(
    session: ChamberSession, application_id: uuid.UUID
) -> PossibleDuplicate | None:
    """A possible duplicate of an application that nobody has decided."""
    decided = sa.select(DuplicateDecision.duplicate_id)
    query = sa.select(PossibleDuplicate).where(
        PossibleDuplicate.application_id == application_id, PossibleDuplicate.id.not_in(decided)
    )
    return session.scalars(query.limit(1)).first()


def is_stranger(session: ChamberSession, application: Application) -> bool:
    """Whether an applicant is new to the enterprise it names.

    It was a member before, or no earlier application of it has the same e-mail address.

    Without an address, the phone is compared. An earlier application that was a stranger's itself
    proves nothing, unless a person found it to be the same.
    """
    if session.scalars(
        sa.select(Membership.id)
        .where(Membership.enterprise_id == application.enterprise_id)
        .limit(1)
    ).first():
        return True
    known = (
        Application.contact_email == application.contact_email
        if application.contact_email
        else Application.contact_phone == application.contact_phone
    )
    strange = sa.select(PossibleDuplicate.application_id).outerjoin(
        DuplicateDecision, DuplicateDecision.duplicate_id == PossibleDuplicate.id
    )
    strange = strange.where(
        PossibleDuplicate.ground == DuplicateGround.USCC,
        sa.func.coalesce(DuplicateDecision.same, sa.false()).is_(sa.false()),
    )
    earlier = (
        Application.enterprise_id == application.enterprise_id,
        Application.id != application.id,
        Application.id.not_in(strange),
    )
    query = sa.select(Application.id).where(*earlier, known)
    return session.scalars(query.limit(1)).first() is None


def find_similar(
    session: ChamberSession, name: str, own_id: uuid.UUID
) -> list[tuple[Enterprise, DuplicateGround]]:
    """Other enterprises of the same normalised name, and those whose whole name sounds the same.

    At most twenty of each.
    """
    others = (
        sa.select(Enterprise)
        .where(Enterprise.id != own_id, Enterprise.same_as_id.is_(None))
        .limit(MOST)
    )
    same = session.scalars(others.where(Enterprise.name_normal == normalise_name(name))).all()
    sound = pinyin_key(name).removesuffix(name[:80])
    alike = session.scalars(
        others.where(Enterprise.pinyin_key.startswith(sound, autoescape=True))
    ).all()
    homophones = [e for e in alike if e not in same and e.pinyin_key == sound + e.name[:80]]
    return [(e, DuplicateGround.NAME) for e in same] + [
        (e, DuplicateGround.PINYIN) for e in homophones
    ]
