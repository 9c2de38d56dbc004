"""What the chamber says of itself: names, seal, bank, mail, departments, grades."""

import uuid

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.accounts.queries import list_departments
from portal.desks.chamber_settings import services as chamber_settings_services
from portal.desks.chamber_settings.forms.house import (
    ChamberForm,
    DepartmentForm,
    GradeForm,
    MailSenderForm,
    SealForm,
)
from portal.desks.chamber_settings.forms.money import BankForm
from portal.desks.chamber_settings.policies import may_edit_settings
from portal.desks.chamber_settings.views.blueprint import chamber_settings
from portal.foundation.labels import N_
from portal.members.membership import services as membership_services
from portal.members.membership.models import Grade
from portal.members.membership.queries import list_grades
from portal.tenancy.chambers import settings_of
from portal.web.forms import ButtonForm, Form
from portal.web.request import actor, db
from portal.web.uploads import receive_needed

Answer = str | Response | tuple[str, int]


@chamber_settings.route("", permit=may_edit_settings)
def overview() -> str:
    """All settings at a glance, with what is still missing."""
    return render_template("desks/chamber_settings/overview.html", current=settings_of(db()))


@chamber_settings.route("/chamber", permit=may_edit_settings, methods=["GET", "POST"])
def edit_chamber() -> Answer:
    """Names, colour, address, introduction."""
    return _edit(ChamberForm(obj=settings_of(db())), "desks/chamber_settings/edit_chamber.html")


@chamber_settings.route("/bank", permit=may_edit_settings, methods=["GET", "POST"])
def edit_bank() -> Answer:
    """The account that dues are paid to."""
    return _edit(BankForm(obj=settings_of(db())), "desks/chamber_settings/edit_bank.html")


@chamber_settings.route("/mail-sender", permit=may_edit_settings, methods=["GET", "POST"])
def edit_mail_sender() -> Answer:
    """Who the chamber's mails come from."""
    return _edit(
        MailSenderForm(obj=settings_of(db())), "desks/chamber_settings/edit_mail_sender.html"
    )


def _edit(form: Form, template: str) -> Answer:
    if form.validate_on_submit():
        values = {name: value for name, value in form.data.items() if name != "csrf_token"}
        with form.refusing():
            chamber_settings_services.change_settings(db(), actor=actor(), **values)
            flash(gettext("Saved."), "success")
            return redirect(url_for("chamber_settings.overview"))
    return render_template(template, form=form), form.status


@chamber_settings.route("/seal", permit=may_edit_settings, methods=["GET", "POST"])
def set_seal() -> Answer:
    """The picture of the seal."""
    form = SealForm()
    if form.validate_on_submit():
        with form.refusing():
            stored = receive_needed(form.seal, pictures_only=True, missing=N_("Choose a picture."))
            chamber_settings_services.set_seal(db(), stored, actor=actor())
            flash(gettext("The seal is set. Papers issued from now on carry it."), "success")
            return redirect(url_for("chamber_settings.overview"))
    return render_template("desks/chamber_settings/set_seal.html", form=form), form.status


@chamber_settings.route("/departments", permit=may_edit_settings, methods=["GET", "POST"])
def edit_departments() -> Answer:
    """The departments."""
    form = DepartmentForm()
    if form.validate_on_submit():
        with form.refusing():
            chamber_settings_services.add_department(
                db(),
                code=form.code.data,
                name_zh=form.name_zh.data,
                name_en=form.name_en.data,
                actor=actor(),
            )
            flash(gettext("Added."), "success")
            return redirect(url_for("chamber_settings.edit_departments"))
    page = render_template(
        "desks/chamber_settings/edit_departments.html",
        form=form,
        departments=list_departments(db()),
    )
    return page, form.status


@chamber_settings.route("/grades", permit=may_edit_settings, methods=["GET", "POST"])
def edit_grades() -> Answer:
    """The grades."""
    form = GradeForm()
    if form.validate_on_submit():
        with form.refusing():
            membership_services.add_grade(
                db(), name_zh=form.name_zh.data, name_en=form.name_en.data, actor=actor()
            )
            flash(gettext("Added. Give it an amount in the next dues schedule."), "success")
            return redirect(url_for("chamber_settings.edit_grades"))
    page = render_template(
        "desks/chamber_settings/edit_grades.html",
        form=form,
        grades=list_grades(db(), retired=True),
        button=ButtonForm(),
    )
    return page, form.status


@chamber_settings.route(
    "/grades/<uuid:grade_id>/retire", permit=may_edit_settings, methods=["POST"]
)
def retire_grade(grade_id: uuid.UUID) -> Response:
    """Closes a grade for new members."""
    membership_services.retire_grade(db(), db().fetch(Grade, grade_id), actor=actor())
    flash(gettext("Closed for new members."), "success")
    return redirect(url_for("chamber_settings.edit_grades"))
