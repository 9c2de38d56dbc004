"""Who may do what with money."""

import uuid

from portal.money.invoices.models import Invoice
from portal.money.payments.models import Refund, RefundState
from portal.tenancy.actor import FINANCE, MEMBERSHIP, OFFICE, Actor, ActorKind, Rank


def may_see_money(actor: Actor) -> bool:
    """Finance sees invoices and payments; the membership department looks on."""
    return actor.holds(FINANCE) or actor.holds(MEMBERSHIP)


def may_read_invoice(actor: Actor, invoice: Invoice) -> bool:
    """Finance and membership; and the enterprise that owes it."""
    if actor.is_staff:
        return may_see_money(actor)
    return actor.kind in {ActorKind.CONTACT, ActorKind.APPLICANT} and actor.enterprise_id == invoice.enterprise_id


def may_record_payments(actor: Actor) -> bool:
    """Finance records what arrived."""
    return actor.holds(FINANCE)


def may_record_payment(actor: Actor, amount: int) -> bool:
    """Finance, an acting deputy up to the ceiling of the appointment (fen)."""
    return _may_move(actor, Rank.CLERK, amount)


def may_raise_invoices(actor: Actor) -> bool:
    """Finance raises invoices."""
    return actor.holds(FINANCE)


def may_correct_invoices(actor: Actor, amount: int = 0) -> bool:
    """Finance's officers and head make invoices void and issue credit notes, an acting deputy up to the ceiling of the appointment (fen)."""
    return _may_move(actor, Rank.OFFICER, amount)


def may_undo_payments(actor: Actor, amount: int = 0) -> bool:
    """Finance's officers and head undo what was recorded wrongly, an acting deputy up to the ceiling of the appointment (fen)."""
    return _may_move(actor, Rank.OFFICER, amount)


def may_decide_refund(actor: Actor, refund: Refund, recorders: set[uuid.UUID]) -> bool:
    """Finance's head or the secretary-general, who neither asked for it nor recorded money of the enterprise (会计不得兼任出纳).

    An acting deputy only up to the ceiling of the appointment.
    """
    asked = refund.steps[0].person_id if refund.steps else None
    return _may_move(actor, Rank.HEAD, refund.amount) and actor.person_id != asked and actor.person_id not in recorders


def may_withdraw_refund(actor: Actor, refund: Refund) -> bool:
    """Whoever asked for a refund takes it back until it is decided."""
    return refund.state is RefundState.REQUESTED and bool(refund.steps) and actor.person_id == refund.steps[0].person_id is not None


def may_pay_online(actor: Actor, invoice: Invoice) -> bool:
    """The enterprise itself, or whoever holds the link that was mailed to it."""
    return not actor.is_staff and actor.enterprise_id == invoice.enterprise_id


def may_keep_keys(actor: Actor) -> bool:
    """Finance's head and the head of the general office set the keys of the chamber's Stripe account."""
    return actor.holds(FINANCE, Rank.HEAD) or actor.holds(OFFICE, Rank.HEAD)


def may_upload_slip(actor: Actor, invoice: Invoice) -> bool:
    """The enterprise itself, while something is open."""
    return actor.kind in {ActorKind.CONTACT, ActorKind.APPLICANT} and actor.enterprise_id == invoice.enterprise_id and invoice.open_amount > 0


def may_edit_schedules(actor: Actor) -> bool:
    """Finance's head and the head of the general office enter dues schedules."""
    return actor.holds(FINANCE, Rank.HEAD) or actor.holds(OFFICE, Rank.HEAD)


def _may_move(actor: Actor, least: Rank, amount: int) -> bool:
    """Whether a post in finance of this rank reaches to `amount` fen."""
    post = actor.post_in(FINANCE, least)
    return post is not None and (post.ceiling is None or amount <= post.ceiling)
