"""The blueprint of what applicants see."""

from portal.web.blueprint import Blueprint

applicants = Blueprint("applicants", __name__)
