"""The base of all forms, and fields that clean what is typed before anyone sees it."""

import datetime as dt
import unicodedata
import uuid
from types import TracebackType
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    DateField,
    HiddenField,
    IntegerField,
    PasswordField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.form import BaseForm
from wtforms.validators import InputRequired, Length, NumberRange, StopValidation, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from portal.files.storing import Upload
from portal.foundation.errors import DomainError, InvalidInput, Refused, Sentence
from portal.web.errors import say

MISSING = _l("Please fill this in.")
REQUIRED = InputRequired(MISSING)
FIRST_DAY, LAST_DAY = dt.date(1900, 1, 1), dt.date(2100, 12, 31)


def clean(text: str | None) -> str:
    """Text without control characters, in composed form (NFC), trimmed."""
    kept = (
        c
        for c in unicodedata.normalize("NFC", text or "")
        if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"}
    )
    return "".join(kept).strip()


def filled(_form: FlaskForm, field: Any) -> None:
    """The validator of a text that has to say something once it is cleaned.

    Spaces and signs that nobody sees are nothing.
    """
    if all(unicodedata.category(c)[0] in "CZ" for c in field.data or ""):
        raise StopValidation(MISSING)


def in_our_time(_form: FlaskForm, field: Any) -> None:
    """The validator of a day that somebody may have meant: a slipped key makes the year 0206."""
    if field.data is not None and not FIRST_DAY <= field.data <= LAST_DAY:
        raise ValidationError(
            _l(
                "A day from %(first)s to %(last)s.",
                first=FIRST_DAY.isoformat(),
                last=LAST_DAY.isoformat(),
            )
        )


def at_most(length: int) -> Length:
    """The validator of a field's length in characters."""
    return Length(max=length, message=_l("At most %(max)d characters."))


class Text(StringField):
    """One line of text of at most `most` characters.

    `needed` says to the reader that it must be filled in, where the domain judges that.
    """

    data: Any

    def __init__(
        self,
        label: Any,
        *,
        most: int = 120,
        required: bool = True,
        needed: bool | None = None,
        **options: Any,
    ) -> None:
        rules = [filled, at_most(most)] if required else [at_most(most)]
        super().__init__(label, [*rules, *options.pop("rules", [])], filters=[clean], **options)
        self.most = most
        self.flags.required = required if needed is None else needed


class Paragraph(TextAreaField):
    """Several lines of text of at most `most` characters; `needed` as in Text."""

    data: Any

    def __init__(
        self,
        label: Any,
        *,
        most: int = 2_000,
        required: bool = True,
        needed: bool | None = None,
        **options: Any,
    ) -> None:
        rules = [filled, at_most(most)] if required else [at_most(most)]
        super().__init__(label, rules, filters=[clean], **options)
        self.flags.required = required if needed is None else needed


class Day(DateField):
    """A calendar day, which has to be given unless `rules` say otherwise."""

    data: Any

    def __init__(self, label: Any, rules: Any = (REQUIRED,), **options: Any) -> None:
        super().__init__(label, [*rules, in_our_time], **options)


class Number(IntegerField):
    """A whole number from `least` to `most`."""

    data: Any

    def __init__(
        self, label: Any, least: int, most: int, rules: Any = (REQUIRED,), **options: Any
    ) -> None:
        super().__init__(
            label,
            [
                *rules,
                NumberRange(least, most, message=_l("A whole number from %(min)s to %(max)s.")),
            ],
            **options,
        )

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Reads at most twelve signs: a number of four hundred digits is none."""
        super().process_formdata(
            [str(value)[:13].strip() if len(str(value)) <= 12 else "x" for value in valuelist]
        )


class Secret(PasswordField):
    """A password: never cleaned, never shown again."""

    data: Any

    def __init__(self, label: Any, **options: Any) -> None:
        super().__init__(label, [REQUIRED, at_most(200)], **options)


class Attachment(FileField):
    """A file; `upload()` is what was chosen, or None.

    The domain, not the form, says that one is missing.
    """

    def __init__(self, label: Any, *, required: bool = True, **options: Any) -> None:
        super().__init__(label, **options)
        self.flags.required = required

    def upload(self) -> Upload | None:
        """The chosen file's name and bytes."""
        return (
            Upload(self.data.filename, self.data.read())
            if self.data and getattr(self.data, "filename", "")
            else None
        )


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


class Form(FlaskForm):
    """A form whose fields take the domain's refusals."""

    form_errors: Any

    _answer = 422

    def refuse(self, error: DomainError) -> None:
        """Puts the refusal beside its field, or above the form where no field has its name.

        What was typed stays.
        """
        self._answer = error.status
        field = self._fields.get(error.field) if isinstance(error, InvalidInput) else None
        words = say(error.sentence)
        if field is not None and not isinstance(field, HiddenField):
            field.errors = [*field.errors, words]
        else:
            self.form_errors = [*self.form_errors, words]

    def refusing(self) -> "Refusing":
        """Within it, a refusal goes beside its field.

        InvalidInput and Refused; what follows shows the form again.
        """
        return Refusing(self)

    @property
    def status(self) -> int:
        """The HTTP answer with which the form's page goes back.

        200 before it was sent, that of the refusal, or 422 where something typed is wrong.
        """
        return self._answer if self.is_submitted() else 200

    @property
    def first_error(self) -> Any:
        """The first field with a fault, for the summary's link."""
        return next((field for field in self if field.errors), None)


class ButtonForm(Form):
    """A button, with a value where it needs one."""

    value = HiddenField()


class Refusing:
    """What comes after `with` only where nothing refuses: flash and redirect stand within."""

    def __init__(self, form: Form) -> None:
        self.form = form

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _trace: TracebackType | None,
    ) -> bool:
        if isinstance(error, InvalidInput | Refused):
            self.form.refuse(error)
            return True
        return False


def searched_words(name: str = "q", most: int = 60) -> str:
    """What was typed into a search box, cleaned and cut."""
    return clean(request.args.get(name, ""))[:most]


def said(msgid: str, **values: object) -> str:
    """A sentence of the domain in the language of the request."""
    return say(Sentence(msgid, **values))
