"""Forms of what applicants are asked, and who decides."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FieldList, FormField, SelectField, StringField
from wtforms.validators import Optional

from portal.admission.applications.models import StepKind
from portal.governance.bodies.models import MajorityBase
from portal.web.filters import label
from portal.web.forms import (
    Form,
    Number,
    Paragraph,
    Text,
    at_most,
    clean,
)


class PointForm(Form):
    """A point of the checklist."""

    title_zh = Text(_l("In Chinese"))
    title_en = Text(_l("In English"), most=160)


class RequiredDocumentForm(Form):
    """A version of a document applicants must read."""

    title_zh = Text(_l("Title in Chinese"))
    title_en = Text(_l("Title in English"), most=160)
    version = Text(_l("Version"), most=40)
    body = Paragraph(_l("Text"), most=100_000)


class StepForm(Form):
    """One step of the review chain."""

    class Meta:
        csrf = False

    kind = SelectField(_l("Who decides"))
    name_zh = StringField(_l("Name in Chinese"), [at_most(60)], filters=[clean])
    name_en = StringField(_l("Name in English"), [at_most(80)], filters=[clean])
    department = SelectField(_l("Department"))
    body = SelectField(_l("Body"), default="")
    days = Number(
        _l("Days"),
        1,
        365,
        [Optional()],
        description=_l("How long a notice stands; for the others, within how many days to decide"),
    )
    quorum_num = Number(_l("Quorum"), 1, 100, [Optional()], default=2)
    quorum_den = Number(_l("Quorum, of"), 1, 100, [Optional()], default=3)
    pass_num = Number(_l("Majority"), 1, 100, [Optional()], default=2)
    pass_den = Number(_l("Majority, of"), 1, 100, [Optional()], default=3)
    pass_base = SelectField(_l("Counted"))
    strict = BooleanField(_l("More than, not at least"))

    def __init__(self, *positional: Any, **named: Any) -> None:
        super().__init__(*positional, **named)
        self.kind.choices = [("", _l("no step")), *((k.value, label(k)) for k in StepKind)]
        self.pass_base.choices = [(b.value, label(b)) for b in MajorityBase]


class ChainForm(Form):
    """The whole chain, up to six steps."""

    steps = FieldList(FormField(StepForm), min_entries=4, max_entries=6)
