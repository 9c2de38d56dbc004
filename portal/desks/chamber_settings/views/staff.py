"""Appointments, mails and failed jobs."""

import re
import uuid

import segno
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.accounts.models import Appointment, Person
from portal.accounts.policies import may_appoint
from portal.accounts.queries import list_appointments, list_departments
from portal.accounts.services import appointments
from portal.admission.reviewing.queries.desk import count_held, list_held, list_reviewers
from portal.admission.reviewing.services import desk
from portal.desks.chamber_settings import queries, services
from portal.desks.chamber_settings import services as chamber_settings_services
from portal.desks.chamber_settings.forms.house import AppointmentForm, HandEverythingForm
from portal.desks.chamber_settings.policies import may_pass_link_on, may_see_mails
from portal.desks.chamber_settings.queries import list_failed_jobs
from portal.desks.chamber_settings.views.blueprint import chamber_settings
from portal.foundation.money import parse_fen
from portal.jobs.mail_kinds import MAIL_KINDS
from portal.jobs.models import Mail, MailState
from portal.tenancy.actor import Rank
from portal.web.filters import in_language
from portal.web.forms import ButtonForm, searched_words
from portal.web.mail import write_letter
from portal.web.request import actor, chamber, db, present_day
from portal.web.request import chamber_settings as present_settings
from portal.web.world import world


@chamber_settings.route("/staff", permit=may_appoint)
def list_staff() -> str:
    """Who is appointed to what."""
    today = present_day()
    return render_template(
        "desks/chamber_settings/list_staff.html",
        appointments=list_appointments(db(), today),
        held=count_held(db()),
        today=today,
        button=ButtonForm(),
    )


@chamber_settings.route("/staff/appoint", permit=may_appoint, methods=["GET", "POST"])
def appoint() -> str | Response | tuple[str, int]:
    """Appoints a person, inviting them where new."""
    departments = {d.code: d for d in list_departments(db())}
    form = AppointmentForm(from_on=present_day())
    form.offer([(d.code, in_language(d)) for d in departments.values()])
    if form.validate_on_submit():
        with form.refusing():
            appointments.appoint(
                db(),
                email=form.email.data,
                name=form.name.data,
                department=departments.get(form.department.data),
                rank=Rank(form.rank.data),
                from_on=form.from_on.data,
                until_on=form.until_on.data,
                acting=form.acting.data,
                ceiling=parse_fen(form.ceiling.data, "ceiling") if form.ceiling.data else None,
                actor=actor(),
            )
            flash(gettext("Appointed. A new colleague is invited by mail."), "success")
            return redirect(url_for("chamber_settings.list_staff"))
    return render_template("desks/chamber_settings/appoint.html", form=form), form.status


@chamber_settings.route("/staff/<uuid:appointment_id>/end", permit=may_appoint, methods=["POST"])
def end_appointment(appointment_id: uuid.UUID) -> Response:
    """Ends an appointment at once."""
    appointments.end_appointment(db(), db().fetch(Appointment, appointment_id), actor=actor())
    flash(gettext("Ended. The rights are gone with the next request."), "success")
    return redirect(url_for("chamber_settings.list_staff"))


@chamber_settings.route(
    "/staff/<uuid:person_id>/hand-over", permit=may_appoint, methods=["GET", "POST"]
)
def hand_over_everything(person_id: uuid.UUID) -> str | Response | tuple[str, int]:
    """Passes all that a leaving colleague holds to another, or back to everyone."""
    leaving, held = db().fetch(Person, person_id), list_held(db(), person_id)
    form = HandEverythingForm()
    form.to.choices = [
        ("", gettext("everyone (nobody holds it)")),
        *((str(p.id), p.name) for p in list_reviewers(db()) if p.id != person_id),
    ]
    if form.validate_on_submit():
        to = db().fetch(Person, uuid.UUID(form.to.data)) if form.to.data else None
        count = desk.hand_over_everything(db(), leaving, to, form.words.data, actor=actor())
        flash(gettext("%(count)s applications are handed over.", count=count), "success")
        return redirect(url_for("chamber_settings.list_staff"))
    return render_template(
        "desks/chamber_settings/hand_over_everything.html", leaving=leaving, held=held, form=form
    ), form.status


@chamber_settings.route("/mails", permit=may_see_mails)
def list_mails() -> str:
    """What was sent, what is held, and jobs that failed."""
    words, state = searched_words(), request.args.get("state", "")
    page = queries.list_mails(db(), words, state, request.args.get("after"))
    found = {"page": page, "jobs": list_failed_jobs(db()), "now": db().now()}
    return render_template(
        "desks/chamber_settings/list_mails.html",
        words=words,
        state=state,
        states=list(MailState),
        kinds=MAIL_KINDS,
        button=ButtonForm(),
        **found,
    )


@chamber_settings.route("/mails/<uuid:mail_id>", permit=may_see_mails)
def show_mail(mail_id: uuid.UUID) -> str:
    """One message as its reader sees it.

    To copy, or to show as a QR code, where somebody has no e-mail.
    """
    mail = db().fetch(Mail, mail_id)
    letter = write_letter(
        world(), mail, chamber(), present_settings(), with_word=may_pass_link_on(actor(), mail)
    )
    found = re.search(r"https?://[^\s…]+$", letter.text, re.MULTILINE)
    picture = segno.make(found[0], error="m").svg_data_uri(scale=5) if found else ""
    return render_template(
        "desks/chamber_settings/show_mail.html",
        mail=mail,
        letter=letter,
        picture=picture,
        now=db().now(),
        button=ButtonForm(),
    )


@chamber_settings.route("/mails/<uuid:mail_id>/send-again", permit=may_see_mails, methods=["POST"])
def send_again(mail_id: uuid.UUID) -> Response:
    """Queues a held or failed mail once more."""
    chamber_settings_services.send_again(db(), db().fetch(Mail, mail_id), actor=actor())
    flash(gettext("Queued again."), "success")
    return redirect(url_for("chamber_settings.list_mails"))


@chamber_settings.route("/mails/<uuid:mail_id>/passed-on", permit=may_see_mails, methods=["POST"])
def note_passed_on(mail_id: uuid.UUID) -> Response:
    """Takes a message that reached its reader another way off the list of those to pass on."""
    chamber_settings_services.note_passed_on(db(), db().fetch(Mail, mail_id), actor=actor())
    flash(gettext("Passed on. It is off the list."), "success")
    return redirect(url_for("chamber_settings.list_mails", state=MailState.HELD.value))


@chamber_settings.route("/jobs/<uuid:job_id>/retry", permit=may_see_mails, methods=["POST"])
def retry_job(job_id: uuid.UUID) -> Response:
    """Puts a failed job back in line."""
    chamber_settings_services.retry_job(db(), job_id, actor=actor())
    flash(gettext("In line again."), "success")
    return redirect(url_for("chamber_settings.list_mails"))


@chamber_settings.route("/jobs/retry", permit=may_see_mails, methods=["POST"])
def try_all_again() -> Response:
    """Puts everything that failed back in line."""
    count = services.try_all_again(db(), actor=actor())
    flash(gettext("%(count)s in line again.", count=count), "success")
    return redirect(url_for("chamber_settings.list_mails"))
