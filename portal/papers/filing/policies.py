"""Who may see the trays."""

from portal.papers.filing.models import FiledPaper
from portal.tenancy.actor import OFFICE, Actor


def may_see_trays(actor: Actor) -> bool:
    """Staff see the tray of their own department; the general office sees all."""
    return actor.is_staff and bool(actor.posts)


def may_see_filed_paper(actor: Actor, filed: FiledPaper) -> bool:
    """Colleagues of the department that filed it, and the general office."""
    return actor.holds(OFFICE) or any(
        post.department_id == filed.department_id for post in actor.posts
    )
