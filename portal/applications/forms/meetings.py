"""Forms of council meetings."""

import uuid
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import FieldList, FormField, HiddenField, SelectField, SelectMultipleField, StringField
from wtforms.form import BaseForm
from wtforms.validators import Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from portal.applications.models import MeetingOutcome
from portal.applications.rules import MOST_VOTERS
from portal.applications.services.meetings import Ballot, MeetingPlan
from portal.foundation.errors import DomainError, InvalidInput
from portal.web.filters import label
from portal.web.forms import Day, Form, Number, Paragraph, Text, at_most, clean, said


class Ticks(SelectMultipleField):
    """Several of a list, as boxes to tick; what is ticked and no longer offered is said."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def pre_validate(self, _form: BaseForm) -> None:
        """Refuses an id that is not offered."""
        offered = {str(choice[0]) for choice in self.choices or ()}
        if not offered.issuperset(self.data or ()):
            raise ValidationError(str(_l("The list has changed meanwhile. Look at it again.")))

    def ids(self) -> list[uuid.UUID]:
        """What is ticked."""
        return [uuid.UUID(value) for value in dict.fromkeys(self.data or ())]


class MeetingForm(Form):
    """A meeting and its candidates."""

    title = Text(_l("Title"))
    held_on = Day(_l("Day of the meeting"))
    place = Text(_l("Place"), required=False)
    chaired_by = Text(_l("Chaired by"), most=80, required=False)
    minutes_by = Text(_l("Minutes by"), most=80, required=False)

    def plan(self) -> MeetingPlan:
        """What was typed."""
        return MeetingPlan(self.title.data, self.held_on.data, self.place.data, self.chaired_by.data, self.minutes_by.data)


class CandidatesForm(Form):
    """The candidates of a meeting."""

    candidates = Ticks(_l("Candidates"))


class CallForm(MeetingForm, CandidatesForm):
    """A new meeting with its candidates."""


class AttendeesForm(Form):
    """Who is entitled to vote."""

    lines = Paragraph(_l("Entitled to vote"), most=100_000, description=_l("One a line: name, then a comma and the office or enterprise"))


class BallotForm(Form):
    """What became of one candidate."""

    class Meta:
        csrf = False

    item = HiddenField()
    outcome = SelectField(_l("Outcome"))
    in_favour = Number(_l("In favour"), 0, MOST_VOTERS, [Optional()], render_kw={"inputmode": "numeric"})
    reason = StringField(_l("Reason"), [at_most(1_000)], filters=[clean])

    def __init__(self, *positional: Any, **named: Any) -> None:
        super().__init__(*positional, **named)
        self.outcome.choices = [(o.value, label(o)) for o in MeetingOutcome if o is not MeetingOutcome.FELL_AWAY]


class HoldForm(Form):
    """A held meeting: who was there, and a result for each candidate."""

    present = Ticks(_l("Present"))
    in_favour = Number(_l("In favour of those carried, where the line says nothing"), 0, MOST_VOTERS, [Optional()])
    ballots = FieldList(FormField(BallotForm), max_entries=500)

    def results(self) -> dict[uuid.UUID, Ballot]:
        """The ballots by item. A line that names no item is no ballot."""
        found: dict[uuid.UUID, Ballot] = {}
        for entry in self.ballots:
            line = entry.form
            try:
                item = uuid.UUID(line.item.data or "")
            except ValueError:
                continue
            outcome, in_favour = MeetingOutcome(line.outcome.data), line.in_favour.data
            if in_favour is None and outcome is MeetingOutcome.CARRIED:
                in_favour = self.in_favour.data
            found[item] = Ballot(outcome, in_favour, line.reason.data or "")
        return found

    def refuse(self, error: DomainError) -> None:
        """Puts the refusal beside the line of its item, or where the base form does."""
        for entry in self.ballots:
            if isinstance(error, InvalidInput) and entry.form.item.data == error.field:
                entry.form.in_favour.errors = [*entry.form.in_favour.errors, said(error.sentence.msgid, **error.sentence.values)]
                return
        super().refuse(error)
