"""One's own account: sign-ins, password, second factor, and which enterprise one acts for."""

import uuid

import pyotp
import segno
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import logout_user
from werkzeug.wrappers import Response

from portal.accounts.models import Person, SignIn
from portal.accounts.passwords import check_new_password, hash_password, verify_password
from portal.accounts.policies import is_signed_in, may_end_sign_in
from portal.accounts.queries import count_recovery_codes, list_representations, list_sign_ins
from portal.accounts.services import people, second_factors
from portal.accounts.services import sign_ins as sign_ins_services
from portal.desks.sign_in.forms import ChangePasswordForm, CodeForm, DropSecondFactorForm
from portal.desks.sign_in.views.blueprint import sign_in
from portal.desks.sign_in.views.visiting import live_sign_in, present_visit
from portal.foundation.errors import InvalidInput, NotFound
from portal.foundation.labels import N_
from portal.members.enterprises.models import Enterprise
from portal.web.forms import ButtonForm
from portal.web.request import actor, chamber, chamber_settings, db, present_sign_in
from portal.web.world import world


@sign_in.route("/account", permit=is_signed_in)
def my_account() -> str:
    """Who I am here, where I am signed in, how my account is protected."""
    present = present_sign_in()
    return render_template(
        "desks/sign_in/my_account.html",
        person=present.person,
        present=present,
        sign_ins=list_sign_ins(db(), present.person_id),
        codes=count_recovery_codes(db(), present.person_id),
        form=ButtonForm(),
    )


@sign_in.route("/account/sign-ins/<uuid:sign_in_id>/end", permit=is_signed_in, methods=["POST"])
def end_sign_in(sign_in_id: uuid.UUID) -> Response:
    """Signs one of my browsers out."""
    theirs = db().fetch(SignIn, sign_in_id)
    if not may_end_sign_in(actor(), theirs):
        raise NotFound(N_("There is nothing at this address."))
    sign_ins_services.end_sign_in(db(), theirs, actor=actor())
    flash(gettext("That browser is signed out."), "success")
    return redirect(url_for("sign_in.my_account"))


@sign_in.route("/account/sign-out-everywhere", permit=is_signed_in, methods=["POST"])
def sign_out_everywhere() -> Response:
    """Signs every browser of mine out, this one too."""
    sign_ins_services.sign_out_everywhere(db(), present_sign_in().person, actor=actor())
    logout_user()
    flash(gettext("You are signed out everywhere."), "success")
    return redirect(url_for("sign_in.sign_in"))


@sign_in.route(
    "/account/password", permit=is_signed_in, methods=["GET", "POST"], own_transactions=True
)
def change_password() -> str | Response | tuple[str, int]:
    """A new password, for whoever knows the present one."""
    person = present_sign_in().person
    form = ChangePasswordForm()
    if form.validate_on_submit():
        doors, chamber_id = world().doors, chamber().id
        db().close()
        with form.refusing():
            _prove_password(person, form.old_password.data, "password")
            check_new_password(form.password.data, email=person.email)
            hashed = hash_password(form.password.data)
            with doors.chamber(chamber_id, writing=True) as session:
                people.change_password(
                    session,
                    live_sign_in(session).person,
                    hashed,
                    proven=person.password_hash,
                    actor=actor(),
                )
            logout_user()
            flash(gettext("Your password is changed. Sign in with it."), "success")
            return redirect(url_for("sign_in.sign_in"))
    return render_template("desks/sign_in/change_password.html", form=form), form.status


def _prove_password(person: Person, typed: str, purpose: str) -> None:
    """Counts a try for a purpose, then checks the present password.

    InvalidInput beside its field.
    """
    with world().doors.chamber(chamber().id, writing=True) as session:
        sign_ins_services.take_try(
            session, *sign_ins_services.keys_of_try(session, purpose, person.email, present_visit())
        )
    if not verify_password(typed, person.password_hash):
        raise InvalidInput("old_password", N_("This is not your present password."))


@sign_in.route("/account/second-factor", permit=is_signed_in, methods=["GET", "POST"])
def set_up_second_factor() -> str | tuple[str, int]:
    """Begins a second factor, shows its QR code, and takes the first code."""
    present = present_sign_in()
    person, form = present.person, CodeForm()
    if request.method == "POST" and person.totp_secret is None:
        second_factors.start_second_factor(db(), person, world().sealer, actor=actor())
    elif form.validate_on_submit():
        with form.refusing():
            codes = second_factors.confirm_second_factor(
                db(), present, form.code.data, world().sealer, actor=actor()
            )
            return render_template("desks/sign_in/recovery_codes.html", codes=codes)
    secret = (
        world().sealer.open(person.totp_secret)
        if person.totp_secret and not person.has_second_factor
        else ""
    )
    address = (
        pyotp.TOTP(secret).provisioning_uri(
            name=person.email, issuer_name=chamber_settings().name_zh
        )
        if secret
        else ""
    )
    picture = segno.make(address).svg_data_uri(scale=5) if secret else ""
    refused = bool(form.code.errors) and bool(secret)
    return render_template(
        "desks/sign_in/set_up_second_factor.html",
        form=form,
        secret=secret,
        picture=picture,
        person=person,
    ), 422 if refused and form.code.data else 200


@sign_in.route(
    "/account/second-factor/off",
    permit=is_signed_in,
    methods=["GET", "POST"],
    own_transactions=True,
)
def drop_second_factor() -> str | Response | tuple[str, int]:
    """Switches the second factor off, for whoever knows the password and has a code."""
    person, form = present_sign_in().person, DropSecondFactorForm()
    if form.validate_on_submit():
        doors, chamber_id = world().doors, chamber().id
        db().close()
        with form.refusing():
            _prove_password(person, form.old_password.data, "code")
            with doors.chamber(chamber_id, writing=True) as session:
                second_factors.drop_second_factor(
                    session,
                    live_sign_in(session).person,
                    form.code.data,
                    world().sealer,
                    proven=person.password_hash,
                    actor=actor(),
                )
            flash(gettext("The second factor is off. We have told you so by mail."), "success")
            return redirect(url_for("sign_in.my_account"))
    return render_template("desks/sign_in/drop_second_factor.html", form=form), form.status


@sign_in.route("/account/enterprise", permit=is_signed_in, methods=["GET", "POST"])
def choose_enterprise() -> str | Response:
    """A person of several enterprises says which one to act for."""
    form = ButtonForm()
    present = present_sign_in()
    if form.validate_on_submit():
        sign_ins_services.choose_enterprise(db(), present, form.value.data or "", actor=actor())
        return redirect(url_for("dashboard.first_page"))
    mine = list_representations(db(), person_id=present.person_id)
    return render_template(
        "desks/sign_in/choose_enterprise.html",
        form=form,
        enterprises=[db().fetch(Enterprise, r.enterprise_id) for r in mine],
        present=present,
    )
