"""Until when a resolution is published."""

import datetime as dt

PUBLISHED_WITHIN = dt.timedelta(days=30)
"""民发〔2014〕166号: a resolution on dues is published to all members within 30 days.

The others are held to the same.
"""


def publish_by(adopted_on: dt.date) -> dt.date:
    """The last day to publish a resolution."""
    return adopted_on + PUBLISHED_WITHIN
