"""Who may see papers and trays."""

from portal.filing.models import FiledPaper, IssuedPaper, PaperKind
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


def may_see_trays(actor: Actor) -> bool:
    """Staff see the tray of their own department; the general office sees all."""
    return actor.is_staff and bool(actor.posts)


def may_see_filed_paper(actor: Actor, filed: FiledPaper) -> bool:
    """Colleagues of the department that filed it, and the general office."""
    return actor.holds(OFFICE) or any(post.department_id == filed.department_id for post in actor.posts)


def may_ask_for_papers(actor: Actor) -> bool:
    """Staff, contacts and applicants hold papers."""
    return may_see_trays(actor) or actor.kind in {ActorKind.CONTACT, ActorKind.APPLICANT}


def may_read_paper(actor: Actor, paper: IssuedPaper) -> bool:
    """The departments concerned; and the enterprise itself, except for the chamber's own record of admission."""
    if actor.is_staff:
        return any(actor.holds(department) for department in READERS[paper.kind])
    return paper.kind is not PaperKind.ADMISSION and actor.enterprise_id is not None and actor.enterprise_id == paper.enterprise_id
