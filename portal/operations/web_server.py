"""The web server: granian in front of the application."""

from flask import Flask
from granian.constants import Interfaces
from granian.server import Server

from portal.app import create_app
from portal.settings import read_settings


def make_app() -> Flask:
    """The application that each web process serves."""
    return create_app(read_settings())


def serve_web(host: str, port: int, *, processes: int = 1) -> None:
    """Serves until it is told to stop."""
    Server("portal.operations.web_server:make_app", factory=True, address=host, port=port, interface=Interfaces.WSGI, workers=processes, log_access=False).serve()
