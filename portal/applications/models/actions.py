"""Acts on applications and their settings, as the audit names them."""

from portal.foundation.labels import N_, Labelled


class ApplicationAction(Labelled):
    """Acts on applications and their settings, as the audit names them."""

    BEGUN = "application.begun", N_("Application begun")
    SUBMITTED = "application.submitted", N_("Application submitted")
    STEP_APPROVED = "application.step_approved", N_("Step approved")
    REJECTED = "application.rejected", N_("Application rejected")
    APPROVED = "application.approved", N_("Application approved")
    ADMITTED = "application.admitted", N_("Admitted")
    RETURNED = "application.returned", N_("Returned for correction")
    CORRECTED = "application.corrected", N_("Corrected")
    WITHDRAWN = "application.withdrawn", N_("Withdrawn")
    EXPIRED = "application.expired", N_("Expired unpaid")
    INVOICED_AGAIN = "application.invoiced_again", N_("Invoice raised again")
    CHAIN_CHANGED = "chain.changed", N_("Review chain changed")
    DOCUMENT_PUBLISHED = "required_document.published", N_("Document published")
    DOCUMENT_RETIRED = "required_document.retired", N_("Document retired")
