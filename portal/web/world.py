"""What a running installation holds.

Made once by the application, handed to requests and to the worker.
"""

from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app

from portal.files.store import Store
from portal.foundation.secrecy import Sealer
from portal.settings import Settings
from portal.tenancy.session import Doors


@dataclass(frozen=True)
class World:
    """What everything needs: database, files, key, settings, application.

    The doors to the database, the store of files, the key for secrets, the settings, and the
    application itself.
    """

    settings: Settings
    doors: Doors
    store: Store
    sealer: Sealer
    app: Flask

    def address(self, slug: str, path: str) -> str:
        """The full address of a chamber's page, for mails and papers."""
        return f"{self.settings.scheme}://{slug}.{self.settings.base_domain}{self.settings.public_port}{path}"


def world() -> World:
    """The world of the application that serves the present request."""
    return cast(World, current_app.extensions["world"])
