"""Forms of signing in and of one's own account."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField
from wtforms.validators import Email

from portal.web.forms import Form, Secret, Text

MAIL = Email(_l("This is no e-mail address."))


def _code() -> Text:
    return Text(
        _l("Code"),
        most=40,
        description=_l("Six digits from your app, or a recovery code"),
        render_kw={"autocomplete": "one-time-code", "inputmode": "text"},
    )


class SignInForm(Form):
    """Name and password."""

    email = Text(_l("E-mail"), most=254, render_kw={"type": "email", "autocomplete": "username"})
    password = Secret(_l("Password"), render_kw={"autocomplete": "current-password"})
    next = HiddenField()


class CodeForm(Form):
    """A code of the second factor, or a recovery code."""

    code = _code()


class DropSecondFactorForm(Form):
    """Password and code, before the second factor goes."""

    old_password = Secret(_l("Present password"), render_kw={"autocomplete": "current-password"})
    code = _code()


class ForgottenForm(Form):
    """Whose password is forgotten."""

    email = Text(
        _l("E-mail"),
        most=254,
        rules=[MAIL],
        render_kw={"type": "email", "autocomplete": "username"},
    )


class NewPasswordForm(Form):
    """A new password, typed once and shown on request by the browser."""

    password = Secret(
        _l("New password"),
        description=_l("At least 10 characters; a short sentence works well"),
        render_kw={"autocomplete": "new-password"},
    )


class ChangePasswordForm(NewPasswordForm):
    """A new password for whoever knows the old one."""

    old_password = Secret(_l("Present password"), render_kw={"autocomplete": "current-password"})


class ColleagueForm(Form):
    """A colleague of the enterprise to invite."""

    name = Text(_l("Name"), most=80)
    email = Text(_l("E-mail"), most=254, rules=[MAIL], render_kw={"type": "email"})


class ContactForm(ColleagueForm):
    """A contact whom the chamber lets act for an enterprise, and what for."""

    member_representative = BooleanField(_l("Member representative: votes for the enterprise"))
    dues_contact = BooleanField(_l("Gets the notices of dues"))
