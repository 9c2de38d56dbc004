"""Forms of meetings and matters."""

import uuid
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import FieldList, FormField, HiddenField, SelectField, StringField, TimeField
from wtforms.validators import Optional

from portal.foundation.errors import DomainError, InvalidInput
from portal.governance.bodies.rules import MOST_VOTERS
from portal.governance.meetings.models import MeetingOutcome
from portal.governance.meetings.services.holding import Ballot
from portal.governance.meetings.services.meetings import MeetingPlan
from portal.web.filters import label
from portal.web.forms import Day, Form, Number, Paragraph, Text, Ticks, at_most, clean, said


class MeetingForm(Form):
    """When and where a meeting is, and who leads it."""

    title = Text(_l("Title"))
    held_on = Day(_l("Day of the meeting"))
    begins_at = TimeField(_l("Hour"), [Optional()], description=_l("In the chamber's own time"))
    place = Text(_l("Place"), required=False)
    chaired_by = Text(_l("Chaired by"), most=80, required=False)
    minutes_by = Text(_l("Minutes by"), most=80, required=False)

    def plan(self) -> MeetingPlan:
        """What was typed."""
        named = self.title.data, self.held_on.data, self.place.data
        return MeetingPlan(*named, self.chaired_by.data, self.minutes_by.data, self.begins_at.data)


class AgendaForm(Form):
    """The matters of a meeting."""

    matters = Ticks(_l("Agenda"))


class CallForm(MeetingForm, AgendaForm):
    """A new meeting with its agenda."""


class MatterForm(Form):
    """A matter of the secretariat's own."""

    body = SelectField(_l("Body"))
    title = Text(_l("Title"), most=200)
    text = Paragraph(
        _l("Text"), most=20_000, required=False, description=_l("Stands in the resolution")
    )


class AttendeesForm(Form):
    """Who is entitled to vote."""

    lines = Paragraph(
        _l("Entitled to vote"),
        most=100_000,
        description=_l("One a line: name, then a comma and the office or enterprise"),
    )


class BallotForm(Form):
    """What became of one matter."""

    class Meta:
        csrf = False

    item = HiddenField()
    outcome = SelectField(_l("Outcome"))
    in_favour = Number(
        _l("In favour"), 0, MOST_VOTERS, [Optional()], render_kw={"inputmode": "numeric"}
    )
    reason = StringField(_l("Reason"), [at_most(1_000)], filters=[clean])

    def __init__(self, *positional: Any, **named: Any) -> None:
        super().__init__(*positional, **named)
        offered = (o for o in MeetingOutcome if o is not MeetingOutcome.FELL_AWAY)
        self.outcome.choices = [(o.value, label(o)) for o in offered]


class HoldForm(Form):
    """A held meeting: who was there, and a result for each matter."""

    present = Ticks(_l("Present"))
    in_favour = Number(
        _l("In favour of those carried, where the line says nothing"), 0, MOST_VOTERS, [Optional()]
    )
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
                words = said(error.sentence.msgid, **error.sentence.values)
                entry.form.in_favour.errors = [*entry.form.in_favour.errors, words]
                return
        super().refuse(error)
