"""What the processes of a development machine find in their environment."""

import base64
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from app.embedded import Cluster


@dataclass(frozen=True)
class Database:
    """The three addresses of a database, and whether we made it just now (None: it is somebody else's)."""

    app: str
    owner: str
    direct: str
    ours: Cluster | None


def environment_of(database: Database, address: str, *, var: Path, sandbox: str | None = None) -> dict[str, str]:
    """What web, worker and commands find in their environment: the caller's, completed for development. `var` keeps secrets and mailbox; `sandbox` is the
    address of the payment sandbox, which is the processor unless the caller has a key of the real one."""
    found = {
        "ATTUNE_ENV": "development",
        "BASE_URL": address,
        # Enough for one developer, and the first page comes in half the time.
        "WEB_CONCURRENCY": "1",
        "MAILBOX_DIR": str(var / "mailbox"),
        "EVIDENCE_DIR": str(var / "evidence"),
        **development_secrets(var / "secrets.json"),
        **(at_sandbox(sandbox) if sandbox else {}),
        **os.environ,
        "DATABASE_URL": database.app,
        "MIGRATION_DATABASE_URL": database.owner,
        "DIRECT_DATABASE_URL": database.direct,
    }
    found.pop("PORT", None)
    return found


def wants_sandbox() -> bool:
    """Whether there is no key of a real processor."""
    return not os.environ.get("STRIPE_SECRET_KEY")


def at_sandbox(address: str) -> dict[str, str]:
    """What makes the payment sandbox at `address` the processor. The secret that signs its webhooks is new each time."""
    return {"STRIPE_SECRET_KEY": "sk_test_sandbox", "STRIPE_WEBHOOK_SECRETS": f"whsec_{secrets.token_hex(24)}", "STRIPE_API_BASE": address}


def development_secrets(path: Path) -> dict[str, str]:
    """SECRET_KEY and FIELD_KEYS, made once: sealed columns stay readable over restarts. The file is its owner's alone."""
    try:
        return {str(name): str(value) for name, value in json.loads(path.read_text()).items()}
    except FileNotFoundError:
        pass
    made = {"SECRET_KEY": secrets.token_urlsafe(48), "FIELD_KEYS": "k1:" + base64.b64encode(secrets.token_bytes(32)).decode()}
    path.parent.mkdir(exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(made, file)
    unfinished.rename(path)
    return made
