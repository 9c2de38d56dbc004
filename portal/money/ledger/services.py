"""The one way into the ledger."""

import datetime as dt
import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from portal.audit.record import record
from portal.foundation.errors import InvalidInput
from portal.foundation.labels import N_
from portal.members.enterprises.models import Enterprise, Party, PartyKind
from portal.money.ledger.models import Journal, JournalKind, LedgerAccount, LedgerAction, Posting
from portal.money.ledger.policies import may_keep_accounts
from portal.money.ledger.rules import CHART
from portal.tenancy.actor import Actor
from portal.tenancy.guards import guard
from portal.tenancy.search_index import index_subject
from portal.tenancy.session import ChamberSession

NUMBER = re.compile(r"[1-9][0-9]{3}(\.[0-9]{2}){0,3}")


@dataclass(frozen=True)
class Side:
    """One side of an entry, of a party: debit positive, credit negative, in fen."""

    account: str
    party_id: uuid.UUID
    amount: int


def post(
    session: ChamberSession,
    kind: JournalKind,
    sides: Sequence[Side],
    *,
    on: dt.date,
    origin: tuple[str, uuid.UUID],
    beside_id: uuid.UUID | None = None,
    reverses_id: uuid.UUID | None = None,
    actor: Actor,
) -> Journal:
    """Appends one balanced entry; ValueError where the sides of a party do not add up to zero.

    `origin` is the table and id of what it came from.

    The act that calls for it is audited by the caller, under `actor`.
    """
    for party_id in {side.party_id for side in sides}:
        if sum(side.amount for side in sides if side.party_id == party_id) != 0:
            raise ValueError(f"{actor.name} posts an entry that does not balance: {sides}")
    journal = Journal(
        kind=kind,
        posted_on=on,
        posted_at=session.now(),
        origin_type=origin[0],
        origin_id=origin[1],
        beside_id=beside_id,
        reverses_id=reverses_id,
    )
    session.add(journal)
    session.flush()
    moved = (asdict(side) for side in sides if side.amount)
    session.add_all(Posting(journal_id=journal.id, **side) for side in moved)
    session.flush()
    return journal


def take_back(
    session: ChamberSession, journal: Journal, kind: JournalKind, *, on: dt.date, actor: Actor
) -> Journal:
    """Appends the entry that takes another back, side by side. Each entry is taken back once.

    The schema refuses a second time.
    """
    postings = session.scalars(sa.select(Posting).where(Posting.journal_id == journal.id)).all()
    sides = [Side(p.account, p.party_id, -p.amount) for p in postings]
    origin = (journal.origin_type, journal.origin_id)
    return post(
        session,
        kind,
        sides,
        on=on,
        origin=origin,
        beside_id=journal.beside_id,
        reverses_id=journal.id,
        actor=actor,
    )


def open_accounts(session: ChamberSession) -> None:
    """Gives a new chamber the accounts that the portal posts to."""
    session.add_all(
        LedgerAccount(code=code, number=number, name_zh=zh, name_en=en, kind=kind)
        for code, number, zh, en, kind in CHART
    )


def lock_parties(session: ChamberSession, party_ids: Iterable[uuid.UUID]) -> None:
    """**Locks** whose money moves: the enterprises by ascending id, then who is outside.

    NotFound where one is gone.
    """
    wanted = sorted(set(party_ids))
    enterprises = {party_id: session.find(Enterprise, party_id) for party_id in wanted}
    for known in filter(None, enterprises.values()):
        session.lock(known)
    for party_id, enterprise in enterprises.items():
        if enterprise is None:
            session.lock(session.fetch(Party, party_id))


def ensure_party(session: ChamberSession, kind: PartyKind, name: str) -> Party:
    """Somebody outside of this name, entered where new. InvalidInput (`name`) without one.

    Whoever calls audits the act.
    """
    name = " ".join(name.split())
    if not name or kind is PartyKind.ENTERPRISE:
        raise InvalidInput("name", N_("Give the name of who owes."))
    same = sa.select(Party).where(Party.kind == kind, Party.name == name)
    known = session.scalars(same).one_or_none()
    if known is not None:
        return known
    try:
        with session.begin_nested():
            party = Party(kind=kind, name=name)
            session.add(party)
    except IntegrityError:
        return session.scalars(same).one()
    index_subject(session, "party", party.id, name)
    return party


def change_account(
    session: ChamberSession,
    account: LedgerAccount,
    *,
    number: str,
    name_zh: str,
    name_en: str,
    actor: Actor,
) -> None:
    """Renumbers or renames an account; what was posted to it stays.

    NotPermitted for others than finance's head; InvalidInput (`number`) for one that is no number
    or is taken. **Locks** the account.
    """
    guard(may_keep_accounts, actor)
    account = session.lock(account)
    if not NUMBER.fullmatch(number):
        raise InvalidInput(
            "number",
            N_("A number has four digits, and pairs of digits after points: 1002 or 1002.01."),
        )
    if session.scalars(
        sa.select(LedgerAccount.id).where(
            LedgerAccount.number == number, LedgerAccount.id != account.id
        )
    ).first():
        raise InvalidInput("number", N_("Another account has this number."))
    earlier = account.number
    account.number, account.name_zh, account.name_en = number, name_zh.strip(), name_en.strip()
    record(
        session,
        LedgerAction.ACCOUNT_CHANGED,
        account,
        actor=actor,
        code=account.code,
        earlier=earlier,
        number=number,
    )
