"""An answer that says danger, a pause at every door, a responder who speaks with the person, and a booking afterwards."""

from tests.journeys.stage import Json, Somebody, Stage
from tests.matching.personas import P01, SAFE

DANGER = {**SAFE, "thoughts": "yes", "intent": "yes", "plan": "no", "safe_now": "no"}


def test_danger_pauses_until_a_responder_has_spoken_with_the_person(stage: Stage) -> None:
    robin = stage.sign_up("robin@visitor.example", "Robin")
    intake = robin.answer_questions(P01)
    cards = robin.post(f"/intakes/{intake}/shortlist", expect=201)["cards"]
    asked, other = (first_talk(card) for card in cards[:2])
    waiting = robin.post("/bookings", asked, expect=201)
    therapist = stage.one_of_the_cast(cards[0]["display_name"].lower())

    told = robin.ask("PUT", f"/intakes/{intake}/screens/safety", {"answers": DANGER})
    assert told["gate"]["outcome"] == "pause"
    assert told["crisis_help"]["emergency_number"] == "999"
    everything_stands_still(robin, intake, other)
    refused = therapist.post(f"/bookings/{waiting['id']}/confirm", expect=409)
    assert "pause" not in str(refused), "a therapist learns nothing about anybody's safety"

    speaks_with(stage.one_of_the_cast("safety-responder"), robin)
    assert robin.post(f"/intakes/{intake}/shortlist", expect=201)["crisis_help"], "help stays in view"
    assert therapist.post(f"/bookings/{waiting['id']}/confirm")["state"] == "confirmed"
    assert robin.post("/bookings", other, expect=201)["state"] == "requested"


def first_talk(card: Json) -> Json:
    talk = next(each for each in card["services"] if each["kind"] == "consultation")
    # One therapist's first and another's fourth: the same person cannot be in two places.
    return {"service_id": talk["service_id"], "start": talk["next_openings"][0 if card["position"] == 1 else -1], "origin": "match"}


def everything_stands_still(robin: Somebody, intake: str, talk: Json) -> None:
    refused = robin.post(f"/intakes/{intake}/shortlist", expect=409)
    assert (refused["code"], refused["crisis_help"]["country"]) == ("paused", "GB")
    assert robin.post("/bookings", talk, expect=409)["code"] == "paused"


def speaks_with(responder: Somebody, robin: Somebody) -> None:
    (case,) = responder.get("/cases?kind=safety")["items"]
    assert case["priority"] == "urgent"
    path = f"/cases/{case['id']}"
    read = responder.post(f"{path}/claim")
    assert responder.post(f"{path}/lift-pause", {"outcome": "safe_to_continue"}, expect=409)["code"] == "no_contact_record"
    assert read["facts"]["outcome"] == "pause"
    assert responder.get(f"{path}/contact")["email"] == robin.email
    responder.post(f"{path}/steps", {"action": "spoke", "note": "Robin is with a friend tonight."}, expect=201)
    responder.post(f"{path}/lift-pause", {"outcome": "safe_to_continue"}, expect=204)
    assert robin.get("/safety")["state"] == "restricted", "only the pause is gone so far"
    responder.post(f"{path}/end-restriction", {"note": "Robin has no such thoughts any more and has people around."}, expect=204)
    responder.post(f"{path}/close", {"outcome": "resolved"})
