"""A request that nobody answers: chased at half time, ended by its clock, and three others that can be booked."""

from datetime import datetime, timedelta

from tests.fakes.outbox import text_of
from tests.journeys.stage import PASSWORD, Somebody, Stage
from tests.matching.personas import P01


def test_an_unanswered_request_ends_with_alternatives_and_one_of_them_is_booked(stage: Stage) -> None:
    robin = stage.sign_up("robin@visitor.example", "Robin")
    intake = robin.answer_questions(P01)
    card = robin.post(f"/intakes/{intake}/shortlist", expect=201)["cards"][1]
    talk = next(each for each in card["services"] if each["kind"] == "consultation")
    start = stage.openings(talk["service_id"])[-1]
    booking = robin.post("/bookings", {"service_id": talk["service_id"], "start": start, "origin": "match"}, expect=201)
    path, therapist = f"/bookings/{booking['id']}", stage.one_of_the_cast(card["display_name"].lower())
    stage.work()
    waits = datetime.fromisoformat(booking["answer_by"]) - stage.clock.now()
    assert timedelta(0) < waits <= timedelta(hours=48)

    stage.later(seconds=waits.total_seconds() / 2 - 1)
    assert subjects_to(therapist, stage) == ["A new request"]
    stage.later(seconds=1)
    assert subjects_to(therapist, stage) == ["A new request", "A request is waiting for you"]

    stage.later(seconds=waits.total_seconds() / 2 - 1)
    robin.browser.sign_in(robin.email, PASSWORD)  # two days later the old session is over
    assert robin.get(path)["state"] == "requested"
    stage.later(seconds=2)
    ended = robin.get(path)
    assert (ended["state"], ended["actions"], len(ended["alternatives"])) == ("expired", [], 3)
    assert "owe nothing" in ended["message"]
    letter = text_of(stage.outbox.last_to(robin.email))
    assert all(other["therapist_name"] in letter for other in ended["alternatives"])
    therapist = stage.one_of_the_cast(card["display_name"].lower())
    assert therapist.post(f"{path}/confirm", expect=409)["code"] == "ended"
    assert start in stage.openings(talk["service_id"]), "the time is free again"

    first = ended["alternatives"][0]
    again = robin.post("/bookings", {"service_id": first["service_id"], "start": first["start"]}, expect=201)
    assert (again["therapist"]["id"], again["state"]) == (first["therapist_id"], "confirmed"), "this one takes bookings at once"
    stage.work()
    assert "confirmed" in str(stage.outbox.last_to(robin.email)["Subject"])


def subjects_to(person: Somebody, stage: Stage) -> list[str]:
    return [str(message["Subject"]) for message in stage.outbox.to(person.email)]
