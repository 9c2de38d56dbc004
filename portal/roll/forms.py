"""Forms of the roll."""

from collections.abc import Callable
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectField
from wtforms.validators import Email, Optional

from portal.foundation.money import parse_fen, plain, yuan
from portal.members.enterprises.models import Enterprise, EnterpriseKind
from portal.members.enterprises.rules.codes import (
    industry_choices,
    industry_name,
    region_choices,
    region_name,
)
from portal.members.enterprises.rules.uscc import read_uscc
from portal.members.enterprises.services import Identity
from portal.roll.models import ExportFormat
from portal.web.filters import label
from portal.web.forms import REQUIRED, Attachment, Day, Form, Paragraph, Text


def said_as(field: str, value: Any) -> str:
    """A value of what identifies or describes an enterprise, as people say it."""
    if value is None or value == "":
        return "—"
    ways: dict[str, Callable[[Any], str]] = {
        "kind": lambda kind: label(EnterpriseKind(kind)),
        "capital": lambda fen: yuan(int(fen)),
        "industry": lambda code: f"{code} {industry_name(code)}",
        "region": region_name,
    }
    return ways[field](value) if field in ways else str(value)[:200]


class IdentityForm(Form):
    """What identifies and describes an enterprise."""

    uscc = Text(
        _l("Unified social credit code"),
        most=40,
        description=_l("18 signs, as on the business licence"),
    )
    name = Text(_l("Name of the enterprise"), description=_l("Exactly as on the business licence"))
    kind = SelectField(_l("Kind"), [REQUIRED])
    legal_representative = Text(_l("Legal representative"), most=80)
    capital = Text(
        _l("Registered capital (CNY)"), most=24, description=_l("In yuan, for example 5,000,000")
    )
    industry = SelectField(_l("Industry"), [REQUIRED], description=_l("GB/T 4754-2017"))
    region = SelectField(_l("Region"), [REQUIRED], description=_l("Province and city"))
    address = Text(_l("Address"), most=200)

    def __init__(self, *positional: Any, **named: Any) -> None:
        super().__init__(*positional, **named)
        self.kind.choices = [(k.value, label(k)) for k in EnterpriseKind]
        self.industry.choices = {"": [("", "—")], **industry_choices()}
        self.region.choices = {"": [("", "—")], **region_choices()}

    def allow(self, enterprise: Enterprise) -> None:
        """Lets codes stand that the enterprise has already.

        Although the standard has dropped them.
        """
        for field, groups, code in (
            (self.industry, industry_choices(), enterprise.industry),
            (self.region, region_choices(), enterprise.region),
        ):
            if all(code != known for group in groups.values() for known, _ in group):
                field.choices = {"": [("", "—")], **groups, code: [(code, code)]}

    def said(self, known: str = "") -> Identity:
        """What was typed, checked; InvalidInput beside the field that cannot be.

        The code that is `known` stands as it is, also one of 15 digits.
        """
        return Identity(
            uscc=known if self.uscc.data == known else read_uscc(self.uscc.data),
            name=self.name.data,
            kind=EnterpriseKind(self.kind.data),
            legal_representative=self.legal_representative.data,
            capital=parse_fen(self.capital.data, "capital"),
            industry=self.industry.data,
            region=self.region.data,
            address=self.address.data,
            licence_file_id=None,
        )


class MemberForm(IdentityForm):
    """An existing member, as the chamber's old list has it."""

    grade = SelectField(_l("Grade"), [REQUIRED])
    number = Text(
        _l("Member number"),
        most=6,
        required=False,
        description=_l("Of the old list; empty for the next one"),
        render_kw={"inputmode": "numeric"},
    )
    joined_on = Day(_l("Joined on"))
    paid_through = Day(
        _l("Dues paid through"),
        [Optional()],
        description=_l("The last day that is paid, where the portal has no invoice for it"),
    )
    history = Paragraph(
        _l("History"),
        most=4_000,
        required=False,
        description=_l("One line a day, for example: 2019-03-01 Elected to the council"),
    )
    contact_name = Text(_l("Contact"), most=80, required=False)
    contact_email = Text(
        _l("E-mail"),
        most=254,
        required=False,
        rules=[Optional(), Email(_l("This is no e-mail address."))],
        description=_l("The contact is invited to the portal"),
    )
    contact_phone = Text(_l("Phone"), most=40, required=False)


class CorrectionForm(IdentityForm):
    """What is known of an enterprise, to be corrected."""

    licence = Attachment(
        _l("Business licence"),
        required=False,
        description=_l("Photo (JPEG, PNG) or PDF, 10 MB at most"),
        render_kw={"accept": "image/jpeg,image/png,application/pdf"},
    )
    reason = Text(
        _l("Reason"),
        most=500,
        required=False,
        description=_l(
            "Needed where name, code, legal representative or licence change: somebody else "
            "has to agree"
        ),
    )

    def show(self, enterprise: Enterprise) -> None:
        """Fills in what is known."""
        for name in ("uscc", "name", "legal_representative", "industry", "region", "address"):
            self[name].data = getattr(enterprise, name)
        self.kind.data, self.capital.data = enterprise.kind.value, plain(enterprise.capital)


class RefusalForm(Form):
    """Why a change of identity is refused."""

    reason = Paragraph(_l("Reason"), most=500, description=_l("The one who asked reads it"))


class NoteForm(Form):
    """A note to colleagues."""

    body = Paragraph(_l("Note"), most=2_000)


class TagForm(Form):
    """A tag for everybody chosen."""

    tag = Text(_l("Tag"), most=30)


class ViewForm(Form):
    """The name of a view."""

    name = Text(_l("Name of this view"), most=40)


class ExportForm(Form):
    """What an export is written as."""

    format = SelectField(_l("Format"), [REQUIRED])

    def __init__(self, *positional: Any, **named: Any) -> None:
        super().__init__(*positional, **named)
        self.format.choices = [(f.value, label(f)) for f in ExportFormat]
