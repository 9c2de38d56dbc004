"""The chamber's bodies (会员大会, 理事会 …).

Which offices sit in them, and by which rule they decide.
"""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.audit.acts import Act
from portal.foundation.database import Base, Instant, choice
from portal.foundation.labels import N_, Labelled
from portal.members.offices.models import Office
from portal.tenancy.models import ChamberOwned, belongs_to, has_many, owned_key

COUNCIL = "council"
ASSEMBLY = "assembly"


class BodyAction(Act):
    """Acts on bodies, as the audit names them."""

    BODY_ADDED = "body.added", N_("Body added")
    BODY_CHANGED = "body.changed", N_("Body changed")
    OFFICES_SEATED = "body.offices_seated", N_("Offices that sit in a body changed")
    BODY_RETIRED = "body.retired", N_("Body retired")


class MajorityBase(Labelled):
    """Of whom the majority is counted."""

    PRESENT = "present", N_("of those present")
    ENTITLED = "entitled", N_("of all entitled")


class VotingRule:
    """Quorum and majority as fractions.

    以上 includes the figure, `strict` (超过, 过半数) excludes it.

    The quorum is counted of all entitled (应到), the majority of `pass_base`.
    """

    quorum_num: Mapped[int] = mapped_column(default=2)
    quorum_den: Mapped[int] = mapped_column(default=3)
    pass_num: Mapped[int] = mapped_column(default=2)
    pass_den: Mapped[int] = mapped_column(default=3)
    pass_base: Mapped[MajorityBase] = mapped_column(
        choice(MajorityBase, "pass_base"), default=MajorityBase.PRESENT
    )
    strict: Mapped[bool] = mapped_column(default=False)


RULE = ("quorum_num", "quorum_den", "pass_num", "pass_den", "pass_base", "strict")
"""What makes up a rule, for what copies it."""


class Body(VotingRule, ChamberOwned, Base):
    """Who decides: the council, the members' assembly, or a body of the chamber's own.

    By `code`: council, assembly, or none.

    In the assembly every member has a seat; in the others whoever holds an office that sits there.
    A retired one meets no more.
    """

    __tablename__ = "body"

    code: Mapped[str | None] = mapped_column(sa.String(20))
    name_zh: Mapped[str] = mapped_column(sa.String(60))
    name_en: Mapped[str] = mapped_column(sa.String(80))
    position: Mapped[int] = mapped_column(default=0)
    retired_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "code"),
        sa.UniqueConstraint("chamber_id", "name_zh"),
        sa.CheckConstraint(
            "0 < quorum_num AND quorum_num <= quorum_den", name="quorum_is_fraction"
        ),
        sa.CheckConstraint("0 < pass_num AND pass_num <= pass_den", name="majority_is_fraction"),
    )
    seats: Mapped[list["BodySeat"]] = has_many("Body", "BodySeat", "body_id", viewonly=True)

    @property
    def is_assembly(self) -> bool:
        """Whether every member sits in it."""
        return self.code == ASSEMBLY


class BodySeat(ChamberOwned, Base):
    """An office whose holders sit in a body."""

    __tablename__ = "body_seat"

    body_id: Mapped[uuid.UUID]
    office_id: Mapped[uuid.UUID]
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "body_id", "office_id"),
        owned_key("body_id", "body"),
        owned_key("office_id", "office"),
    )
    office: Mapped[Office] = belongs_to("BodySeat", "office_id", "Office", viewonly=True)
