"""Pages of signing in and of one's own account."""

from portal.desks.sign_in.views import account as account
from portal.desks.sign_in.views import entering as entering
from portal.desks.sign_in.views.blueprint import sign_in

__all__ = ["sign_in"]
