"""Settings read once from the environment.

A wrong or missing value stops the start and names the variable.
"""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent


class WrongSetting(Exception):
    """A setting is missing or cannot be read; the message names the variable and the remedy."""


@dataclass(frozen=True)
class Settings:
    """Everything the installation is told from outside."""

    secret_key: str
    database_url: str
    owner_database_url: str | None
    base_domain: str
    files: str
    smtp_url: str | None
    mail_from: str
    scheme: str
    port: int
    demo: bool = False
    stripe_url: str = "https://api.stripe.com"
    trusted_proxies: tuple[str, ...] = ()
    older_secret_keys: tuple[str, ...] = ()
    """Keys that still open what was sealed before `secret_key` came."""

    @property
    def public_port(self) -> str:
        """`:port` where addresses need it (plain http), else nothing."""
        return f":{self.port}" if self.scheme == "http" and self.port != 80 else ""


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings from `environment`.

    Raises WrongSetting naming the variable that is missing or wrong.
    """
    secret, *older = _secret_keys(environment)
    scheme = environment.get("PORTAL_SCHEME", "https")
    if scheme not in {"http", "https"}:
        raise WrongSetting("PORTAL_SCHEME: http or https")
    return Settings(
        secret_key=secret,
        database_url=_database_url(
            "PORTAL_DATABASE_URL", _required(environment, "PORTAL_DATABASE_URL")
        ),
        owner_database_url=_database_url(
            "PORTAL_OWNER_DATABASE_URL", environment.get("PORTAL_OWNER_DATABASE_URL", "")
        )
        or None,
        base_domain=_required(environment, "PORTAL_BASE_DOMAIN").lower(),
        files=_files(_required(environment, "PORTAL_FILES")),
        smtp_url=_smtp(environment.get("PORTAL_SMTP_URL", "")) or None,
        mail_from=environment.get(
            "PORTAL_MAIL_FROM", "portal@" + environment.get("PORTAL_BASE_DOMAIN", "localhost")
        ),
        scheme=scheme,
        port=_port(environment.get("PORTAL_PORT", "8000")),
        demo=environment.get("PORTAL_DEMO", "") == "1",
        stripe_url=_stripe(environment.get("PORTAL_STRIPE_URL", "https://api.stripe.com")),
        older_secret_keys=tuple(older),
        trusted_proxies=_proxies(environment.get("PORTAL_TRUSTED_PROXIES", "")),
    )


def _secret_keys(environment: Mapping[str, str]) -> list[str]:
    """PORTAL_SECRET_KEYS, the one that seals first; or the one PORTAL_SECRET_KEY."""
    several = environment.get("PORTAL_SECRET_KEYS", "").strip()
    name = "PORTAL_SECRET_KEYS" if several else "PORTAL_SECRET_KEY"
    keys = [key.strip() for key in several.split(",")] if several else [environment.get(name, "")]
    if not keys or any(len(key) < 32 for key in keys):
        each = "each with commas between, " if name == "PORTAL_SECRET_KEYS" else ""
        raise WrongSetting(
            f"{name}: set at least 32 random characters, {each}for example from `openssl "
            "rand -hex 32`"
        )
    return keys


def _required(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "").strip()
    if not value:
        raise WrongSetting(f"{name}: is not set (docs/settings.md lists every setting)")
    return value


def _database_url(name: str, value: str) -> str:
    if value and not value.startswith(("sqlite:///", "postgresql+psycopg://", "postgresql://")):
        raise WrongSetting(f"{name}: must begin with sqlite:/// or postgresql://")
    return value.replace("postgresql://", "postgresql+psycopg://", 1)


def _files(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"", "s3"} or (parts.scheme == "s3" and not parts.netloc):
        raise WrongSetting("PORTAL_FILES: a folder, or s3://bucket?endpoint=https://…")
    return value


def _smtp(value: str) -> str:
    if value and urlsplit(value).scheme not in {"smtp", "smtps"}:
        raise WrongSetting("PORTAL_SMTP_URL: smtp://user:password@host:587 or smtps://…")
    return value


def _port(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 0 < int(value) < 65536:
        raise WrongSetting("PORTAL_PORT: a number from 1 to 65535")
    return int(value)


def _proxies(value: str) -> tuple[str, ...]:
    found = tuple(word.strip() for word in value.split(",") if word.strip())
    try:
        for word in found:
            ipaddress.ip_network(word)
    except ValueError as error:
        raise WrongSetting(
            "PORTAL_TRUSTED_PROXIES: addresses or networks with commas between, such as "
            "127.0.0.1,10.0.0.0/8"
        ) from error
    return found


def _stripe(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme != "https" and not (
        parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost"}
    ):
        raise WrongSetting(
            "PORTAL_STRIPE_URL: https://…; plain http only to a stand-in on this machine"
        )
    return value.rstrip("/")
