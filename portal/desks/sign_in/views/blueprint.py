"""The blueprint of sign-in and account pages."""

from portal.web.blueprint import Blueprint

sign_in = Blueprint("sign_in", __name__)
