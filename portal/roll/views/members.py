"""One enterprise by hand: an existing member entered, an enterprise corrected, notes."""

import uuid

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.foundation.errors import InvalidInput, NotFound
from portal.foundation.labels import N_
from portal.members.enterprises.policies import may_ask_for_amendment, may_keep_roll, may_see_roll
from portal.members.enterprises.queries import find_waiting_amendment
from portal.members.enterprises.services import amending, keeping
from portal.members.enterprises.services.amending import Corrected
from portal.members.membership.models import Grade, Membership
from portal.members.membership.queries import list_grades
from portal.roll import services
from portal.roll.forms import CorrectionForm, MemberForm, NoteForm, TagForm
from portal.roll.services import Colleague, Entry
from portal.roll.views.blueprint import fetch_enterprise, roll
from portal.web.filters import in_language
from portal.web.request import actor, db
from portal.web.uploads import receive

Answer = str | Response | tuple[str, int]


@roll.route("/new", permit=may_keep_roll, methods=["GET", "POST"])
def enter_member() -> Answer:
    """Enters an existing member by hand, with its history."""
    form = MemberForm()
    form.grade.choices = [(str(grade.id), in_language(grade)) for grade in list_grades(db())]
    if form.validate_on_submit():
        with form.refusing():
            membership = _enter(form)
            flash(gettext("Entered under number %(number)s.", number=membership.number), "success")
            return redirect(
                url_for("dossier.show_enterprise", enterprise_id=membership.enterprise_id)
            )
    return render_template("roll/enter_member.html", form=form), form.status


@roll.route("/<uuid:enterprise_id>/correct", permit=may_ask_for_amendment, methods=["GET", "POST"])
def correct_enterprise(enterprise_id: uuid.UUID) -> Answer:
    """Corrects what is known of an enterprise.

    What identifies it waits for somebody else's approval.
    """
    form, licence, fault = CorrectionForm(), None, None
    try:
        licence = receive(form.licence)
    except InvalidInput as error:
        fault = error
    enterprise = fetch_enterprise(enterprise_id)
    if not may_ask_for_amendment(actor(), enterprise.id):
        raise NotFound(N_("There is nothing at this address."))
    form.allow(enterprise)
    if not form.is_submitted():
        form.show(enterprise)
    valid = form.validate_on_submit()
    if fault is not None:
        form.refuse(fault)
    if valid and fault is None:
        with form.refusing():
            done = amending.correct_enterprise(
                db(),
                enterprise,
                form.said(enterprise.uscc),
                reason=form.reason.data,
                licence=licence,
                actor=actor(),
            )
            flash(_told(done), "success")
            return redirect(
                url_for("dossier.show_enterprise", enterprise_id=enterprise.id)
                if actor().is_staff
                else url_for("dashboard.my_enterprise")
            )
    waits = find_waiting_amendment(db(), enterprise.id)
    return render_template(
        "roll/correct_enterprise.html", form=form, enterprise=enterprise, waits=waits
    ), form.status


@roll.route("/<uuid:enterprise_id>/notes", permit=may_see_roll, methods=["GET", "POST"])
def write_enterprise_note(enterprise_id: uuid.UUID) -> Answer:
    """Writes a note that colleagues see."""
    enterprise, form = fetch_enterprise(enterprise_id), NoteForm()
    if form.validate_on_submit():
        keeping.write_enterprise_note(db(), enterprise, form.body.data, actor=actor())
        flash(gettext("Written down."), "success")
        return redirect(url_for("dossier.show_enterprise", enterprise_id=enterprise.id))
    return render_template(
        "roll/write_enterprise_note.html", form=form, enterprise=enterprise
    ), form.status


@roll.route("/<uuid:enterprise_id>/tags", permit=may_keep_roll, methods=["GET", "POST"])
def tag_enterprise(enterprise_id: uuid.UUID) -> Answer:
    """Gives one enterprise a tag."""
    enterprise, form = fetch_enterprise(enterprise_id), TagForm()
    if form.validate_on_submit():
        with form.refusing():
            keeping.tag_enterprises(db(), [enterprise.id], form.tag.data, actor=actor())
            return redirect(url_for("dossier.show_enterprise", enterprise_id=enterprise.id))
    return render_template(
        "roll/tag_enterprise.html", form=form, enterprise=enterprise
    ), form.status


@roll.route("/<uuid:enterprise_id>/tags/off", permit=may_keep_roll, methods=["POST"])
def untag_enterprise(enterprise_id: uuid.UUID) -> Response:
    """Takes a tag off one enterprise."""
    enterprise, form = fetch_enterprise(enterprise_id), TagForm()
    keeping.untag_enterprises(db(), [enterprise.id], form.tag.data or "", actor=actor())
    return redirect(url_for("dossier.show_enterprise", enterprise_id=enterprise.id))


def _enter(form: MemberForm) -> Membership:
    entry = Entry(
        db().fetch(Grade, uuid.UUID(form.grade.data)),
        form.joined_on.data,
        form.number.data,
        form.paid_through.data,
        form.history.data,
    )
    contact = Colleague(
        form.contact_name.data or form.contact_email.data,
        form.contact_email.data,
        form.contact_phone.data,
    )
    return services.enter_member(db(), form.said(), entry, contact, actor=actor())


def _told(done: Corrected) -> str:
    if done.amendment is None:
        return str(gettext("Corrected."))
    return str(
        gettext("Corrected; what identifies the enterprise waits for approval.")
        if done.at_once
        else gettext("Asked for. Somebody else approves it.")
    )
