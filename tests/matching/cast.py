"""The invented cast as the ranking sees it, without a database: rows of `app/demo/cast.json` rendered into candidates with openings."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.money import Money
from core.zones import local_date, local_to_utc_seconds
from matching.candidate import Candidate, OfferedService, Style
from taxonomy.vocabulary import vocabulary
from tests.factories.checks import ALL, OF_ADULTS, check_facts
from therapists.standing import CredentialFacts, ServiceFacts, Standing

NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)
HORIZON_DAYS = 28
CAST = Path(__file__).parents[2] / "platform" / "app" / "demo" / "cast.json"


@lru_cache(maxsize=1)
def rows() -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(CAST.read_text())["therapists"])


def row(key: str) -> dict[str, Any]:
    return next(each for each in rows() if each["id"] == key)


@lru_cache(maxsize=1)
def cast() -> tuple[Candidate, ...]:
    return tuple(candidate_of(each) for each in rows())


def candidate_of(stated: Mapping[str, Any], *, now: datetime = NOW) -> Candidate:
    """What a row says and nothing else; what it says about sponsorship or outcomes has nowhere to go."""
    return Candidate(
        therapist_id=int(stated["id"][1:]),
        key=stated["id"],
        standing=standing_of(stated),
        accepting=stated["accepting"],
        free_places=stated["free_places"],
        waitlist_open=stated["waitlist_open"],
        core_concerns=tuple(stated["core_concerns"]),
        verified_concerns=frozenset(stated["verified_concerns"]),
        declared_concerns=frozenset(stated["declared_concerns"]),
        modalities=frozenset(stated["modalities"]),
        verified_modalities=frozenset(stated["verified_modalities"]),
        languages=frozenset(stated["languages"]),
        shares={kind: frozenset(words) for kind, words in stated["identity"].items()},
        experienced={kind: frozenset(words) for kind, words in stated["experienced_with"].items()},
        insurers=frozenset(stated["insurers"]),
        style=Style(**stated["style"]),
        services=tuple(service_of(number, each, stated, now) for number, each in enumerate(stated["services"])),
    )


def standing_of(stated: Mapping[str, Any]) -> Standing:
    claim = stated["credential"]
    claims = [claim, *(claim | added for added in claim["authorisations"])]
    return Standing(
        therapist_id=int(stated["id"][1:]),
        credentials=tuple(credential_of(each) for each in claims),
        barred=stated["held"] is not None,
        units=frozenset(stated["units"]),
        age_bands=frozenset(stated["age_bands"]),
        verified_competences=frozenset(stated["verified_competences"]),
        works_from=stated.get("works_from"),
        country=stated["country"],
        checks=check_facts(NOW, ALL if stated["youth_checked"] else OF_ADULTS, zone=stated["zone"]),
    )


def credential_of(claim: Mapping[str, Any]) -> CredentialFacts:
    """A claim of a row; an addition without places of its own holds in all of its register's."""
    register = vocabulary().registers[claim["register"]]
    return CredentialFacts(
        register=claim["register"],
        kind=register.kind,
        jurisdictions=tuple(claim["jurisdictions"] or register.jurisdictions),
        state=claim["state"],
        checked_at=claim["checked_on"] and datetime.combine(date.fromisoformat(claim["checked_on"]), datetime.min.time(), UTC),
        decided_at=claim["checked_on"] and datetime.combine(date.fromisoformat(claim["checked_on"]), datetime.min.time(), UTC),
        expires_on=claim["expires_on"] and date.fromisoformat(claim["expires_on"]),
        supervised=claim["supervised"],
        restricted=claim["restricted"],
        zone=claim["zone"],
        credential_type=claim["type"] or "",
    )


def service_of(number: int, service: Mapping[str, Any], stated: Mapping[str, Any], now: datetime) -> OfferedService:
    return OfferedService(
        service_id=number,
        facts=ServiceFacts(service["kind"], service["unit"], frozenset({service["mode"]})),
        minutes=service["minutes"],
        fee=Money(**service["fee"]),
        concessions=(Money(**service["concession"]),) if service["concession"] else (),
        on_request=service["booking_mode"] == "request",
        town=service["town"],
        openings=openings_of(stated, service["minutes"], now),
    )


def openings_of(stated: Mapping[str, Any], minutes: int, now: datetime) -> tuple[int, ...]:
    """One start an hour inside the working hours, 12 hours ahead at least, four weeks at most."""
    today = local_date(stated["zone"], int(now.timestamp()))
    earliest, found = now.timestamp() + 12 * 3600, []
    for ahead in range(HORIZON_DAYS):
        day = today + timedelta(days=ahead)
        windows = [(first, last) for weekday, first, last in stated["hours"] if weekday == day.weekday() and ahead >= stated["closed_days"]]
        windows += [(extra["from_minute"], extra["to_minute"]) for extra in stated["extra_hours"] if extra["in_days"] == ahead]
        for first, last in windows:
            for minute in range(first, last - minutes + 1, 60):
                start = local_to_utc_seconds(stated["zone"], day.year, day.month, day.day, minute)
                if start >= earliest or ahead == 0:
                    found.append(start)
    return tuple(sorted(start for start in found if start > now.timestamp()))
