"""Settings fail at the start and name their variable."""

import pytest

from portal.settings import WrongSetting, read_settings

GOOD = {
    "PORTAL_SECRET_KEY": "k" * 32,
    "PORTAL_DATABASE_URL": "sqlite:///x.db",
    "PORTAL_BASE_DOMAIN": "Example.org",
    "PORTAL_FILES": "var/files",
}


def test_good_settings_are_read() -> None:
    settings = read_settings(GOOD | {"PORTAL_OWNER_DATABASE_URL": "postgresql://o@h/d"})
    assert settings.base_domain == "example.org"
    assert settings.owner_database_url == "postgresql+psycopg://o@h/d"


@pytest.mark.parametrize("name", GOOD)
def test_a_missing_setting_is_named(name: str) -> None:
    with pytest.raises(WrongSetting, match=name):
        read_settings({k: v for k, v in GOOD.items() if k != name})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORTAL_SECRET_KEY", "short"),
        ("PORTAL_DATABASE_URL", "mysql://x"),
        ("PORTAL_FILES", "ftp://x"),
        ("PORTAL_SMTP_URL", "http://x"),
        ("PORTAL_PORT", "eighty"),
        ("PORTAL_PORT", "70000"),
        ("PORTAL_SCHEME", "gopher"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(WrongSetting, match=name):
        read_settings(GOOD | {name: value})
