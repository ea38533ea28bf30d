"""The page on which a therapist reads what was shared with them, and nothing else."""

from accounts.roles import grant_role
from core.clock import now
from core.db import transaction
from tests.booking.practice import a_client, a_therapist, signed_in
from tests.progress.conftest import Course, NewBrowser
from tests.progress.test_fit_check import API, LOW, answered
from tests.progress.test_questionnaires import RESULTS, take

PAGE = "/shared-with-me"


def test_it_is_a_therapists_alone(client: NewBrowser, database: None) -> None:
    assert client().get(PAGE).headers["Location"] == "/sign-in?next=/shared-with-me"
    with transaction():
        person_id = a_client().person_id
        grant_role(person_id, "admin", now=now())
    refused = signed_in(client, person_id).get(PAGE)
    assert refused.status_code == 403
    assert "Your account may not do this." in refused.text


def test_what_is_shared_is_there_while_it_is_and_only_for_that_therapist(agreed: Course) -> None:
    check = answered(agreed, agreed.session(), **LOW, words="I hold back <b>a lot</b>")["id"]
    therapist = str(agreed.client.get("/api/v1/bookings", query_string={"past": True}).get_json()["items"][0]["therapist"]["id"])
    result = take(agreed.client, "gad-7", [1, 1, 1, 1, 1, 1, 0])["result"]["id"]
    open_one = take(agreed.client, "phq-2", [1, None])["result"]["id"]
    assert "Nothing is shared with you" in agreed.therapist.get(PAGE).text
    agreed.client.put(f"{API}/{check}/sharing")
    for each in (result, open_one):
        assert agreed.client.put(f"{RESULTS}/{each}/sharing/{therapist}").status_code == 200
    page = agreed.therapist.get(PAGE).text
    for words in ("Sam Field, how it fits", "4 of 10", "I hold back &lt;b&gt;a lot&lt;/b&gt;", "6 of 21", "mild", "Several days", "Left open", "Incomplete"):
        assert words in page, words
    assert "/how-it-fits" not in page, "nothing can be done here"
    with transaction():
        other_id = a_therapist(name="Noa Lake").person_id
    assert "Sam Field" not in signed_in(agreed.practice.new_browser, other_id).get(PAGE).text
    agreed.client.delete(f"{API}/{check}/sharing")
    agreed.client.delete(f"{RESULTS}/{result}/sharing/{therapist}")
    agreed.client.delete(f"{RESULTS}/{open_one}")
    assert "Nothing is shared with you" in agreed.therapist.get(PAGE).text
