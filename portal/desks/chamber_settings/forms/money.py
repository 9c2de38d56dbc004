"""Forms of the settings of money."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FieldList, FormField, SelectField, StringField
from wtforms.validators import Optional

from portal.governance.bodies.rules import Vote
from portal.governance.resolutions.services import Decision
from portal.money.dues.models import Period, Proration
from portal.web.filters import label
from portal.web.forms import (
    REQUIRED,
    Day,
    Form,
    Number,
    Secret,
    Text,
    at_most,
    clean,
)


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
