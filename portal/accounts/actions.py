"""What accounts write in the audit."""

from portal.audit.acts import Act
from portal.foundation.labels import N_
from portal.jobs.mail_kinds import MailKind


class AccountAction(Act):
    """Acts on people and their rights."""

    SIGNED_IN = "account.signed_in", N_("Signed in")
    SIGNED_OUT = "account.signed_out", N_("Signed out")
    PASSWORD_SET = "account.password_set", N_("Password set")
    RESET_ASKED = "account.reset_asked", N_("Link for a new password asked for")
    LINK_SENT = "account.link_sent", N_("Link sent")
    SECOND_FACTOR_STARTED = "account.second_factor_started", N_("Second factor begun")
    SECOND_FACTOR_ON = "account.second_factor_on", N_("Second factor switched on")
    SECOND_FACTOR_OFF = "account.second_factor_off", N_("Second factor switched off")
    SECOND_FACTOR_PASSED = "account.second_factor_passed", N_("Second factor given")
    ENTERPRISE_CHOSEN = "account.enterprise_chosen", N_("Enterprise chosen")
    LANGUAGE_CHOSEN = "account.language_chosen", N_("Language chosen")
    APPOINTED = "account.appointed", N_("Appointed")
    APPOINTMENT_ENDED = "account.appointment_ended", N_("Appointment ended")
    COLLEAGUE_INVITED = "account.colleague_invited", N_("Colleague invited")
    PERSON_ADDED = "account.person_added", N_("Person added")
    REPRESENTATION_BEGUN = "account.representation_begun", N_("May act for an enterprise")
    REPRESENTATION_ENDED = "account.representation_ended", N_("Representation ended")


class AccountMail(MailKind):
    """Mails about accounts."""

    INVITATION = "accounts/invitation", N_("Invitation to the portal")
    RESET = "accounts/reset", N_("Link for a new password")
    SECOND_FACTOR_OFF = "accounts/second_factor_off", N_("Second factor switched off")
