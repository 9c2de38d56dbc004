"""Signing in, the second factor, forgotten passwords and mailed links."""

from urllib.parse import urlsplit

from flask import flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask_babel import gettext
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from portal.accounts.models import Person
from portal.accounts.passwords import check_new_password, hash_password, verify_password
from portal.accounts.policies import anyone
from portal.accounts.queries import find_link, find_person_by_email, find_sign_in
from portal.accounts.services import people, second_factors, sign_ins
from portal.desks.sign_in.forms import CodeForm, ForgottenForm, NewPasswordForm, SignInForm
from portal.desks.sign_in.views.blueprint import sign_in as pages
from portal.desks.sign_in.views.visiting import live_sign_in, mark_known, present_visit
from portal.foundation.errors import NotFound, Refused
from portal.foundation.labels import N_
from portal.web.forms import ButtonForm
from portal.web.request import LANGUAGES, SignedIn, actor, chamber, db, present_sign_in
from portal.web.world import world


@pages.route("/sign-in", permit=anyone, methods=["GET", "POST"], own_transactions=True)
def sign_in() -> str | Response | tuple[str, int]:
    """E-mail and password. A known and an unknown name get the same answer after the same work."""
    form = SignInForm(next=request.args.get("next", ""))
    if form.validate_on_submit():
        try:
            word = _prove(form.email.data, form.password.data)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            if word is not None:
                return _enter(word, form.next.data or "")
            form.password.errors = [
                gettext("E-mail or password is wrong. After ten tries you wait five minutes.")
            ]
    return render_template("desks/sign_in/sign_in.html", form=form), form.status


def _prove(email: str, password: str) -> str | None:
    """Counts the try, checks the password with no transaction open, and starts the sign-in."""
    doors, chamber_id = world().doors, chamber().id
    db().close()
    with doors.chamber(chamber_id, writing=True) as session:
        tried = sign_ins.keys_of_try(session, "sign-in", email, present_visit())
        sign_ins.take_try(session, *tried)
        person = find_person_by_email(session, email)
    if not verify_password(password, person.password_hash if person else None) or person is None:
        return None
    with doors.chamber(chamber_id, writing=True) as session:
        proved, address, browser = (
            person.password_hash,
            request.remote_addr or "",
            request.user_agent.string,
        )
        return sign_ins.begin_sign_in(
            session,
            session.fetch(Person, person.id),
            proven=proved,
            address=address,
            browser=browser,
            tried=tried,
        )


def _enter(word: str, next: str) -> Response:
    language = cookie.get("language")
    cookie.clear()
    if language:
        cookie["language"] = language
    with world().doors.chamber(chamber().id) as session:
        found = find_sign_in(session, word)
    if found is None:
        raise NotFound(N_("There is nothing at this address."))
    login_user(SignedIn(word, found))
    cookie.permanent = True
    if found.person.has_second_factor:
        return redirect(url_for("sign_in.give_code", next=next))
    return mark_known(redirect(_safe(next)), found.person)


@pages.route("/sign-in/code", permit=anyone, methods=["GET", "POST"], own_transactions=True)
def give_code() -> str | Response | tuple[str, int]:
    """The second factor of a sign-in whose password was proved."""
    waiting = present_sign_in()
    if waiting.second_factor_passed or not waiting.person.has_second_factor:
        return redirect(_safe(request.args.get("next", "")))
    form = CodeForm()
    if form.validate_on_submit():
        doors, chamber_id = world().doors, chamber().id
        db().close()
        with doors.chamber(chamber_id, writing=True) as session:
            tried = sign_ins.keys_of_try(session, "code", waiting.person.email, present_visit())
            sign_ins.take_try(session, *tried)
        with form.refusing():
            with doors.chamber(chamber_id, writing=True) as session:
                second_factors.pass_second_factor(
                    session, live_sign_in(session), form.code.data, world().sealer, tried=tried
                )
            return mark_known(redirect(_safe(request.args.get("next", ""))), waiting.person)
    return render_template("desks/sign_in/give_code.html", form=form), form.status


@pages.route("/sign-out", permit=anyone, methods=["POST"])
def sign_out() -> Response:
    """Ends this browser's sign-in."""
    if current_user.is_authenticated:
        sign_ins.end_sign_in(db(), present_sign_in(), actor=actor())
        logout_user()
    cookie.clear()
    return redirect(url_for("public_pages.home"))


@pages.route("/password/forgotten", permit=anyone, methods=["GET", "POST"], own_transactions=True)
def forgotten() -> str | Response | tuple[str, int]:
    """Mails a link; says the same whether or not the address is known."""
    form = ForgottenForm()
    if form.validate_on_submit():
        doors, chamber_id = world().doors, chamber().id
        db().close()
        with doors.chamber(chamber_id, writing=True) as session:
            sign_ins.take_try(
                session, *sign_ins.keys_of_try(session, "reset", form.email.data, present_visit())
            )
        with doors.chamber(chamber_id, writing=True) as session:
            people.ask_for_reset(session, form.email.data)
        flash(
            gettext(
                "If somebody signs in with this address, a link is on its way. It works for "
                "two hours."
            ),
            "success",
        )
        return redirect(url_for("sign_in.sign_in"))
    return render_template("desks/sign_in/forgotten.html", form=form), form.status


@pages.route("/link/<word>", permit=anyone, methods=["GET", "POST"], own_transactions=True)
def open_link(word: str) -> str | Response | tuple[str, int]:
    """An invitation or a reset: sets the password once."""
    link = find_link(db(), word)
    form = NewPasswordForm()
    if link is None:
        return render_template("desks/sign_in/dead_link.html"), 404
    if form.validate_on_submit():
        db().close()
        with form.refusing():
            check_new_password(form.password.data, email=link.person.email)
            hashed = hash_password(form.password.data)
            with world().doors.chamber(chamber().id, writing=True) as session:
                live = find_link(session, word)
                if live is None:
                    raise NotFound(N_("There is nothing at this address."))
                people.set_password_by_link(session, live, hashed)
            flash(gettext("Your password is set. Sign in with it."), "success")
            return redirect(url_for("sign_in.sign_in"))
    return render_template(
        "desks/sign_in/open_link.html", form=form, person=link.person
    ), form.status


@pages.route("/language", permit=anyone, methods=["GET", "POST"])
def choose_language() -> str | Response:
    """Chinese or English, for this browser and, signed in, for the person's mails.

    Visitors come by a link, so that public pages carry no form and can be cached.
    """
    form = ButtonForm()
    if request.method == "GET":
        return render_template(
            "desks/sign_in/choose_language.html",
            form=form,
            next=request.args.get("next", "/")[:300],
        )
    if form.validate_on_submit() and form.value.data in LANGUAGES:
        cookie["language"] = form.value.data
        if current_user.is_authenticated:
            people.choose_language(db(), present_sign_in().person, form.value.data, actor=actor())
    return redirect(_safe(request.form.get("next") or urlsplit(request.referrer or "/").path))


def _safe(target: str) -> str:
    """An address on this host, or the first page of whoever is signed in."""
    parts = urlsplit(target)
    inside = (
        target.startswith("/")
        and not target.startswith(("//", "/\\"))
        and not parts.netloc
        and not parts.scheme
    )
    return target if inside else url_for("dashboard.first_page")
