"""What a therapist says about themselves reaches its audience and nobody else; free text reaches no score."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from core.clock import now
from core.db import db, transaction
from matching.candidate import Candidate
from matching.market import STATED, candidate_of
from matching.wishes import IdentityWish, Strength, identity_credit
from tests.browser import Browser
from tests.factories.accounts import PASSWORD, an_account
from tests.factories.therapists import a_therapist
from therapists.facts import standings
from therapists.models import Therapist
from therapists.profile import edit_profile, profile_for_edit
from therapists.statements import set_identities

PATH = "/api/v1/therapists"


def a_therapist_who_says(audience: str, **facts: Any) -> Therapist:
    therapist = a_therapist(**facts)
    stated = [{"kind": "gender", "value": "woman", "relation": "shares"}, {"kind": "sexual_orientation", "value": "queer", "relation": "experienced_with"}]
    set_identities(profile_for_edit(therapist.person_id), [{**each, "audience": audience} for each in stated], now=now())
    return therapist


def candidate(therapist: Therapist, *, signed_in: bool) -> Candidate:
    wanted = select(Therapist).where(Therapist.person_id == therapist.person_id).options(*STATED)
    whole = db.session.scalars(wanted.execution_options(populate_existing=True)).unique().one()
    return candidate_of(whole, standings([whole.person_id])[whole.person_id], places_taken=0, signed_in=signed_in, now=now())


def credit(seen: Candidate, value: str, relation: str = "shares", kind: str = "gender") -> float | None:
    return identity_credit(IdentityWish(kind, frozenset({value}), relation, Strength.STRONG), seen)


@pytest.mark.parametrize(
    ("audience", "guest", "client"),
    [("nobody", None, None), ("asked", 1.0, 1.0), ("clients", None, 1.0), ("public", 1.0, 1.0)],
)
def test_a_statement_helps_only_its_audience_to_find(database: None, audience: str, guest: float | None, client: float | None) -> None:
    with transaction():
        therapist = a_therapist_who_says(audience)
        for signed_in, expected in ((False, guest), (True, client)):
            seen = candidate(therapist, signed_in=signed_in)
            assert credit(seen, "woman") == expected
            assert credit(seen, "queer", "experienced_with", "sexual_orientation") == (expected or 0.0)


def test_what_is_for_those_who_ask_never_speaks_against_its_owner(database: None) -> None:
    with transaction():
        seen, silent = (candidate(a_therapist_who_says(audience), signed_in=True) for audience in ("asked", "nobody"))
        for value, relation in (("woman", "prefer_not"), ("man", "prefer_not"), ("man", "shares")):
            assert credit(seen, value, relation) == credit(silent, value, relation), "as if nothing had been said"


@pytest.mark.parametrize(("audience", "by_guests", "by_clients"), [("nobody", 0, 0), ("asked", 0, 0), ("clients", 0, 2), ("public", 2, 2)])
def test_no_page_filter_facet_order_or_search_tells_a_statement_beyond_its_audience(
    client: Callable[[], Browser], audience: str, by_guests: int, by_clients: int
) -> None:
    with transaction():
        pronouns = {"pronouns": "she/her", "pronouns_audience": "nobody" if audience == "asked" else audience}
        stated, silent = a_therapist_who_says(audience, name="Ash Example", **pronouns), a_therapist(name="Bea Silent")
        an_account(email="robin@example.org")
    guest, signed_in = client(), client()
    signed_in.sign_in("robin@example.org", PASSWORD)
    for reader, count in ((guest, by_guests), (signed_in, by_clients)):
        page = reader.get(f"{PATH}/{stated.public_id}").json
        assert (len(page["identities"]), page["pronouns"]) == (count, "she/her" if count else "")
        assert all(set(each) == {"kind", "value", "relation"} for each in page["identities"])
        # The directory is one for all readers: only what is public works there.
        found = [each["id"] for each in reader.get(f"{PATH}?identity=gender:woman").json["items"]]
        assert found == ([str(stated.public_id)] if audience == "public" else [])
        assert reader.get(f"{PATH}?text=woman").json["items"] == reader.get(f"{PATH}?text=queer").json["items"] == []
        everybody = sorted([stated, silent], key=lambda each: each.public_id)
        assert [each["id"] for each in reader.get(PATH).json["items"]] == [str(each.public_id) for each in everybody]
        assert "gender" not in reader.get(f"{PATH}/facets").text
        assert not {"identities", "pronouns"} & set(reader.get(PATH).json["items"][0])


def test_free_text_changes_nothing_that_is_scored(database: None) -> None:
    with transaction():
        therapist = a_therapist(about="Calm.")
        before = candidate(therapist, signed_in=True)
        texts = {
            name: f"Anxiety, depression and EMDR: {name}." for name in ("headline", "about", "approach", "what_to_expect", "cancellation_words", "fees_words")
        }
        edit_profile(profile_for_edit(therapist.person_id), texts, now=now())
        assert therapist.approach == texts["approach"]
        assert candidate(therapist, signed_in=True) == before, "the ranking sees a candidate and nothing else"
