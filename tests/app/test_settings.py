"""Production refuses to start without what it needs, naming the variable and never its value."""

import base64
from pathlib import Path

import pytest

from app.settings import SettingsError, read_settings

GOOD = {
    "ATTUNE_ENV": "production",
    "SECRET_KEY": "k7Jq2vXw9ZpL4nRt8BsD1fGh5Mc3Yu6E",
    "FIELD_KEYS": "k1:" + base64.b64encode(bytes(range(32))).decode(),
    "DATABASE_URL": "postgresql://app@db/attune",
    "MIGRATION_DATABASE_URL": "postgresql://owner@db/attune",
    "BASE_URL": "https://attune.example",
    "SMTP_URL": "smtp://mail:25",
    "MAIL_FROM": "Attune <hello@attune.example>",
    "CALENDAR_ADDRESS": "calendar@attune.example",
    "EVIDENCE_DIR": "/srv/attune/evidence",
    "STRIPE_SECRET_KEY": "sk_live_0123456789abcdef",
    "STRIPE_WEBHOOK_SECRETS": "whsec_0123456789abcdef,whsec_fedcba9876543210",
}


def test_complete_production_settings_are_accepted() -> None:
    settings = read_settings(GOOD)
    assert settings.is_production
    assert settings.database_url == "postgresql+psycopg://app@db/attune"


@pytest.mark.parametrize("name", [name for name in GOOD if name != "ATTUNE_ENV"])
def test_R82_production_names_the_variable_that_is_missing(name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        read_settings({key: value for key, value in GOOD.items() if key != name})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "changeme"),
        ("SECRET_KEY", "a" * 64),
        ("FIELD_KEYS", "k1:AAAA"),
        ("DATABASE_URL", "sqlite:///attune.db"),
        ("BASE_URL", "http://attune.example"),
        ("BASE_URL", "attune.example"),
        ("ATTUNE_ENV", "staging"),
        ("EVIDENCE_DIR", "evidence"),
        ("EVIDENCE_DIR", str(Path(__file__).resolve().parents[2] / "platform" / "app" / "static")),
        ("FLASK_DEBUG", "1"),
        ("LOOPBACK_CALENDARS", "127.0.0.1:4711"),
        ("STRIPE_SECRET_KEY", "pk_live_0123456789abcdef"),
        ("STRIPE_WEBHOOK_SECRETS", "whsec_short"),
        ("STRIPE_WEBHOOK_SECRETS", "0123456789abcdef0123456789abcdef"),
        ("STRIPE_WEBHOOK_SECRETS", "whsec_0123456789abcdef,whsec_1123456789abcdef,whsec_2123456789abcdef"),
        ("STRIPE_API_BASE", "https://payments.example"),
        ("STRIPE_API_BASE", "http://127.0.0.1:4242"),
    ],
)
def test_R82_production_refuses_what_is_unsafe_without_repeating_it(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name) as refused:
        read_settings({**GOOD, name: value})
    assert value not in str(refused.value) or value in name


def test_R27_no_mode_takes_payments_whose_news_it_could_not_tell_from_a_forgery() -> None:
    known = {key: value for key, value in GOOD.items() if not key.startswith("STRIPE_")} | {"ATTUNE_ENV": "development"}
    assert read_settings(known).stripe_secret_key == ""
    with pytest.raises(SettingsError, match="STRIPE_WEBHOOK_SECRETS"):
        read_settings({**known, "STRIPE_SECRET_KEY": "sk_test_0123456789abcdef"})


def test_hosting_platforms_say_postgres() -> None:
    assert read_settings({**GOOD, "DATABASE_URL": "postgres://app@db/attune"}).database_url.startswith("postgresql+psycopg://")


def test_production_stands_behind_one_router_unless_it_says_otherwise() -> None:
    assert read_settings(GOOD).proxies == 1
    assert read_settings({**GOOD, "PROXIES": "2"}).proxies == 2
    for wrong in ("-1", "many", "1e3", "²", ""):
        with pytest.raises(SettingsError, match="PROXIES"):
            read_settings({**GOOD, "PROXIES": wrong})
