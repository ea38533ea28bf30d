"""Connected accounts: nothing can be sent to one until its owner has told the processor who they are, on its pages."""

import secrets
from typing import Any

from app.payment_sandbox.refusals import Refused, missing, no_such
from app.payment_sandbox.world import Thing, World

LINK_SECONDS = 300
NEEDED = ["external_account", "individual.dob.day", "individual.verification.document", "tos_acceptance.date"]
CURRENCIES = {"GB": "gbp", "US": "usd", "CA": "cad", "AU": "aud", "NZ": "nzd", "CH": "chf", "JP": "jpy", "SE": "sek", "DK": "dkk", "NO": "nok", "PL": "pln"}


def create(world: World, said: dict[str, Any]) -> Thing:
    country = said.get("country", "US")
    if len(country) != 2 or not country.isalpha() or not country.isupper():
        raise Refused(f"Country '{country}' is unknown.", code="country_unsupported", param="country")
    wanted = said.get("capabilities") or {}
    return world.make(
        "account",
        business_profile=None,
        business_type=None,
        capabilities={name: "inactive" for name, value in wanted.items() if value.get("requested")},
        charges_enabled=False,
        controller={"is_controller": True, "type": "application", **(said.get("controller") or {})},
        country=country,
        default_currency=CURRENCIES.get(country, "eur"),
        details_submitted=False,
        email=None,
        external_accounts={"object": "list", "data": [], "has_more": False, "url": "/v1/accounts/external_accounts"},
        metadata=dict(said.get("metadata") or {}),
        payouts_enabled=False,
        requirements={
            "alternatives": [],
            "current_deadline": None,
            "currently_due": list(NEEDED),
            "disabled_reason": "requirements.past_due",
            "errors": [],
            "eventually_due": list(NEEDED),
            "past_due": list(NEEDED),
            "pending_verification": [],
        },
        type="none",
    )


def create_link(world: World, said: dict[str, Any]) -> Thing:
    """An address that is good once, for five minutes."""
    account = of(world, said["account"], "account")
    for needed in ("refresh_url", "return_url"):
        if not said.get(needed):
            raise missing(needed)
    if said["type"] == "account_update" and account["controller"].get("requirement_collection") != "application":
        raise Refused("You cannot create `account_update` type Account Links for this account.", param="type")
    secret = secrets.token_urlsafe(24)
    expires = world.now() + LINK_SECONDS
    kept = {
        "id": secret,
        "object": "account_link",
        "_account": account["id"],
        "_refresh_url": said["refresh_url"],
        "_return_url": said["return_url"],
        "_expires_at": expires,
        "_used": False,
    }
    world.keep(kept)
    return {"object": "account_link", "created": world.now(), "expires_at": expires, "url": f"{world.settings.get('address', '')}/onboard/{secret}"}


def onboard(world: World, account: Thing, *, outcome: str) -> None:
    """What its owner did on the processor's pages. `outcome`: ``complete``, ``later`` (some told, some missing), ``refused``."""
    world.touch(account)
    complete = outcome == "complete"
    still = [] if complete else NEEDED[2:3] if outcome == "later" else []
    account.update(
        details_submitted=True,
        payouts_enabled=complete,
        capabilities=dict.fromkeys(account["capabilities"], "active" if complete else "pending" if outcome == "later" else "inactive"),
    )
    account["requirements"].update(
        currently_due=still,
        eventually_due=list(still),
        past_due=[],
        disabled_reason=None if complete else "requirements.pending_verification" if outcome == "later" else "rejected.other",
    )
    world.emit("account.updated", account, account=account["id"])


def of(world: World, identifier: str, param: str = "id") -> Thing:
    account = world.find("account", identifier)
    if account is None:
        raise no_such("account", identifier, param)
    return account
