"""What is kept of enterprises when people come and go.

The search knows them by their contacts.
"""

import uuid

from portal.jobs.news import News
from portal.jobs.registry import reacts_to
from portal.members.enterprises.models import Enterprise
from portal.members.enterprises.services import index_enterprise
from portal.tenancy.session import ChamberSession


@reacts_to(News.CONTACTS_CHANGED, "enterprises.index_contacts")
def index_contacts(session: ChamberSession, enterprise_id: str) -> None:
    """Writes the search tokens of an enterprise anew."""
    index_enterprise(session, session.lock(session.fetch(Enterprise, uuid.UUID(enterprise_id))))
