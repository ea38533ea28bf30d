"""From a therapist's sign-up to the first confirmed consultation."""

from app.loopback_mail import calendar_in, property_of
from tests.journeys.stage import Json, Somebody, Stage
from tests.matching.personas import P01

REGISTER = {"register": "hcpc", "credential_type": "practitioner_psychologist", "number": "PYL12345", "name_on_register": "Tess Hart"}
FOUND_THERE = {
    "register_address": "https://www.hcpc-uk.org/check-the-register/",
    "number": "PYL12345",
    "status_text": "Registered",
    "name_found": "Tess Hart",
    "expires_on": "2027-11-30",
    "jurisdictions": ["GB-ENG", "GB-SCT", "GB-WLS", "GB-NIR"],
    "decision": "active",
    "reason": "register_confirms",
}


def test_a_therapist_signs_up_is_verified_found_and_booked(stage: Stage) -> None:
    tess = stage.sign_up("tess@practice.example", "Tess Hart")
    services = describes_herself(tess)
    credential = tess.post("/therapist/credentials", REGISTER, expect=201)["id"]
    tess.post(f"/therapist/credentials/{credential}/submit")
    assert tess.post("/therapist/publication", expect=403)["code"] == "not_verified"
    assert "Tess Hart" not in listed(stage)
    assert stage.guest().get(f"/services/{services['consultation']}/openings?start=2026-11-23T00:00:00Z&end=2026-11-30T00:00:00Z", expect=404)

    verifier_looks_her_up(stage.one_of_the_cast("verifier"), credential)
    assert tess.post("/therapist/publication", expect=403)["code"] == "not_verified", "a first credential is looked at by two people"
    verifier_looks_her_up(stage.one_of_the_cast("second-verifier"), credential)
    assert tess.post("/therapist/publication", expect=403)["checks"] == ["identity", "insurance", "sanctions", "agreement"]
    passes_every_check(tess, str(tess.get("/therapist/profile")["id"]), stage.one_of_the_cast("verifier"))
    assert tess.post("/therapist/publication", expect=409)["code"] == "executor_missing"
    tess.ask("PUT", "/therapist/executor", {"name": "Ellis Executor", "email": "ellis@colleague.example", "agreed_on": "2026-11-20"})
    assert tess.post("/therapist/publication")["reading"]["state"] == "waiting", "a person reads it before it shows"
    assert "Tess Hart" not in listed(stage)
    verifier_reads_her_profile(stage.one_of_the_cast("verifier"))
    stage.work()
    assert "was read" in str(stage.outbox.last_to(tess.email)["Subject"])
    shown = listed(stage)["Tess Hart"]
    assert [(badge["body"], badge["checked_on"]) for badge in shown["badges"]] == [("Health and Care Professions Council", "2026-11-22")]

    assert (shown["accepting"], shown["collection_words"]) == (False, None), "nobody new comes before it is said how she is paid"
    tess.ask("PUT", "/therapist/collection", {"way": "therapist_invoices"})
    assert listed(stage)["Tess Hart"]["accepting"] is True

    robin = stage.guest()
    intake = robin.answer_questions(P01)
    cards = {card["display_name"]: card for card in robin.post(f"/intakes/{intake}/shortlist", expect=201)["cards"]}
    talk = next(each for each in cards["Tess Hart"]["services"] if each["kind"] == "consultation")
    assert talk["next_openings"][0] in stage.openings(services["consultation"])

    stage.sign_up("robin@visitor.example", "Robin", at=robin)
    robin.post(f"/intakes/{intake}/adopt", {"these_answers_are_mine": True})
    wanted = {"service_id": talk["service_id"], "start": talk["next_openings"][0], "origin": "match"}
    booking = robin.post("/bookings", wanted, expect=201)
    assert booking["state"] == "requested"
    stage.work()
    assert "request" in str(stage.outbox.last_to(tess.email)["Subject"])
    (waiting,) = tess.get("/therapist/requests")["items"]
    assert (waiting["id"], waiting["clients"][0]["name"]) == (booking["id"], "Robin")
    assert tess.post(f"/bookings/{booking['id']}/confirm")["state"] == "confirmed"
    stage.work()
    for person in (robin, tess):
        method, invitation = calendar_in(stage.outbox.last_to(person.email)) or ("", "")
        assert (method, property_of(invitation, "STATUS")) == ("REQUEST", "CONFIRMED")
        assert person.email in property_of(invitation, "ATTENDEE")
    assert [each["state"] for each in robin.get("/bookings")["items"]] == ["confirmed"]
    assert talk["next_openings"][0] not in stage.openings(services["consultation"])


def describes_herself(tess: Somebody) -> dict[str, str]:
    tess.post("/therapist", {"display_name": "Tess Hart", "country": "GB", "zone": "Europe/London"}, expect=201)
    tess.edit_profile("profile", {"headline": "Calm and curious", "answer_within_hours": 24, "places": 3}, method="PATCH")
    tess.edit_profile("modalities", {"modalities": ["psychodynamic", "attachment_based"]})
    tess.edit_profile("concerns", {"core": ["emotional_unavailability"], "others": []})
    tess.edit_profile("languages", {"languages": [{"language": "en", "level": "native"}]})
    tess.edit_profile("identities", {"identities": [{"kind": "gender", "value": "woman", "audience": "public"}]})
    tess.edit_profile("formats", {"units": ["individual"], "age_bands": ["adult"]})
    tess.edit_profile("hours", {"windows": [{"weekday": day, "from": "09:00", "to": "21:00"} for day in range(5)]})
    return {kind: service(tess, kind, minutes, fee) for kind, minutes, fee in (("consultation", 20, 0), ("session", 50, 6000))}


def passes_every_check(tess: Somebody, therapist: str, verifier: Somebody) -> None:
    words = tess.get("/therapist/checks/agreement")
    tess.post("/therapist/checks/agreement", {"version": words["version"], "digest": words["digest"]}, expect=201)
    seen: Json = {"result": "passed", "reason": "document_seen", "body": "Somebody who issues it"}
    for kind, last_day in (("identity", "2029-11-22"), ("insurance", "2027-10-31"), ("sanctions", None)):
        verifier.post(f"/verification/therapists/{therapist}/checks", {**seen, "kind": kind, "valid_until": last_day}, expect=201)
    assert {each["kind"]: each["state"] for each in tess.get("/therapist/checks")["items"] if each["closes"] == "everything"} == dict.fromkeys(
        ("identity", "insurance", "sanctions", "agreement"), "valid"
    )


def service(tess: Somebody, kind: str, minutes: int, fee: int) -> str:
    offer: Json = {"kind": kind, "unit": "individual", "mode": "video", "minutes": minutes, "booking_mode": "request"}
    made = tess.post("/therapist/services", {**offer, "fee": {"amount": fee, "currency": "GBP"}}, expect=201)
    return str(made["id"])


def verifier_looks_her_up(verifier: Somebody, credential: str) -> None:
    waiting = {each["id"]: each for each in verifier.get("/verification/queue")["items"]}
    assert waiting[credential]["register_address"] == FOUND_THERE["register_address"]
    read = verifier.post(f"/verification/credentials/{credential}/review")
    verifier.post(f"/verification/credentials/{credential}/records", {**FOUND_THERE, "claim_digest": read["claim_digest"]}, expect=201)


def verifier_reads_her_profile(verifier: Somebody) -> None:
    (waiting,) = verifier.get("/verification/profiles")["items"]
    read = verifier.post(f"/verification/profiles/{waiting['therapist_id']}/claim")
    assert [(each["field"], each["text"]) for each in read["passages"]][:2] == [("display_name", "Tess Hart"), ("headline", "Calm and curious")]
    assert not any(each["hints"] for each in read["passages"])
    verifier.post(f"/verification/profiles/{waiting['therapist_id']}/decision", {"digest": read["digest"]}, expect=201)


def listed(stage: Stage) -> dict[str, Json]:
    return {each["display_name"]: each for each in stage.guest().get("/therapists?limit=50")["items"]}
