"""Who may see papers."""

from portal.papers.issuing.models import IssuedPaper
from portal.tenancy.actor import Actor, ActorKind


def may_ask_for_papers(actor: Actor) -> bool:
    """Staff, contacts and applicants hold papers."""
    return (actor.is_staff and bool(actor.posts)) or actor.kind in {
        ActorKind.CONTACT,
        ActorKind.APPLICANT,
    }


def may_read_paper(actor: Actor, paper: IssuedPaper) -> bool:
    """The departments that its kind names.

    And the enterprise itself, except for the chamber's own records.
    """
    keeping = paper.kind.keeping
    if actor.is_staff:
        return any(actor.holds(department) for department in keeping.readers)
    return (
        keeping.enterprise_reads
        and actor.enterprise_id is not None
        and actor.enterprise_id == paper.enterprise_id
    )
