"""Forms of money: arrivals, corrections, refunds."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FieldList, FormField, HiddenField, SelectField, StringField
from wtforms.validators import Email, Optional

from portal.foundation.errors import DomainError, InvalidInput
from portal.foundation.money import yuan
from portal.members.enterprises.models import PartyKind
from portal.money.dues.models import DuesRate
from portal.money.ledger.models import LedgerAccount
from portal.money.payments.models import Channel
from portal.web.filters import in_language, label
from portal.web.forms import (
    REQUIRED,
    Attachment,
    Day,
    Form,
    Number,
    Paragraph,
    Text,
    at_most,
    clean,
    said,
)

MOST_LINES = 60


class ArrivalForm(Form):
    """What finance reads off the bank statement, or counts."""

    channel = SelectField(_l("How it came"), [REQUIRED])
    received_on = Day(_l("Day it arrived"))
    amount = Text(
        _l("Amount received"),
        most=20,
        description=_l("In yuan, as on the statement"),
        render_kw={"inputmode": "decimal"},
    )
    payer = Text(_l("Payer"), most=120, description=_l("The account name on the statement"))
    reference = Text(
        _l("Bank serial number"),
        most=60,
        description=_l("For cash: the number in the cash book. Each is booked once"),
    )

    def __init__(self, *positional: Any, **named: Any) -> None:
        super().__init__(*positional, **named)
        self.channel.choices = [(c.value, label(c)) for c in Channel if c is not Channel.ONLINE]


class PartForm(Form):
    """What of the money is for one invoice."""

    class Meta:
        csrf = False

    number = StringField(
        _l("Invoice"), [at_most(40)], filters=[clean], description=_l("Number or payment code")
    )
    amount = StringField(
        _l("Amount"), [at_most(20)], filters=[clean], render_kw={"inputmode": "decimal"}
    )


class SpreadForm(ArrivalForm):
    """Money over several invoices, or for none yet. Lines left empty do not count.

    What is left over goes on account of the enterprise named, or of the one that owes all the
    lines.
    """

    owner = Text(
        _l("On whose account the rest goes"),
        most=40,
        required=False,
        description=_l(
            "Unified social credit code; needed where no invoice is named, and where "
            "something is left over beside lines of several enterprises"
        ),
    )
    parts = FieldList(FormField(PartForm), min_entries=6, max_entries=MOST_LINES)


class ReasonForm(Form):
    """Why something is taken back."""

    reason = Paragraph(_l("Reason"), most=500, description=_l("It stands in the books"))


def seen_fen(field: HiddenField) -> int | None:
    """An amount as it was when the page was opened; None where the page did not say."""
    word = field.data or ""
    return int(word) if word.lstrip("-").isdecimal() and word.isascii() and len(word) < 16 else None


class CreditNoteForm(ReasonForm):
    """How much of an invoice is taken back, and why."""

    amount = Text(_l("Amount taken back"), most=20, render_kw={"inputmode": "decimal"})
    seen = HiddenField()


class RefundForm(ReasonForm):
    """Credit on account that goes back."""

    amount = Text(_l("Amount paid back"), most=20, render_kw={"inputmode": "decimal"})
    seen = HiddenField()
    way = SelectField(_l("How it goes back"), [REQUIRED])
    payee = Text(
        _l("Account name"), most=120, required=False, description=_l("For a bank transfer")
    )
    payee_account = Text(
        _l("Account number"), most=60, required=False, description=_l("For a bank transfer")
    )

    def offer(self, ways: list[tuple[str, str]]) -> None:
        """Lets somebody choose among a transfer and the online payments that can go back.

        Without any of those there is nothing to choose.
        """
        self.way.choices = [("transfer", label(Channel.BANK_TRANSFER)), *ways]
        if not ways:
            del self.way

    @property
    def chosen_way(self) -> str:
        """The online payment that was chosen (its id), or `transfer`."""
        return str(self.way.data) if self.way else "transfer"


class TransferredForm(Form):
    """The bank's word that a refund has left."""

    reference = Text(_l("Bank serial number"), most=60)


class ParkedForm(Form):
    """What was done about a report of Stripe."""

    note = Paragraph(_l("What was done"), most=500, description=_l("It stands in the books"))


class LineForm(Form):
    """One line of an invoice."""

    class Meta:
        csrf = False

    wording = StringField(_l("What it is for"), [at_most(200)], filters=[clean])
    account = SelectField(_l("Account of income"))
    amount = StringField(
        _l("Amount"), [at_most(20)], filters=[clean], render_kw={"inputmode": "decimal"}
    )


class InvoiceForm(Form):
    """An invoice for anything but dues. Lines left empty do not count."""

    uscc = Text(
        _l("Enterprise"),
        most=40,
        required=False,
        description=_l("Unified social credit code; or, below, somebody outside"),
    )
    kind = SelectField(_l("Somebody outside"))
    name = Text(_l("Name of who owes"), most=120, required=False)
    notify_name = Text(
        _l("Who is told"),
        most=120,
        required=False,
        description=_l("Empty: the enterprise's dues contact"),
    )
    notify_email = StringField(_l("E-mail"), [Optional(), Email(), at_most(254)], filters=[clean])
    language = SelectField(_l("Language"))
    due_on = Day(_l("Last day to pay"))
    lines = FieldList(FormField(LineForm), min_entries=5, max_entries=5)
    twice = BooleanField(_l("It is owed once more"))

    def offer(self, accounts: Sequence[LedgerAccount]) -> None:
        """Lets somebody choose among accounts of income, and kinds of people outside."""
        self.kind.choices = [
            (kind.value, label(kind)) for kind in PartyKind if kind is not PartyKind.ENTERPRISE
        ]
        self.language.choices = [("zh", "简体中文"), ("en", "English")]
        for line in self.lines:
            line.form.account.choices = [(a.code, f"{a.number} {in_language(a)}") for a in accounts]

    def filled(self) -> list[LineForm]:
        """The lines that say something."""
        return [
            entry.form for entry in self.lines if entry.form.wording.data or entry.form.amount.data
        ]

    def refuse(self, error: DomainError) -> None:
        """Puts the refusal of the nth line (`line n`) beside it, or where the base form does."""
        place, _, number = (
            error.field.partition(" ") if isinstance(error, InvalidInput) else ("", "", "")
        )
        if place != "line" or not number:
            super().refuse(error)
            return
        wording = self.filled()[int(number) - 1].wording
        wording.errors = [*wording.errors, said(error.sentence.msgid, **error.sentence.values)]


class YearForm(Form):
    """For which year a member's dues are raised.

    And for how many at once where the schedule has a choice.
    """

    year = Number(_l("Dues year"), 2000, 2200)
    term = SelectField(_l("For how many years"), [REQUIRED])

    def offer(self, years: set[int]) -> None:
        """Lets somebody choose among the terms of the member's grade.

        With one term there is nothing to choose.
        """
        self.term.choices = [(str(n), gettext("%(count)s yr", count=n)) for n in sorted(years)]
        if len(years) < 2:
            del self.term

    @property
    def chosen_term(self) -> int | None:
        """The years that were chosen, or None where there was no choice."""
        return int(self.term.data) if self.term else None


class SupplementForm(Form):
    """From which day a member owes by its higher level."""

    from_on = Day(
        _l("Higher level from"),
        description=_l(
            "The day on which the office was taken up; the difference is counted from it as "
            "the schedule says"
        ),
    )
    charged_by = SelectField(
        _l("Charged until now by"),
        default="",
        description=_l(
            "Only where the portal does not know: dues from before it, or an old invoice"
        ),
    )

    def offer(self, rates: Sequence[DuesRate]) -> None:
        """Lets somebody choose among the levels in force."""
        said = [
            (
                str(r.id),
                f"{in_language(r.level)} {yuan(r.amount)} / "
                f"{gettext('%(count)s yr', count=r.years)}",
            )
            for r in rates
        ]
        self.charged_by.choices = [("", gettext("as the invoice says")), *said]


class SlipForm(Form):
    """A member's evidence of a transfer."""

    slip = Attachment(
        _l("Transfer slip"),
        description=_l("Photo (JPEG, PNG) or PDF, 10 MB at most"),
        render_kw={"accept": "image/jpeg,image/png,application/pdf"},
    )
