"""What stands on a resolution's paper, frozen as it is issued."""

from typing import Any

from portal.governance.bodies.models import Body
from portal.governance.resolutions.models import Resolution


def resolution_paper(resolution: Resolution, body: Body) -> dict[str, Any]:
    """The resolution (决议): its body, title and text, the day and the counts."""
    return {
        "body_zh": body.name_zh,
        "body_en": body.name_en,
        "title": resolution.title,
        "text": resolution.text,
        "adopted_on": resolution.adopted_on.isoformat(),
        "secret_ballot": resolution.secret_ballot,
        "entitled": resolution.entitled,
        "present": resolution.present,
        "in_favour": resolution.in_favour,
    }
