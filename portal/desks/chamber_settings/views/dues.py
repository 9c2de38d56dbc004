"""Dues schedules, suspended days, and the offices whose holders owe by them."""

import uuid
from collections.abc import Sequence

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.desks.chamber_settings.forms.bodies import HoldingForm, OfficeForm
from portal.desks.chamber_settings.forms.money import AdoptionForm, ScheduleForm, SuspensionForm
from portal.desks.chamber_settings.policies import may_edit_settings
from portal.desks.chamber_settings.views.blueprint import chamber_settings
from portal.foundation.errors import InvalidInput
from portal.foundation.labels import N_
from portal.governance.bodies import services as bodies_services
from portal.governance.bodies.models import COUNCIL, Body
from portal.governance.bodies.queries import list_bodies, list_seats
from portal.governance.resolutions.rules import publish_by
from portal.members.enterprises.queries import find_enterprise_by_uscc
from portal.members.enterprises.rules.uscc import read_uscc
from portal.members.membership.queries import list_grades
from portal.members.offices import services
from portal.members.offices.models import Office, OfficeHolding
from portal.members.offices.queries import list_holdings, list_offices
from portal.money.dues.models import DuesSchedule, DuesSuspension, Period, Proration
from portal.money.dues.policies import may_edit_schedules
from portal.money.dues.queries import list_schedules, list_suspensions, standings
from portal.money.dues.rules.amounts import MOST_LEVELS, parse_fixed
from portal.money.dues.services import schedules as schedules_services
from portal.money.dues.services.schedules import RatePlan, Terms
from portal.web.filters import in_language
from portal.web.forms import ButtonForm
from portal.web.request import actor, db, present_day

Answer = str | Response | tuple[str, int]
SPARE_LINES = 3


@chamber_settings.route("/dues", permit=may_edit_schedules)
def edit_dues() -> str:
    """Dues schedules, where each stands today, and days for which dues are suspended."""
    schedules, today = list_schedules(db()), present_day()
    return render_template(
        "desks/chamber_settings/edit_dues.html",
        schedules=schedules,
        standings=standings(schedules, today),
        publish_by=publish_by,
        suspensions=list_suspensions(db()),
        most_levels=MOST_LEVELS,
        button=ButtonForm(),
    )


@chamber_settings.route("/dues/new", permit=may_edit_schedules, methods=["GET", "POST"])
def enter_schedule() -> Answer:
    """A draft of a dues schedule."""
    levels = [
        *((f"g{g.id}", in_language(g)) for g in list_grades(db())),
        *((f"o{o.id}", in_language(o)) for o in list_offices(db())),
    ]
    form = ScheduleForm()
    while len(form.rates) < len(levels) + SPARE_LINES:
        form.rates.append_entry()
    for number, line in enumerate(form.rates):
        line.form.level.choices = [("", "—"), *levels]
        if line.form.level.data in {None, ""} and not form.is_submitted() and number < len(levels):
            line.form.level.data = levels[number][0]
    if form.validate_on_submit():
        with form.refusing():
            if bool(form.due_month.data) is not bool(form.due_day.data):
                raise InvalidInput("due_day", N_("Give both the month and the day, or neither."))
            due = (form.due_month.data, form.due_day.data) if form.due_month.data else None
            terms = Terms(Period(form.period.data), Proration(form.proration.data), due)
            schedules_services.enter_schedule(
                db(),
                name=form.name.data,
                in_force_from=form.in_force_from.data,
                rates=_rates(form),
                terms=terms,
                actor=actor(),
            )
            flash(
                gettext("The draft is entered. It counts once a resolution adopts it."), "success"
            )
            return redirect(url_for("chamber_settings.edit_dues"))
    return render_template("desks/chamber_settings/enter_schedule.html", form=form), form.status


def _rates(form: ScheduleForm) -> list[RatePlan]:
    """The lines that say something; a fault is told beside its line."""
    found = []
    for line in form.rates:
        data = line.form.data
        if not (data["amount"] or data["joining_fee"]):
            continue
        try:
            if not data["level"]:
                raise InvalidInput("rates", N_("Choose whom this amount is for."))
            if not data["amount"]:
                raise InvalidInput("rates", N_("Enter the amount of this line too."))
            fee = parse_fixed(data["joining_fee"], "rates") if data["joining_fee"] else 0
            owner = {
                "grade_id" if data["level"][0] == "g" else "office_id": uuid.UUID(data["level"][1:])
            }
            found.append(
                RatePlan(
                    parse_fixed(data["amount"], "rates"),
                    years=int(data["years"]),
                    joining_fee=fee,
                    **owner,
                )
            )
        except InvalidInput as error:
            line.form.amount.errors = [
                *line.form.amount.errors,
                gettext(error.sentence.msgid, **error.sentence.values),
            ]
            raise
    return found


@chamber_settings.route(
    "/dues/<uuid:schedule_id>/adopt", permit=may_edit_schedules, methods=["GET", "POST"]
)
def adopt_schedule(schedule_id: uuid.UUID) -> Answer:
    """The resolution that puts a draft in force."""
    schedule = db().fetch(DuesSchedule, schedule_id)
    form = AdoptionForm()
    if form.validate_on_submit():
        with form.refusing():
            schedules_services.adopt_schedule(db(), schedule, form.decision(), actor=actor())
            flash(gettext("Adopted. It counts from the day it names."), "success")
            return redirect(url_for("chamber_settings.edit_dues"))
    return render_template(
        "desks/chamber_settings/adopt_schedule.html", form=form, schedule=schedule
    ), form.status


@chamber_settings.route("/dues/suspend", permit=may_edit_schedules, methods=["GET", "POST"])
def suspend_dues() -> Answer:
    """Days for which no dues are asked."""
    form = SuspensionForm()
    if form.validate_on_submit():
        with form.refusing():
            schedules_services.suspend_dues(
                db(),
                from_on=form.from_on.data,
                until_on=form.until_on.data,
                resolution=form.resolution.data,
                actor=actor(),
            )
            flash(
                gettext("Suspended. Invoices raised from now on leave these days out."), "success"
            )
            return redirect(url_for("chamber_settings.edit_dues"))
    return render_template("desks/chamber_settings/suspend_dues.html", form=form), form.status


@chamber_settings.route(
    "/dues/suspensions/<uuid:suspension_id>/take-back", permit=may_edit_schedules, methods=["POST"]
)
def take_suspension_back(suspension_id: uuid.UUID) -> Response:
    """Takes back a suspension that was entered wrongly."""
    schedules_services.take_suspension_back(
        db(), db().fetch(DuesSuspension, suspension_id), actor=actor()
    )
    flash(gettext("Taken back. Invoices raised from now on count these days again."), "success")
    return redirect(url_for("chamber_settings.edit_dues"))


@chamber_settings.route("/offices", permit=may_edit_settings, methods=["GET", "POST"])
def edit_offices() -> Answer:
    """The chamber's offices, and who holds them."""
    bodies = [body for body in list_bodies(db()) if not body.is_assembly]
    form = OfficeForm(bodies=[str(body.id) for body in bodies if body.code == COUNCIL])
    form.bodies.choices = [(str(body.id), in_language(body)) for body in bodies]
    if form.validate_on_submit():
        with form.refusing():
            office = services.add_office(
                db(), name_zh=form.name_zh.data, name_en=form.name_en.data, actor=actor()
            )
            chosen = form.bodies.ids()
            bodies_services.seat_office(
                db(), office, [body for body in bodies if body.id in chosen], actor=actor()
            )
            flash(gettext("Added. Give it an amount in the next dues schedule."), "success")
            return redirect(url_for("chamber_settings.edit_offices"))
    page = render_template(
        "desks/chamber_settings/edit_offices.html",
        form=form,
        offices=list_offices(db(), retired=True),
        seats=_seats(bodies),
        holdings=list_holdings(db()),
        button=ButtonForm(),
    )
    return page, form.status


def _seats(bodies: Sequence[Body]) -> dict[uuid.UUID, list[Body]]:
    """In which bodies the holders of each office sit."""
    named, found = {body.id: body for body in bodies}, dict[uuid.UUID, list[Body]]()
    for seat in list_seats(db()):
        if seat.body_id in named:
            found.setdefault(seat.office_id, []).append(named[seat.body_id])
    return found


@chamber_settings.route(
    "/offices/<uuid:office_id>/retire", permit=may_edit_settings, methods=["POST"]
)
def retire_office(office_id: uuid.UUID) -> Response:
    """Closes an office."""
    services.retire_office(db(), db().fetch(Office, office_id), actor=actor())
    flash(gettext("Closed. Who holds it keeps it to the end."), "success")
    return redirect(url_for("chamber_settings.edit_offices"))


@chamber_settings.route("/offices/give", permit=may_edit_settings, methods=["GET", "POST"])
def give_office() -> Answer:
    """Writes down who holds an office."""
    form = HoldingForm(from_on=present_day())
    form.office.choices = [(str(o.id), in_language(o)) for o in list_offices(db())]
    if form.validate_on_submit():
        with form.refusing():
            enterprise = find_enterprise_by_uscc(db(), read_uscc(form.uscc.data))
            if enterprise is None:
                raise InvalidInput("uscc", N_("The chamber knows no enterprise of this code."))
            office = db().fetch(Office, uuid.UUID(form.office.data))
            services.give_office(
                db(),
                office,
                enterprise,
                held_by=form.held_by.data,
                from_on=form.from_on.data,
                until_on=form.until_on.data,
                actor=actor(),
            )
            flash(
                gettext(
                    "Written down. The next dues follow the office; the difference for this "
                    "year is raised on the account of the enterprise."
                ),
                "success",
            )
            return redirect(url_for("chamber_settings.edit_offices"))
    return render_template("desks/chamber_settings/give_office.html", form=form), form.status


@chamber_settings.route(
    "/offices/holdings/<uuid:holding_id>/end", permit=may_edit_settings, methods=["POST"]
)
def end_office(holding_id: uuid.UUID) -> Response:
    """Ends a holding today."""
    holding = db().fetch(OfficeHolding, holding_id)
    services.end_office(db(), holding, max(holding.from_on, present_day()), actor=actor())
    flash(gettext("Ended."), "success")
    return redirect(url_for("chamber_settings.edit_offices"))
