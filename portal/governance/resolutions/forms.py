"""Forms of resolutions."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField
from wtforms.validators import Optional

from portal.foundation.errors import InvalidInput
from portal.foundation.labels import N_
from portal.governance.bodies.rules import MOST_VOTERS, Vote
from portal.governance.resolutions.services import Decision
from portal.web.forms import REQUIRED, Day, Form, Number, Paragraph, Text


class ResolutionForm(Form):
    """A resolution as it is entered by hand."""

    body = SelectField(_l("Body"), [REQUIRED])
    title = Text(_l("Title"), most=200)
    text = Paragraph(_l("Text"), most=20_000, required=False)
    adopted_on = Day(_l("Adopted on"))
    entitled = Number(_l("Entitled to vote"), 1, MOST_VOTERS, [Optional()])
    present = Number(_l("Present"), 0, MOST_VOTERS, [Optional()])
    in_favour = Number(_l("In favour"), 0, MOST_VOTERS, [Optional()])
    secret_ballot = BooleanField(_l("Adopted by secret ballot"))

    def decision(self) -> Decision:
        """What was typed; InvalidInput where some of the counts are given and others not."""
        counts = {name: self[name].data for name in ("entitled", "present", "in_favour")}
        missing = [name for name, count in counts.items() if count is None]
        if missing and len(missing) < len(counts):
            raise InvalidInput(missing[0], N_("Give all three counts, or none."))
        vote = None if missing else Vote(**counts)
        return Decision(
            self.title.data,
            self.adopted_on.data,
            self.text.data,
            vote,
            bool(self.secret_ballot.data),
        )
