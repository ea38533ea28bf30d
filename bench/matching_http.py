"""How many shortlists one machine makes at 10,000 therapists, beside a greeting and beside a bare route with as many statements and an insert.

A shortlist is made over HTTP by guests who have answered: everything that a real one takes (the gate, the list, five cards with reasons and openings, the
slate kept sealed for replay, an audit row). It is read again beside it. Served by the same gunicorn options and asked over kept connections by the same
callers, in turns; the median of the rounds counts. Only the ratios mean anything on another machine. Prints JSON and keeps it in bench/results/.

The aims (12 % of the greeting, 60 % of the bare route) are not met. With others on the two cores (load 4.7) one run gave 2.4 % and 14.8 %. It was 0.2 % and 4 %
before whoever is shown was judged from what a process holds, the pool was scored by the columns, what therapists stated was kept once a version, and the driver
itself ran the statements (docs/adr/0016). One process alone took 5.3 ms of CPU for a list (50.7 before) and its backend 0.8 (6.2); the aim leaves two to three
in all, callers included. What is left to cut: the columns are asked about everybody in the place for each list (1.5 ms when measured by itself), and
processes that answer several at once wait for each other. The guests here ask again and again: everybody who comes into question is held already, and the row
that the first list of a day adds is left out.
"""

import statistics
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "platform"), str(ROOT)]

from shared.over_http import keep, per_second, request_of, served
from tests.matching.personas import SAFE

from core.dispatch import Application
from matching.questionnaire import SCREENS

CALLERS, SECONDS, ROUNDS, THERAPISTS = 8, 4.0, 3, 10_000
AIMS = {"of_hello": 0.12, "of_bare": 0.60}
ANSWERS: dict[str, Any] = {
    "for_whom": "self",
    "place": "GB-ENG",
    "age_band": "adult",
    **SAFE,
    "main_concern": "anxiety",
    "modalities": [{"any_of": ["cbt"], "strength": "strong"}],
    "modes": ["video"],
    "ceiling": {"amount": 9000, "currency": "GBP"},
    "ceiling_firm": True,
    "confirmed": True,
}


def main() -> None:
    with served(guests, shortlist_of, therapists=THERAPISTS, warm=True) as here:
        asked: dict[str, tuple[int, bytes | list[bytes], int]] = {
            "hello": (here.bare_port, request_of("GET", "/hello"), 200),
            "bare": (here.bare_port, request_of("POST", "/bare", {}), 200),
            "made": (here.port, [shortlist_of([each]) for each in here.filled], 201),
            "read": (here.port, [request_of("GET", f"{path}/shortlist", Cookie=cookie) for path, cookie, _ in here.filled], 200),
        }

        def a_round() -> dict[str, float]:
            return {name: per_second(port, what, callers=CALLERS, seconds=SECONDS, expect=expect) for name, (port, what, expect) in asked.items()}

        a_round()  # each process reads everybody once
        rounds = [a_round() for _ in range(ROUNDS)]
    found = {name: statistics.median(each[name] for each in rounds) for name in asked}
    told = {
        "what": f"shortlists over HTTP among {THERAPISTS} therapists, {CALLERS} guests",
        "statements": here.statements,
        **{f"{name}_per_second": round(value) for name, value in found.items()},
        "of_hello": round(found["made"] / found["hello"], 3),
        "of_bare": round(found["made"] / found["bare"], 3),
        "aims": AIMS,
    }
    keep("matching_http", told)


def guests(application: Application, address: str) -> list[tuple[str, str, str]]:
    """For each caller the path of their own intake, their cookie, and where they come from."""
    return [_guest(application, address) for _ in range(CALLERS)]


def shortlist_of(guests: list[tuple[str, str, str]]) -> bytes:
    path, cookie, origin = guests[0]
    return request_of("POST", f"{path}/shortlist", {}, Cookie=cookie, Origin=origin)


def _guest(application: Application, address: str) -> tuple[str, str, str]:
    browser = application.test_client()

    def sent(method: str, path: str, body: dict[str, Any]) -> Any:
        answer = browser.open(path, method=method, json=body, base_url=address, headers={"Origin": address})
        if answer.status_code >= 300:
            raise RuntimeError(f"{path}: {answer.text[:300]}")
        return answer

    version = browser.get("/api/v1/intakes/questions", base_url=address).get_json()["consent_text_version"]
    begun = sent("POST", "/api/v1/intakes", {"consent_text_version": version})
    cookie = begun.headers["Set-Cookie"].partition(";")[0]
    path = f"/api/v1/intakes/{begun.get_json()['id']}"
    for screen in SCREENS:
        if mine := {field.name: ANSWERS[field.name] for field in screen.fields if field.name in ANSWERS}:
            sent("PUT", f"{path}/screens/{screen.name}", {"answers": mine})
    return path, cookie, address


if __name__ == "__main__":
    main()
