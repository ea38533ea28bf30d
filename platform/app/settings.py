"""Every setting, read once from the environment. Production refuses to start without what it needs, naming the variable.

`make run` makes development secrets by itself (var/secrets.json).
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from core.crypto import KeyRing

ENVIRONMENTS = ("development", "test", "production")
SHORTEST_SECRET = 32
SHORTEST_WEBHOOK_SECRET = 22
MOST_PROXIES = 9
STRIPE = "https://api.stripe.com"
MOST_WEBHOOK_SECRETS = 2  # the old one and the new one while they are changed
CHECKOUT = Path(__file__).resolve().parents[2]
WEAK_SECRETS = frozenset({"secret", "changeme", "change-me", "development", "dev", "test"})


class SettingsError(Exception):
    """A setting is missing or unsafe. The text names the variable and never its value."""


@dataclass(frozen=True)
class Settings:
    """See docs/ARCHITECTURE.md for what each one means."""

    environment: str
    secret_key: str
    field_keys: KeyRing
    database_url: str
    migration_database_url: str
    direct_database_url: str
    base_url: str
    smtp_url: str | None
    mail_from: str
    calendar_address: str
    mailbox_dir: str | None
    proxies: int
    evidence_dir: str
    clamd_socket: str
    npi_registry_url: str
    loopback_calendars: str
    room_base_url: str
    stripe_secret_key: str
    stripe_webhook_secrets: str
    stripe_api_base: str

    @property
    def is_production(self) -> bool:
        return self.environment == "production"


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from the environment; SettingsError for the first one that is missing or unsafe."""
    environment = environ.get("ATTUNE_ENV", "development")
    if environment not in ENVIRONMENTS:
        raise SettingsError(f"ATTUNE_ENV must be one of {', '.join(ENVIRONMENTS)}.")
    production = environment == "production"
    database_url = _needed(environ, "DATABASE_URL")
    migration_url = _needed(environ, "MIGRATION_DATABASE_URL") if production else environ.get("MIGRATION_DATABASE_URL", database_url)
    settings = Settings(
        environment=environment,
        secret_key=_secret(environ),
        field_keys=_field_keys(environ),
        database_url=_with_driver(database_url),
        migration_database_url=_with_driver(migration_url),
        direct_database_url=_with_driver(environ.get("DIRECT_DATABASE_URL", database_url)),
        base_url=environ.get("BASE_URL", "http://127.0.0.1:8000").rstrip("/") if not production else _needed(environ, "BASE_URL").rstrip("/"),
        smtp_url=_needed(environ, "SMTP_URL") if production else environ.get("SMTP_URL"),
        mail_from=_needed(environ, "MAIL_FROM") if production else environ.get("MAIL_FROM", "Attune <hello@attune.example>"),
        calendar_address=_needed(environ, "CALENDAR_ADDRESS") if production else environ.get("CALENDAR_ADDRESS", "calendar@attune.example"),
        mailbox_dir=None if production else environ.get("MAILBOX_DIR"),
        proxies=_proxies(environ.get("PROXIES", "1" if production else "0")),
        evidence_dir=_folder(_needed(environ, "EVIDENCE_DIR") if production else environ.get("EVIDENCE_DIR", str(CHECKOUT / "var" / "evidence"))),
        clamd_socket=environ.get("CLAMD_SOCKET", ""),
        npi_registry_url=_address("NPI_REGISTRY_URL", environ.get("NPI_REGISTRY_URL", "https://npiregistry.cms.hhs.gov/api/"), https=production),
        loopback_calendars=environ.get("LOOPBACK_CALENDARS", ""),
        room_base_url=_rooms(environ.get("ROOM_BASE_URL", ""), https=production),
        stripe_secret_key=_stripe_key(environ, needed=production),
        stripe_webhook_secrets=_webhook_secrets(environ, needed=production),
        stripe_api_base=_address("STRIPE_API_BASE", environ.get("STRIPE_API_BASE", STRIPE), https=production).rstrip("/"),
    )
    if production and settings.stripe_api_base != STRIPE:
        raise SettingsError("STRIPE_API_BASE is for the payment sandbox of development: payments in production go to Stripe.")
    if settings.stripe_secret_key and not settings.stripe_webhook_secrets:
        raise SettingsError("STRIPE_WEBHOOK_SECRETS is not set: without it nobody could tell a payment's news from a forgery.")
    if production and settings.loopback_calendars:
        raise SettingsError("LOOPBACK_CALENDARS opens inward addresses to strangers: it is for development and tests.")
    if urlsplit(settings.base_url).scheme not in (("https",) if production else ("http", "https")) or not urlsplit(settings.base_url).netloc:
        raise SettingsError("BASE_URL must be an https address in production." if production else "BASE_URL must be an http or https address.")
    if production and environ.get("FLASK_DEBUG", "0") not in ("", "0"):
        raise SettingsError("FLASK_DEBUG must not be set in production.")
    return settings


def _needed(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "").strip()
    if not value:
        raise SettingsError(f"{name} is not set. `make run` sets everything for a development machine.")
    return value


def _folder(path: str) -> str:
    """An absolute path outside of the source: nothing that serves files may reach what strangers sent."""
    if not Path(path).is_absolute() or Path(path).resolve().is_relative_to(CHECKOUT / "platform"):
        raise SettingsError("EVIDENCE_DIR must be an absolute path outside of platform/.")
    return path


def _address(name: str, address: str, *, https: bool) -> str:
    """An address that we add to: without a query of its own, and https in production."""
    parts = urlsplit(address)
    if parts.scheme not in (("https",) if https else ("http", "https")) or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise SettingsError(f"{name} must be an {'https' if https else 'http or https'} address without a query.")
    return address


def _rooms(address: str, *, https: bool) -> str:
    """Where rooms for sessions by video are; nowhere when it is empty."""
    return _address("ROOM_BASE_URL", address, https=https).rstrip("/") if address else ""


def _stripe_key(environ: Mapping[str, str], *, needed: bool) -> str:
    key = _needed(environ, "STRIPE_SECRET_KEY") if needed else environ.get("STRIPE_SECRET_KEY", "").strip()
    if key and not key.startswith(("sk_test_", "sk_live_", "rk_test_", "rk_live_")):
        raise SettingsError("STRIPE_SECRET_KEY must be a secret or restricted key: sk_test_..., sk_live_..., rk_test_... or rk_live_...")
    return key


def _webhook_secrets(environ: Mapping[str, str], *, needed: bool) -> str:
    """One or two, by comma."""
    written = _needed(environ, "STRIPE_WEBHOOK_SECRETS") if needed else environ.get("STRIPE_WEBHOOK_SECRETS", "").strip()
    secrets = [each.strip() for each in written.split(",")] if written else []
    if len(secrets) > MOST_WEBHOOK_SECRETS or any(len(each) < SHORTEST_WEBHOOK_SECRET or not each.startswith("whsec_") for each in secrets):
        raise SettingsError("STRIPE_WEBHOOK_SECRETS must be one or two signing secrets whsec_..., separated by a comma.")
    return ",".join(secrets)


def _secret(environ: Mapping[str, str]) -> str:
    secret = _needed(environ, "SECRET_KEY")
    if len(secret) < SHORTEST_SECRET or secret.lower() in WEAK_SECRETS or len(set(secret)) < 8:
        raise SettingsError(f"SECRET_KEY must be at least {SHORTEST_SECRET} random characters.")
    return secret


def _proxies(written: str) -> int:
    if not written.isascii() or not written.isdigit() or int(written) > MOST_PROXIES:
        raise SettingsError(f"PROXIES must be the number of routers in front of the web processes, 0 to {MOST_PROXIES}.")
    return int(written)


def _field_keys(environ: Mapping[str, str]) -> KeyRing:
    try:
        return KeyRing.parse(_needed(environ, "FIELD_KEYS"))
    except ValueError as error:
        raise SettingsError(f"FIELD_KEYS cannot be used: {error}.") from error


def _with_driver(url: str) -> str:
    """SQLAlchemy needs to hear which driver; hosting platforms say postgres:// or postgresql://."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in ("postgres", "postgresql", "postgresql+psycopg"):
        raise SettingsError("DATABASE_URL must be a postgresql:// address: PostgreSQL 15 or newer is the only engine.")
    return f"postgresql+psycopg://{rest}"
