"""Forms of offices and bodies."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField
from wtforms.validators import Optional

from portal.governance.bodies.models import MajorityBase
from portal.governance.bodies.services import BodyPlan
from portal.web.filters import label
from portal.web.forms import (
    REQUIRED,
    Day,
    Form,
    Number,
    Text,
    Ticks,
)


class OfficeForm(Form):
    """An office of the chamber."""

    name_zh = Text(_l("Name in Chinese"), most=60)
    name_en = Text(_l("Name in English"), most=80)
    bodies = Ticks(_l("Sits in"))


class BodyForm(Form):
    """A body and its rule."""

    name_zh = Text(_l("Name in Chinese"), most=60)
    name_en = Text(_l("Name in English"), most=80)
    quorum_num = Number(_l("Quorum"), 1, 100, default=2, description=_l("Of all entitled (应到)"))
    quorum_den = Number(_l("Quorum, of"), 1, 100, default=3)
    pass_num = Number(_l("Majority"), 1, 100, default=2)
    pass_den = Number(_l("Majority, of"), 1, 100, default=3)
    pass_base = SelectField(_l("Counted"))
    strict = BooleanField(_l("More than, not at least"))

    def __init__(self, *positional: Any, **named: Any) -> None:
        super().__init__(*positional, **named)
        self.pass_base.choices = [(b.value, label(b)) for b in MajorityBase]

    def plan(self) -> BodyPlan:
        """What was typed."""
        names = self.name_zh.data, self.name_en.data
        quorum, majority = (
            (self.quorum_num.data, self.quorum_den.data),
            (self.pass_num.data, self.pass_den.data),
        )
        return BodyPlan(
            *names, *quorum, *majority, MajorityBase(self.pass_base.data), bool(self.strict.data)
        )


class SeatsForm(Form):
    """The offices that sit in a body."""

    offices = Ticks(_l("Offices"))


class HoldingForm(Form):
    """An enterprise holds an office."""

    office = SelectField(_l("Office"), [REQUIRED])
    uscc = Text(_l("Unified social credit code"), most=40)
    held_by = Text(
        _l("Held by"), most=80, description=_l("The person who represents the enterprise in it")
    )
    from_on = Day(_l("From"))
    until_on = Day(_l("Until"), [Optional()], description=_l("Empty: without end"))
