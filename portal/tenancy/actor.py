"""Who acts: plain data, built once a request, that policies read."""

import datetime as dt
import uuid
from dataclasses import dataclass
from enum import StrEnum


class ActorKind(StrEnum):
    """The five ways to stand before a chamber."""

    STAFF = "staff"
    CONTACT = "contact"
    APPLICANT = "applicant"
    VISITOR = "visitor"
    SYSTEM = "system"


class Rank(StrEnum):
    """The rank of an appointment within its department; the secretary-general stands over all."""

    CLERK = "clerk"
    OFFICER = "officer"
    HEAD = "head"
    SECRETARY_GENERAL = "secretary_general"


SENIORITY = {Rank.CLERK: 1, Rank.OFFICER: 2, Rank.HEAD: 3, Rank.SECRETARY_GENERAL: 4}
MEMBERSHIP, OFFICE, RIGHTS, FINANCE = "HYB", "BGS", "QYB", "CWB"


@dataclass(frozen=True)
class Post:
    """An appointment as the actor carries it. `ceiling` in fen limits an acting deputy (代行)."""

    id: uuid.UUID
    department: str
    rank: Rank
    acting: bool = False
    ceiling: int | None = None
    department_id: uuid.UUID | None = None
    until_on: dt.date | None = None


@dataclass(frozen=True)
class Actor:
    """One who acts in one chamber."""

    kind: ActorKind
    name: str
    person_id: uuid.UUID | None = None
    posts: tuple[Post, ...] = ()
    enterprise_id: uuid.UUID | None = None
    application_id: uuid.UUID | None = None
    needs_second_factor: bool = False

    def holds(self, department: str, least: Rank = Rank.CLERK) -> bool:
        """Whether an appointment in `department` of rank `least` or higher is held.

        Or the secretary-general's.
        """
        return self.post_in(department, least) is not None

    def post_in(self, department: str, least: Rank = Rank.CLERK) -> Post | None:
        """The appointment under which the actor acts in `department`.

        Its own first, then the secretary-general's; one of one's own before an acting deputy's.
        """
        fit = [
            p
            for p in self.posts
            if p.department == department and SENIORITY[p.rank] >= SENIORITY[least]
        ]
        over_all = [p for p in self.posts if p.rank is Rank.SECRETARY_GENERAL]
        return next(iter(sorted(fit, key=_is_acting) or sorted(over_all, key=_is_acting)), None)

    @property
    def is_staff(self) -> bool:
        """Whether the actor works for the chamber today."""
        return self.kind is ActorKind.STAFF

    @property
    def is_system(self) -> bool:
        """Whether the portal itself acts, in a job."""
        return self.kind is ActorKind.SYSTEM


def _is_acting(post: Post) -> bool:
    return post.acting


VISITOR = Actor(ActorKind.VISITOR, "visitor")
SYSTEM = Actor(ActorKind.SYSTEM, "system")
