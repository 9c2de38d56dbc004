"""The chamber's rules as data: the review chain, the checklist, documents to acknowledge."""

import uuid
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.accounts.queries import list_departments
from portal.admission.applications.models import ChainStep, RequiredDocument, StepKind
from portal.admission.applications.queries.documents import list_documents
from portal.admission.applications.services import documents
from portal.admission.reviewing.models import ChecklistItem
from portal.admission.reviewing.policies import may_keep_checklist
from portal.admission.reviewing.queries.chain import list_chain
from portal.admission.reviewing.queries.desk import list_points
from portal.admission.reviewing.services import chain, desk
from portal.admission.reviewing.services.chain import StepPlan
from portal.desks.chamber_settings.forms.reviewing import ChainForm, PointForm, RequiredDocumentForm
from portal.desks.chamber_settings.policies import may_edit_settings
from portal.desks.chamber_settings.views.blueprint import chamber_settings
from portal.foundation.errors import InvalidInput
from portal.governance.bodies.models import MajorityBase
from portal.governance.bodies.queries import list_bodies
from portal.web.filters import in_language
from portal.web.forms import ButtonForm
from portal.web.request import actor, db

Answer = str | Response | tuple[str, int]


@chamber_settings.route("/chain", permit=may_edit_settings, methods=["GET", "POST"])
def set_chain() -> Answer:
    """The review chain."""
    departments, bodies = list_departments(db()), list_bodies(db())
    present = [_typed(step) for step in list_chain(db())]
    form = ChainForm(steps=present) if request.method == "GET" else ChainForm()
    for step in form.steps:
        step.form.department.choices = [
            ("", "—"),
            *((str(d.id), in_language(d)) for d in departments),
        ]
        step.form.body.choices = [("", "—"), *((str(b.id), in_language(b)) for b in bodies)]
    if form.validate_on_submit():
        try:
            chain.set_chain(
                db(), [_plan(s.form.data) for s in form.steps if s.form.kind.data], actor=actor()
            )
        except InvalidInput as error:
            form.form_errors = [
                *form.form_errors,
                gettext(error.sentence.msgid, **error.sentence.values),
            ]
        else:
            flash(
                gettext("Saved. Applications under way keep the chain they began with."), "success"
            )
            return redirect(url_for("chamber_settings.overview"))
    return render_template("desks/chamber_settings/set_chain.html", form=form), form.status


def _typed(step: ChainStep) -> dict[str, Any]:
    """A step as its line of the form."""
    kept = {name: getattr(step, name) for name in StepPlan.__dataclass_fields__}
    return kept | {"department": str(step.department_id or ""), "body": str(step.body_id or "")}


def _plan(data: dict[str, Any]) -> StepPlan:
    department, body = (
        uuid.UUID(data[name]) if data[name] else None for name in ("department", "body")
    )
    fractions: dict[str, Any] = {
        name: int(data[name] or 0) for name in ("quorum_num", "quorum_den", "pass_num", "pass_den")
    }
    names = data["name_zh"] or data["name_en"], data["name_en"] or data["name_zh"]
    rule = {
        **fractions,
        "pass_base": MajorityBase(data["pass_base"]),
        "strict": bool(data["strict"]),
    }
    return StepPlan(StepKind(data["kind"]), *names, department, body, data["days"], **rule)


@chamber_settings.route("/checklist", permit=may_keep_checklist, methods=["GET", "POST"])
def edit_checklist() -> Answer:
    """What reviewers tick off before they approve."""
    form = PointForm()
    if form.validate_on_submit():
        with form.refusing():
            desk.add_point(db(), form.title_zh.data, form.title_en.data, actor=actor())
            flash(gettext("Added. It is asked of every application from now on."), "success")
            return redirect(url_for("chamber_settings.edit_checklist"))
    page = render_template(
        "desks/chamber_settings/edit_checklist.html",
        form=form,
        points=list_points(db(), retired=True),
        button=ButtonForm(),
    )
    return page, form.status


@chamber_settings.route(
    "/checklist/<uuid:item_id>/retire", permit=may_keep_checklist, methods=["POST"]
)
def retire_point(item_id: uuid.UUID) -> Response:
    """Asks a point no more."""
    desk.retire_point(db(), db().fetch(ChecklistItem, item_id), actor=actor())
    flash(gettext("No longer asked for."), "success")
    return redirect(url_for("chamber_settings.edit_checklist"))


@chamber_settings.route("/documents", permit=may_edit_settings, methods=["GET", "POST"])
def edit_documents() -> Answer:
    """Documents that applicants must read."""
    form = RequiredDocumentForm()
    if form.validate_on_submit():
        with form.refusing():
            documents.publish_document(
                db(),
                title_zh=form.title_zh.data,
                title_en=form.title_en.data,
                version=form.version.data,
                body=form.body.data,
                actor=actor(),
            )
            flash(gettext("In force from now on."), "success")
            return redirect(url_for("chamber_settings.edit_documents"))
    page = render_template(
        "desks/chamber_settings/edit_documents.html",
        form=form,
        documents=list_documents(db(), retired=True),
        button=ButtonForm(),
    )
    return page, form.status


@chamber_settings.route(
    "/documents/<uuid:document_id>/retire", permit=may_edit_settings, methods=["POST"]
)
def retire_document(document_id: uuid.UUID) -> Response:
    """Takes a document out of force."""
    documents.retire_document(db(), db().fetch(RequiredDocument, document_id), actor=actor())
    flash(gettext("No longer asked for."), "success")
    return redirect(url_for("chamber_settings.edit_documents"))
