"""Who may read, raise, correct and pay invoices."""

from portal.foundation.labels import N_
from portal.money.invoices.models import Invoice
from portal.money.ledger.policies import may_move, may_see_money
from portal.tenancy.actor import FINANCE, Actor, ActorKind, Rank
from portal.tenancy.guards import otherwise


def may_read_invoice(actor: Actor, invoice: Invoice) -> bool:
    """Finance and membership; and the enterprise that owes it."""
    if actor.is_staff:
        return may_see_money(actor)
    return (
        actor.kind in {ActorKind.CONTACT, ActorKind.APPLICANT}
        and actor.enterprise_id == invoice.party_id
    )


@otherwise(N_("Only finance raises invoices."))
def may_raise_invoices(actor: Actor) -> bool:
    """Finance raises invoices."""
    return actor.holds(FINANCE)


@otherwise(
    N_(
        "Only finance's officers and head take invoices back, an acting deputy up to the "
        "ceiling of the appointment."
    )
)
def may_correct_invoices(actor: Actor, amount: int = 0) -> bool:
    """Finance's officers and head make invoices void and issue credit notes.

    An acting deputy up to the ceiling of the appointment (fen).
    """
    return may_move(actor, Rank.OFFICER, amount)


@otherwise(N_("Only the enterprise that owes an invoice uploads its slips."))
def may_upload_slip(actor: Actor, invoice: Invoice) -> bool:
    """The enterprise itself, while something is open."""
    return (
        actor.kind in {ActorKind.CONTACT, ActorKind.APPLICANT}
        and actor.enterprise_id == invoice.party_id
        and invoice.open_amount > 0
    )
