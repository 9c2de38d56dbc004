"""Acts on applications and their settings, as the audit names them."""

from portal.audit.acts import Act
from portal.foundation.labels import N_
from portal.jobs.mail_kinds import MailKind


class ApplicationAction(Act):
    """Acts on applications and their settings, as the audit names them."""

    DRAFT_BEGUN = "draft.begun", N_("Draft begun")
    DRAFT_MAILED = "draft.mailed", N_("Link to a draft mailed")
    BEGUN = "application.begun", N_("Application begun")
    SUBMITTED = "application.submitted", N_("Application submitted")
    STEP_APPROVED = "application.step_approved", N_("Step approved")
    REJECTED = "application.rejected", N_("Application rejected")
    APPROVED = "application.approved", N_("Application approved")
    ADMITTED = "application.admitted", N_("Admitted")
    RETURNED = "application.returned", N_("Returned for correction")
    CORRECTED = "application.corrected", N_("Corrected")
    REMINDED = "application.reminded", N_("Told once more what to correct")
    RETURN_TAKEN_BACK = "application.return_taken_back", N_("Return taken back")
    CHANGED = "application.changed", N_("Changed before it was confirmed")
    WITHDRAWN = "application.withdrawn", N_("Withdrawn")
    EXPIRED = "application.expired", N_("Expired unpaid")
    INVOICED_AGAIN = "application.invoiced_again", N_("Invoice raised again")
    CLAIMED = "application.claimed", N_("Claimed")
    HANDED_OVER = "application.handed_over", N_("Handed over")
    NOTED = "application.noted", N_("Note written")
    TICKED = "application.ticked", N_("Checklist point ticked")
    UNTICKED = "application.unticked", N_("Checklist point taken back")
    DUPLICATE_FOUND = "application.duplicate_found", N_("Possible duplicate found")
    DUPLICATE_DECIDED = "application.duplicate_decided", N_("Possible duplicate decided")
    OBJECTION_RECORDED = "objection.recorded", N_("Objection recorded")
    OBJECTION_DECIDED = "objection.decided", N_("Objection decided")
    QUEUE_EXPORTED = "applications.exported", N_("Applications exported")
    CHECKLIST_CHANGED = "checklist.changed", N_("Checklist changed")
    QUESTION_CHANGED = "question.changed", N_("Questions changed")
    CHAIN_CHANGED = "chain.changed", N_("Review chain changed")
    DOCUMENT_PUBLISHED = "required_document.published", N_("Document published")
    DOCUMENT_RETIRED = "required_document.retired", N_("Document retired")


class ApplicationMail(MailKind):
    """Mails to applicants."""

    CONFIRM = "applications/confirm", N_("Link to confirm an application")
    DRAFT = "applications/draft", N_("Link to a draft")
    EXPIRED = "applications/expired", N_("Approval expired")
    EXPIRING = "applications/expiring", N_("Approval expires soon")
    RECEIVED = "applications/received", N_("Application submitted")
    REJECTED = "applications/rejected", N_("Application rejected")
    RETURNED = "applications/returned", N_("Returned for correction")
    WELCOME = "applications/welcome", N_("Welcome to the new member")
