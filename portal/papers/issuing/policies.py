"""Who may see papers."""

from portal.papers.issuing.models import IssuedPaper, PaperKind
from portal.tenancy.actor import FINANCE, MEMBERSHIP, OFFICE, Actor, ActorKind

READERS = {
    PaperKind.DUES_NOTICE: (FINANCE, MEMBERSHIP),
    PaperKind.RECEIPT: (FINANCE, MEMBERSHIP),
    PaperKind.CERTIFICATE: (MEMBERSHIP, OFFICE),
    PaperKind.ADMISSION: (MEMBERSHIP, OFFICE),
    PaperKind.CREDIT_NOTE: (FINANCE, MEMBERSHIP),
    PaperKind.CANDIDATES: (MEMBERSHIP, OFFICE),
    PaperKind.MINUTES: (MEMBERSHIP, OFFICE),
}


def may_ask_for_papers(actor: Actor) -> bool:
    """Staff, contacts and applicants hold papers."""
    return (actor.is_staff and bool(actor.posts)) or actor.kind in {ActorKind.CONTACT, ActorKind.APPLICANT}


def may_read_paper(actor: Actor, paper: IssuedPaper) -> bool:
    """The departments concerned; and the enterprise itself, except for the chamber's own record of admission."""
    if actor.is_staff:
        return any(actor.holds(department) for department in READERS[paper.kind])
    return paper.kind is not PaperKind.ADMISSION and actor.enterprise_id is not None and actor.enterprise_id == paper.enterprise_id
