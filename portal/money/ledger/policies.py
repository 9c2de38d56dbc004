"""Who may see and move money."""

from portal.foundation.labels import N_
from portal.tenancy.actor import FINANCE, MEMBERSHIP, Actor, Rank
from portal.tenancy.guards import otherwise


@otherwise(N_("Only finance and the membership department see money."))
def may_see_money(actor: Actor) -> bool:
    """Finance sees invoices and payments; the membership department looks on."""
    return actor.holds(FINANCE) or actor.holds(MEMBERSHIP)


@otherwise(N_("Only finance records what arrived and uses credit on account."))
def may_record_payments(actor: Actor) -> bool:
    """Finance records what arrived."""
    return actor.holds(FINANCE)


@otherwise(
    N_(
        "Only finance's officers and head undo payments, an acting deputy up to the ceiling "
        "of the appointment."
    )
)
def may_undo_payments(actor: Actor, amount: int = 0) -> bool:
    """Finance's officers and head undo what was recorded wrongly.

    An acting deputy up to the ceiling of the appointment (fen).
    """
    return may_move(actor, Rank.OFFICER, amount)


def may_move(actor: Actor, least: Rank, amount: int) -> bool:
    """Whether a post in finance of this rank reaches to `amount` fen."""
    post = actor.post_in(FINANCE, least)
    return post is not None and (post.ceiling is None or amount <= post.ceiling)


@otherwise(N_("Finance's head keeps the chart of accounts."))
def may_keep_accounts(actor: Actor) -> bool:
    """Finance's head numbers and names the accounts."""
    return actor.holds(FINANCE, Rank.HEAD)
