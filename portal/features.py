"""The one list of features.

Whatever has tasks, reactions or pages stands here, and what is imported makes itself known.
"""

import portal.accounts.reactions
import portal.admission.applying.reactions
import portal.admission.reviewing.reactions
import portal.admission.reviewing.services.council
import portal.circulars.reactions
import portal.jobs.tasks
import portal.members.enterprises.reactions
import portal.money.dues.reactions
import portal.money.online.reactions
import portal.money.payments.reactions
import portal.papers.issuing.reactions
import portal.roll.reactions
import portal.web.mail
import portal.web.previews  # noqa: F401
from portal.admission.applying.views import applicants
from portal.admission.reviewing.views import reviews
from portal.circulars.views import circulars
from portal.desks.billing.views import billing
from portal.desks.chamber_settings.views import chamber_settings
from portal.desks.dashboard.views import dashboard
from portal.desks.dossier.views import dossier
from portal.desks.platform.views import platform
from portal.desks.public_pages.views import public_pages
from portal.desks.sign_in.views import sign_in
from portal.governance.meetings.views import meetings
from portal.governance.resolutions.views import resolutions
from portal.papers.filing.views import filing
from portal.papers.issuing.views import issuing
from portal.roll.views import roll

BLUEPRINTS = (
    public_pages,
    applicants,
    reviews,
    meetings,
    resolutions,
    circulars,
    roll,
    dossier,
    billing,
    issuing,
    filing,
    sign_in,
    dashboard,
    chamber_settings,
    platform,
)
