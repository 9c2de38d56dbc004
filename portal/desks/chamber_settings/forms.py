"""Forms of the settings pages."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FieldList, FormField, SelectField, StringField
from wtforms.validators import Email, Optional

from portal.admission.applications.models import StepKind
from portal.governance.bodies.models import MajorityBase
from portal.governance.bodies.rules import Vote
from portal.governance.bodies.services import BodyPlan
from portal.governance.resolutions.services import Decision
from portal.money.dues.models import Period, Proration
from portal.tenancy.actor import Rank
from portal.web.filters import label
from portal.web.forms import (
    REQUIRED,
    Attachment,
    Day,
    Form,
    Number,
    Paragraph,
    Secret,
    Text,
    Ticks,
    at_most,
    clean,
)


class ChamberForm(Form):
    """Names, colour, address."""

    name_zh = Text(_l("Name in Chinese"))
    name_en = Text(_l("Name in English"), most=160)
    uscc = Text(
        _l("Unified social credit code"),
        most=40,
        required=False,
        description=_l("The chamber's own begins with 51"),
    )
    colour = Text(
        _l("Colour"), most=7, description=_l("Such as #8c2f22; white text must be readable on it")
    )
    address = Text(_l("Address"), most=200, required=False)
    phone = Text(_l("Phone"), most=40, required=False)
    introduction = Paragraph(
        _l("Introduction"), most=4_000, required=False, description=_l("Stands on the public page")
    )
    staff_need_second_factor = BooleanField(_l("Staff must use a second factor"))


class AccountForm(Form):
    """An account of the chart."""

    number = Text(
        _l("Number"),
        most=20,
        description=_l("As in 民间非营利组织会计制度, such as 1002 or 1002.01"),
    )
    name_zh = Text(_l("Name in Chinese"), most=60)
    name_en = Text(_l("Name in English"), most=80)


class BankForm(Form):
    """Where dues are paid to."""

    bank_account_name = Text(_l("Account name"))
    bank_name = Text(_l("Bank and branch"))
    bank_account_number = Text(_l("Account number"), most=40)
    days_to_pay = Number(_l("Days to pay"), 1, 365)
    days_to_expiry = Number(
        _l("Days until an unpaid approval expires"),
        1,
        730,
        description=_l("60 unless the chamber decides otherwise"),
    )


class MailSenderForm(Form):
    """Who the chamber's mails come from."""

    mail_sender_name = Text(_l("Sender's name"))
    mail_reply_to = Text(
        _l("Answers go to"),
        most=254,
        required=False,
        rules=[Optional(), Email(_l("This is no e-mail address."))],
    )


class SealForm(Form):
    """The picture of the seal."""

    seal = Attachment(
        _l("Picture of the seal"),
        description=_l("PNG with a clear background looks best; 10 MB at most"),
        render_kw={"accept": "image/png,image/jpeg"},
    )


class DepartmentForm(Form):
    """A department."""

    code = Text(
        _l("Code"), most=6, description=_l("Two to six capital letters; stands in file numbers")
    )
    name_zh = Text(_l("Name in Chinese"), most=60)
    name_en = Text(_l("Name in English"), most=80)


class GradeForm(Form):
    """A grade."""

    name_zh = Text(_l("Name in Chinese"), most=60)
    name_en = Text(_l("Name in English"), most=80)


class PointForm(Form):
    """A point of the checklist."""

    title_zh = Text(_l("In Chinese"))
    title_en = Text(_l("In English"), most=160)


class HandEverythingForm(Form):
    """To whom a leaving colleague's applications go."""

    to = SelectField(_l("To"))
    words = Text(_l("A word for them"), most=500, required=False)


class RequiredDocumentForm(Form):
    """A version of a document applicants must read."""

    title_zh = Text(_l("Title in Chinese"))
    title_en = Text(_l("Title in English"), most=160)
    version = Text(_l("Version"), most=40)
    body = Paragraph(_l("Text"), most=100_000)


class RateForm(Form):
    """The fixed amount of one level. A line without an amount does not count."""

    class Meta:
        csrf = False

    level = SelectField(_l("Grade or office"))
    amount = StringField(
        _l("Amount (yuan)"), [at_most(40)], filters=[clean], render_kw={"inputmode": "decimal"}
    )
    years = SelectField(_l("Term"), default="1")
    joining_fee = StringField(
        _l("Joining fee (yuan)"), [at_most(40)], filters=[clean], render_kw={"inputmode": "decimal"}
    )

    def __init__(self, *positional: Any, **named: Any) -> None:
        super().__init__(*positional, **named)
        self.years.choices = [(str(n), gettext("%(count)s yr", count=n)) for n in range(1, 6)]


class ScheduleForm(Form):
    """A draft of a dues schedule.

    One line for each grade and office, and a few more for terms of several years.
    """

    name = Text(_l("Name of the schedule"))
    in_force_from = Day(_l("In force from"))
    period = SelectField(_l("A year of dues is"), [REQUIRED])
    proration = SelectField(_l("Who joins within the year owes"), [REQUIRED])
    due_month = Number(
        _l("Last day to pay: month"),
        1,
        12,
        [Optional()],
        description=_l("Empty: the chamber's days to pay after the issue"),
    )
    due_day = Number(_l("Last day to pay: day"), 1, 31, [Optional()])
    rates = FieldList(FormField(RateForm), max_entries=60)

    def __init__(self, *positional: Any, **named: Any) -> None:
        super().__init__(*positional, **named)
        self.period.choices = [(p.value, label(p)) for p in Period]
        self.proration.choices = [(p.value, label(p)) for p in Proration]


class SuspensionForm(Form):
    """Days for which no dues are asked."""

    from_on = Day(_l("From"))
    until_on = Day(_l("Until"))
    resolution = Text(_l("Resolution"), most=200, description=_l("Its name or number"))


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


class AdoptionForm(Form):
    """The resolution that adopts a schedule."""

    title = Text(_l("Resolution"), description=_l("Its name or number"))
    adopted_on = Day(_l("Adopted on"))
    entitled = Number(_l("Entitled to vote"), 1, 100_000)
    present = Number(_l("Present"), 0, 100_000)
    in_favour = Number(_l("In favour"), 0, 100_000)
    secret_ballot = BooleanField(
        _l("Adopted by secret ballot"),
        description=_l("Without it the dues may not be collected (民发〔2014〕166号)"),
    )

    def decision(self) -> Decision:
        """What was typed."""
        vote = Vote(self.entitled.data, self.present.data, self.in_favour.data)
        named = self.title.data, self.adopted_on.data
        return Decision(*named, vote=vote, secret_ballot=bool(self.secret_ballot.data))


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


class AppointmentForm(Form):
    """An appointment."""

    name = Text(_l("Name"), most=80)
    email = Text(
        _l("E-mail"),
        most=254,
        rules=[Email(_l("This is no e-mail address."))],
        render_kw={"type": "email"},
    )
    rank = SelectField(_l("Rank"), [REQUIRED])
    department = SelectField(_l("Department"))
    from_on = Day(_l("From"))
    until_on = Day(_l("Until"), [Optional()], description=_l("Empty: without end"))
    acting = BooleanField(_l("Acting deputy (marked 代 in every act)"))
    ceiling = Text(_l("Ceiling of an acting deputy (yuan)"), most=20, required=False)

    def offer(self, departments: list[tuple[str, str]]) -> None:
        """Fills the choices."""
        self.rank.choices = [(r.value, label(r)) for r in Rank]
        self.department.choices = [("", "—"), *departments]


class OnlinePaymentForm(Form):
    """Keys of the chamber's own Stripe account; never filled in again by the portal."""

    secret_key = Secret(
        _l("Secret key"),
        description=_l("Begins with sk_live_ or rk_live_; sk_test_ to try it out"),
        render_kw={"autocomplete": "off"},
    )
    webhook_secret = Secret(
        _l("Signing secret of the webhook"),
        description=_l("Begins with whsec_"),
        render_kw={"autocomplete": "off"},
    )
