"""Profiles are read by a person before they show, and again when they change."""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select

from core.clock import FixedClock, now
from core.db import db, transaction
from core.errors import Invalid
from desk.models import Case
from tests.browser import Browser
from tests.conftest import NOW
from tests.factories.accounts import PASSWORD, an_account
from tests.factories.checks import pass_checks
from tests.factories.files import CANARY, a_photo_with_places, a_picture
from tests.factories.therapists import a_claim, a_therapist, an_unverified_therapist, verify
from tests.fakes.outbox import Outbox
from therapists.late_readings import follow_readings
from therapists.models import Therapist
from therapists.passages import reading_of
from therapists.profile import edit_profile, own_profile, profile_for_edit
from therapists.profile_changes import changes_of, review_of
from therapists.profile_models import ProfileReading, ProfileReview
from therapists.profile_reading import Objection, ReadSomethingElse, SelfReading, begin_reading, decide_reading, profile_to_read
from therapists.publication import listed_therapist, publish, unpublish
from therapists.representations import public_page
from therapists.statements import set_concerns, set_identities, set_modalities

NewBrowser = Callable[[], Browser]
T, V = "/api/v1/therapist", "/api/v1/verification/profiles"


def edit(therapist: Therapist, **changes: Any) -> None:
    edit_profile(profile_for_edit(therapist.person_id), changes, now=now())


def shown(therapist: Therapist, *, signed_in: bool = False) -> Any:
    return public_page(listed_therapist(therapist.public_id, now=now()), now=now(), signed_in=signed_in)


def decide(therapist: Therapist, *objections: Objection, by: int | None = None) -> ProfileReading:
    reader = by or an_account(roles=("verifier",)).person_id
    digest = profile_to_read(therapist.public_id, by=reader).digest
    return decide_reading(therapist.public_id, digest=digest, objections=objections, by=reader, now=now())


def test_publishing_asks_for_the_first_reading_and_approval_shows_the_profile(database: None, run_jobs: Callable[[], Any], outbox: Outbox) -> None:
    with transaction():
        therapist = an_unverified_therapist(email="ash@example.org", about="I cure everything.")
        verify(a_claim(therapist))
        pass_checks(therapist)
        publish(profile_for_edit(therapist.person_id), now=now())
        assert therapist.published_at is None
        case = db.session.scalars(select(Case).where(Case.subject_kind == "profile")).one()
        assert (case.kind, case.due_at) == ("verification", NOW + timedelta(days=3)), "asked on a Sunday: Wednesday"
        passage = next(each for each in profile_to_read(therapist.public_id, by=an_account().person_id).passages if each.field == "about")
        assert [(hint.code, hint.sentence) for hint in passage.hints] == [("cure", "I cure everything.")]
        decide(therapist, Objection("about", "cure", "I cure everything."))
        assert therapist.published_at is None
        publish(profile_for_edit(therapist.person_id), now=now())
        row = decide(therapist)
        assert (row.verdict, therapist.published_at) == ("approved", now())
        assert shown(therapist)["about"] == "I cure everything.", "a hint decides nothing"
        unpublish(profile_for_edit(therapist.person_id), now=now())
        assert publish(profile_for_edit(therapist.person_id), now=now()).published_at == now(), "read once"
    run_jobs()
    assert [str(mail["Subject"]) for mail in outbox.to("ash@example.org")][-2:] == ["Please look at your profile", "Your profile was read"]


def test_approval_shows_nothing_when_something_else_has_come_in_the_way(database: None) -> None:
    with transaction():
        therapist = an_unverified_therapist()
        credential = a_claim(therapist)
        verify(credential)
        pass_checks(therapist)
        publish(profile_for_edit(therapist.person_id), now=now())
        verify(credential, decision="suspended", reason="sanctioned")
        decide(therapist)
        assert therapist.published_at is None


def test_nobody_reads_their_own_and_a_decision_is_about_what_was_read(database: None) -> None:
    with transaction():
        therapist = a_therapist(about="Calm.")
        edit(therapist, about="Calm and curious.")
        reader = an_account(roles=("verifier",)).person_id
        digest = begin_reading(therapist.public_id, by=reader, now=now()).digest
        edit(therapist, about="Calm, and the best.")
    with pytest.raises(SelfReading), transaction():
        decide_reading(therapist.public_id, digest=digest, objections=(), by=therapist.person_id, now=now())
    with pytest.raises(ReadSomethingElse), transaction():
        decide_reading(therapist.public_id, digest=digest, objections=(), by=reader, now=now())
    with pytest.raises(Invalid) as refusal, transaction():
        decide(therapist, Objection("about", "superlative", "the worst"), Objection("headline", "cure"), by=reader)
    assert set(refusal.value.errors) == {"objections.0.sentence", "objections.1.field"}


def test_a_plain_text_shows_at_once_and_a_refused_one_gives_way_to_what_was_read(database: None) -> None:
    with transaction():
        therapist = a_therapist(about="Calm.")
        edit(therapist, about="Calm and curious.", fees_words="Ask me.")
        assert (shown(therapist)["about"], shown(therapist)["policies"]["fees"]) == ("Calm and curious.", "Ask me.")
        review = review_of(therapist.person_id)
        assert review is not None
        assert review.due_at == NOW + timedelta(days=3)
        decide(therapist, Objection("about", "misleading", "curious"))
        assert (shown(therapist)["about"], shown(therapist)["policies"]["fees"]) == ("Calm.", "Ask me.")
        assert [(row.field, row.sent_back) for row in changes_of(therapist.person_id)] == [("about", True)]
        edit(therapist, about="Calm.")
        assert (changes_of(therapist.person_id), review.asked_at) == ([], None)


@pytest.mark.parametrize(
    ("field", "value"),
    [("about", "Results are guaranteed."), ("display_name", "Professor Zed"), ("video_url", "https://vimeo.com/1"), ("pronouns", "the best")],
)
def test_what_has_to_be_read_first_is_held_and_found_by_nobody(database: None, field: str, value: str) -> None:
    with transaction():
        therapist = a_therapist(about="Calm.", pronouns="she/her")
        before, folded = shown(therapist), (therapist.folded_name, therapist.folded_text)
        edit(therapist, **{field: value})
        assert shown(therapist) == before
        assert (therapist.folded_name, therapist.folded_text) == folded
        decide(therapist)
        assert shown(therapist) != before
        assert (
            value.split(maxsplit=1)[0].casefold()
            in (therapist.folded_text if field in ("about", "display_name") else json.dumps(shown(therapist), default=str)).casefold()
        )


def test_another_name_than_the_registers_is_pointed_at(database: None) -> None:
    with transaction():
        therapist = a_therapist(name="Ash Example")
        edit(therapist, display_name="Robin Other")
        held = reading_of(own_profile(therapist.person_id), is_first=False).passages[0]
        assert (held.text, held.shown, [hint.code for hint in held.hints]) == ("Robin Other", "Ash Example", ["name_differs"])
        decide(therapist, Objection("display_name", "name_differs", "Robin Other"))
        assert shown(therapist)["display_name"] == "Ash Example"


def test_a_hint_in_a_second_edit_leaves_the_first_one_showing(database: None) -> None:
    with transaction():
        therapist = a_therapist(about="Calm.")
        edit(therapist, about="Calm and curious.")
        edit(therapist, about="The best.")
        assert shown(therapist)["about"] == "Calm and curious."
        assert db.session.scalars(select(Case.priority).where(Case.subject_kind == "profile")).all() == ["high"]
        decide(therapist, Objection("about", "superlative", "The best."))
        assert shown(therapist)["about"] == "Calm.", "what nobody has read goes with it"


def test_claims_are_read_before_they_show_and_what_is_removed_is_gone_at_once(database: None) -> None:
    with transaction():
        therapist = a_therapist(modalities=("cbt",), core=("depression",))
        set_modalities(profile_for_edit(therapist.person_id), ["emdr", "act"], now=now())
        set_concerns(profile_for_edit(therapist.person_id), ["suicidality", "anger"], [], now=now())
        set_identities(
            profile_for_edit(therapist.person_id),
            [{"kind": "ethnicity", "value": value, "relation": "shares", "audience": "public"} for value in ("in my words", "Professor")],
            now=now(),
        )
        page = shown(therapist)
        assert [each["slug"] for each in page["modalities"]] == ["act"]
        assert [each["slug"] for each in page["core_concerns"]] == ["anger"]
        assert [each.value for each in page["identities"]] == ["in my words"]
        decide(therapist)
        page = shown(therapist)
        assert sorted(each["slug"] for each in page["modalities"]) == ["act", "emdr"]
        assert [each["slug"] for each in page["core_concerns"]] == ["suicidality", "anger"]
        assert sorted(each.value for each in page["identities"]) == ["Professor", "in my words"]


def test_a_profile_that_waits_keeps_a_case_and_presses_when_it_is_late(database: None, clock: FixedClock) -> None:
    with transaction():
        therapist = a_therapist(about="Calm.")
        edit(therapist, about="Curious.")
        case = db.session.scalars(select(Case).where(Case.subject_kind == "profile")).one()
        case.state, case.closed_at, case.outcome = "closed", now(), "resolved"
        db.session.flush()
        follow_readings(now=now())
        clock.advance(days=4)
        follow_readings(now=now())
        open_ones = select(Case.priority).where(Case.subject_kind == "profile", Case.state != "closed")
        assert db.session.scalars(open_ones).all() == ["urgent"]


def test_R66_a_photo_is_made_anew_read_and_served_under_its_digest(client: NewBrowser) -> None:
    with transaction():
        therapist = a_therapist(email="ash@example.org")
        an_account(email="vera@example.org", roles=("verifier",))
    mine, verifier, guest = client(), client(), client()
    mine.sign_in("ash@example.org", PASSWORD)
    verifier.sign_in("vera@example.org", PASSWORD)

    def send(content: bytes) -> Any:
        return mine.put(T + "/photo", data={"file": (BytesIO(content), "me.jpg")}, content_type="multipart/form-data")

    for wrong in (b"", b"%PDF-1.4", b"\xff\xd8\xff broken"):
        assert send(wrong).json["code"] == "not_an_image"
    sent = send(a_photo_with_places())
    assert (sent.status_code, sent.json["photo"], sent.json["reading"]["photo"]) == (200, None, "pending")
    page = f"/api/v1/therapists/{therapist.public_id}"
    assert guest.get(page).json["photo"] is None
    waiting = verifier.get(V).json["items"]
    assert [(each["therapist_id"], each["is_first"]) for each in waiting] == [(str(therapist.public_id), False)]
    path = f"{V}/{therapist.public_id}"
    for picture in (mine.get(T + "/photo"), verifier.get(path + "/photo")):
        assert (picture.status_code, CANARY.encode() in picture.data, picture.headers["Cache-Control"]) == (200, False, "no-store")
    unread = guest.get(f"{page}/photo/{hashlib.sha256(picture.data).hexdigest()}")
    assert unread.status_code == 404
    assert verifier.post(path + "/decision", json={"digest": verifier.get(path).json["digest"]}).status_code == 201
    photo = guest.get(page).json["photo"]
    assert photo["alt"] == "Portrait"
    assert guest.get("/api/v1/therapists").json["items"][0]["photo"] == photo
    picture = guest.get(photo["path"])
    assert (picture.status_code, picture.content_type, "immutable" in picture.headers["Cache-Control"]) == (200, "image/jpeg", True)
    assert picture.headers["X-Content-Type-Options"] == "nosniff"
    assert guest.get(photo["path"], headers={"If-None-Match": picture.headers["ETag"]}).status_code == 304
    assert send(a_picture(size=(90, 90))).json["photo"] == photo, "the old one shows until the new one was read"
    assert mine.delete(T + "/publication").status_code == 200
    assert guest.get(photo["path"]).status_code == 404
    assert mine.post(T + "/publication").json["photo"] == photo
    assert mine.delete(T + "/photo").status_code == 204
    assert guest.get(photo["path"]).status_code == 404
    assert mine.get(T + "/photo").status_code == 404


def test_refused_links_and_the_words_that_go_with_insurers_and_promises(client: NewBrowser) -> None:
    with transaction():
        therapist = a_therapist(email="ash@example.org", insurers=["aetna", "bupa"], answer_within_hours=24)
        reviews = db.session.scalars(select(ProfileReview.approved_at)).all()
    assert reviews == [NOW]
    mine = client()
    mine.sign_in("ash@example.org", PASSWORD)
    etag = {"If-Match": mine.get(T + "/profile").headers["ETag"]}
    refused = mine.patch(T + "/profile", json={"video_url": "http://vimeo.com/1"}, headers=etag)
    assert (refused.status_code, refused.json["code"]) == (422, "video_link_refused")
    words = "Says they accept Aetna, Bupa; not checked by us; your share may differ."
    page, (card,) = client().get(f"/api/v1/therapists/{therapist.public_id}").json, client().get("/api/v1/therapists").json["items"]
    assert (page["insurance_words"], card["insurance_words"], card["insurers"]) == (words, words, ["aetna", "bupa"])
    assert (page["answer_words"], card["answer_within_hours"]) == ("Promises an answer within 24 hours.", 24)
