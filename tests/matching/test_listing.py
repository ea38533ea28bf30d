"""Who is on a list, by which code somebody is not, and what one relaxed wish would change."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from care.eligibility import Attendee
from core.money import Money
from matching.candidate import Candidate, OfferedService
from matching.listing import Listing, Occasion, fitting_services, listing, relax_counts
from matching.wishes import IdentityWish, Strength, Window, Wish, Wishes, musts_of, relaxed, unmet
from taxonomy.vocabulary import vocabulary
from tests.factories.checks import check_facts
from tests.matching import personas
from tests.matching.cast import NOW, cast
from tests.matching.markets import NOW_SECONDS, markets
from tests.matching.markets import wishes as all_wishes
from tests.matching.personas import keys, list_for, occasion_of
from therapists.standing import CredentialFacts, ServiceFacts, Standing

V = vocabulary()
PERSON = Attendee(900, place="GB-ENG", age_band="adult", paused=False)
CREDENTIAL = CredentialFacts(
    "bacp",
    "accredited_voluntary",
    ("GB-ENG",),
    "active",
    NOW.replace(day=3),
    date(2027, 10, 31),
    supervised=False,
    restricted=False,
    zone="Europe/London",
    decided_at=NOW.replace(day=3),
)
SERVICE = OfferedService(
    1,
    ServiceFacts("session", "individual", frozenset({"video"})),
    50,
    Money(6000, "GBP"),
    openings=(NOW_SECONDS + 86_400, NOW_SECONDS + 2 * 86_400),
)
SOMEBODY = Candidate(
    1,
    "key",
    Standing(1, (CREDENTIAL,), barred=False, units=frozenset({"individual"}), age_bands=frozenset({"adult"}), country="GB", checks=check_facts(NOW)),
    modalities=frozenset({"stpp"}),
    languages=frozenset({"en"}),
    shares={"gender": frozenset({"woman"})},
    access=frozenset({"captions"}),
    services=(SERVICE,),
)
PLAIN = Wishes("individual", "Europe/London")


def occasion(wishes: Wishes = PLAIN, *people: Attendee, **more: object) -> Occasion:
    return Occasion(wishes, people or (PERSON,), NOW, "seed", **more)  # type: ignore[arg-type]


def codes(wishes: Wishes = PLAIN, candidate: Candidate = SOMEBODY, *people: Attendee, **more: object) -> tuple[str, ...]:
    fitting, against = fitting_services(occasion(wishes, *people, **more), candidate, vocabulary=V)
    assert bool(fitting) != bool(against)
    return against


def must(*values: str) -> Wish:
    return Wish(frozenset(values), Strength.MUST)


# --- one code at a time


def test_somebody_who_may_and_fits_and_has_room_and_an_opening_is_on_the_list() -> None:
    assert codes() == ()


UNMET = {
    "language": (replace(PLAIN, languages=(must("es", "hi"),)), replace(PLAIN, languages=(must("es", "en"),))),
    "price": (
        replace(PLAIN, ceiling=Money(5999, "GBP"), ceiling_firm=True),
        replace(PLAIN, ceiling=Money(6000, "GBP"), ceiling_firm=True),
    ),
    "format": (replace(PLAIN, modes=must("phone", "in_person"), town="London"), replace(PLAIN, modes=must("phone", "video"))),
    "times": (
        replace(PLAIN, hours=(Window(0, 0, 15 * 60 + 49),), hours_strength=Strength.MUST),
        replace(PLAIN, hours=(Window(0, 15 * 60, 15 * 60 + 50),), hours_strength=Strength.MUST),
    ),
    "must": (replace(PLAIN, modalities=(must("cbt"),)), replace(PLAIN, modalities=(must("psychodynamic"),))),
}


@pytest.mark.parametrize("code", UNMET)
def test_each_wish_marked_must_keeps_exactly_those_off_who_do_not_meet_it(code: str) -> None:
    unmeetable, meetable = UNMET[code]
    assert [each.code for each in unmet(unmeetable, SOMEBODY, SERVICE, vocabulary=V)] == [code]
    assert codes(unmeetable) == (code,)
    assert codes(meetable) == ()


@pytest.mark.parametrize(
    "wishes",
    [
        replace(PLAIN, access=(must("bsl"),)),
        replace(PLAIN, identity=(IdentityWish("gender", frozenset({"man"}), "shares", Strength.MUST),)),
        replace(PLAIN, identity=(IdentityWish("faith", frozenset({"muslim"}), "shares", Strength.MUST),)),
        replace(PLAIN, identity=(IdentityWish("gender", frozenset({"woman"}), "prefer_not", Strength.MUST),)),
        replace(PLAIN, modalities=(must("emdr"),)),
    ],
    ids=["access", "identity", "identity not stated", "rather not", "modality"],
)
def test_a_must_that_is_not_met_or_not_known_keeps_somebody_off(wishes: Wishes) -> None:
    assert codes(wishes) == ("must",)
    assert codes(relaxed(wishes, musts_of(wishes)[0].wish)) == ()


def test_strong_and_nice_wishes_keep_nobody_off() -> None:
    for strength in (Strength.STRONG, Strength.NICE):
        wish = Wish(frozenset({"bfi"}), strength)
        assert codes(replace(PLAIN, languages=(wish,), modalities=(Wish(frozenset({"emdr"}), strength),), modes=Wish(frozenset({"phone"}), strength))) == ()


def test_a_firm_ceiling_compares_only_within_its_currency_and_insurance_or_a_concession_lets_through() -> None:
    in_euro = replace(PLAIN, ceiling=Money(900_000, "EUR"), ceiling_firm=True)
    assert codes(in_euro) == ("price",)
    low = replace(PLAIN, ceiling=Money(3000, "GBP"), ceiling_firm=True)
    sliding = replace(SOMEBODY, services=(replace(SERVICE, concessions=(Money(2500, "GBP"),)),))
    assert codes(low, sliding) == ("price",)
    assert codes(replace(low, concession=True), sliding) == ()
    assert codes(replace(low, insurer="aetna"), replace(SOMEBODY, insurers=frozenset({"aetna"}))) == ()


def test_in_person_means_in_the_town_that_was_named() -> None:
    in_leeds = replace(SOMEBODY, services=(replace(SERVICE, facts=replace(SERVICE.facts, modes=frozenset({"in_person"})), town="Leeds"),))
    assert codes(replace(PLAIN, modes=must("in_person"), town=" leeds "), in_leeds) == ()
    assert codes(replace(PLAIN, modes=must("in_person"), town="London"), in_leeds) == ("format",)
    assert codes(replace(PLAIN, modes=must("in_person")), in_leeds) == ("format",)


def test_room_is_asked_of_those_without_a_relation_only() -> None:
    full = replace(SOMEBODY, free_places=0)
    assert codes(PLAIN, full) == ("accepting",)
    assert codes(PLAIN, replace(SOMEBODY, accepting=False)) == ("accepting",)
    assert codes(PLAIN, full, in_care={1}) == ()


def test_without_an_opening_nobody_is_listed_but_a_waitlist_is_kept() -> None:
    nothing_free = replace(SOMEBODY, services=(replace(SERVICE, openings=()),), waitlist_open=True)
    assert codes(PLAIN, nothing_free) == ("bookable",)
    assert codes(UNMET["times"][0], nothing_free) == ("bookable",)
    assert [each.key for each in listing(occasion(), [nothing_free], vocabulary=V).waiting] == ["key"]
    barred = replace(nothing_free, standing=replace(nothing_free.standing, barred=True))
    assert listing(occasion(), [barred], vocabulary=V).waiting == ()


def test_openings_after_a_credential_ends_are_not_openings() -> None:
    ending = replace(CREDENTIAL, expires_on=date(2026, 11, 23))
    somebody = replace(SOMEBODY, standing=replace(SOMEBODY.standing, credentials=(ending,)))
    (service,), _ = fitting_services(occasion(), somebody, vocabulary=V)
    assert service.openings == SERVICE.openings[:1]
    today = replace(somebody, standing=replace(SOMEBODY.standing, credentials=(replace(ending, expires_on=date(2026, 11, 22)),)))
    assert codes(PLAIN, today) == ("bookable",)


def test_M07_M10_eligibility_is_asked_for_everybody_who_attends() -> None:
    assert codes(PLAIN, SOMEBODY, replace(PERSON, place="IE")) == ("jurisdiction",)
    assert codes(PLAIN, SOMEBODY, PERSON, replace(PERSON, person_id=901, age_band=None)) == ("age_group",)
    assert codes(replace(PLAIN, unit="couple")) == ("unit",)
    for state in ("expired", "suspended", "in_review"):
        gone = replace(SOMEBODY, standing=replace(SOMEBODY.standing, credentials=(replace(CREDENTIAL, state=state),)))
        assert listing(occasion(), [gone], vocabulary=V).ranked == ()


def test_P27_a_therapist_that_the_client_hid_and_one_with_a_conflict_are_not_listed() -> None:
    hidden = occasion_of(personas.P01, hidden={16})
    found = listing(replace(hidden, attendees=(replace(hidden.attendees[0], conflicts=frozenset({21})),)), cast(), vocabulary=V)
    assert not {"T16", "T21"} & set(keys(found))
    assert found.turned_away["T16"] == ("hidden",)
    assert found.turned_away["T21"] == ("no_conflict",)


def test_somebody_who_should_not_wait_sees_only_openings_within_those_days() -> None:
    assert codes(PLAIN, SOMEBODY, within_days=1) == ("bookable",)
    (service,), _ = fitting_services(occasion(within_days=2), SOMEBODY, vocabulary=V)
    assert service.openings == SERVICE.openings[:1]


# --- what must hold for any market


def eligible(wishes: Wishes, market: list[Candidate]) -> set[str]:
    return set(keys(listing(occasion(wishes), market, vocabulary=V)))


@settings(max_examples=30)
@given(all_wishes, markets(), st.integers(0, 20_000))
def test_M11_a_higher_ceiling_never_shrinks_the_list(wishes: Wishes, market: list[Candidate], more: int) -> None:
    ceiling = wishes.ceiling or Money(4000, "GBP")
    lower = replace(wishes, ceiling=ceiling, ceiling_firm=True)
    higher = replace(lower, ceiling=Money(ceiling.amount + more, ceiling.currency))
    assert eligible(lower, market) <= eligible(higher, market) <= eligible(replace(lower, ceiling_firm=False), market)


@settings(max_examples=30)
@given(all_wishes, markets(), st.data())
def test_M12_a_tighter_must_never_lengthens_the_list(wishes: Wishes, market: list[Candidate], data: st.DataObject) -> None:
    hardened = [
        replace(wishes, languages=tuple(replace(wish, strength=Strength.MUST) for wish in wishes.languages)),
        replace(wishes, modalities=tuple(replace(wish, strength=Strength.MUST) for wish in wishes.modalities)),
        replace(wishes, identity=tuple(replace(wish, strength=Strength.MUST) for wish in wishes.identity)),
        replace(wishes, access=tuple(replace(wish, strength=Strength.MUST) for wish in wishes.access)),
        replace(wishes, access=(*wishes.access, must("wheelchair"))),
        replace(wishes, languages=(*wishes.languages, must("es"))),
        replace(wishes, hours_strength=Strength.MUST),
        replace(wishes, ceiling_firm=True),
        replace(wishes, modes=wishes.modes and replace(wishes.modes, strength=Strength.MUST)),
        replace(wishes, languages=tuple(replace(wish, any_of=frozenset(sorted(wish.any_of)[:1])) for wish in wishes.languages)),
    ]
    assert eligible(data.draw(st.sampled_from(hardened)), market) <= eligible(wishes, market)


@settings(max_examples=30)
@given(all_wishes, markets())
def test_M40_relaxing_one_wish_delivers_exactly_the_promised_number(wishes: Wishes, market: list[Candidate]) -> None:
    counts = relax_counts(occasion(wishes), market, vocabulary=V)
    assert [each.wish for each in counts] == [each.wish for each in musts_of(wishes)]
    for each in counts:
        softer = relaxed(wishes, each.wish)
        assert len(eligible(softer, market)) == each.count
        assert eligible(wishes, market) <= eligible(softer, market)
        assert len(musts_of(softer)) == len(counts) - 1, "one wish, and no other, was relaxed"


@settings(max_examples=30)
@given(all_wishes, markets())
def test_everybody_is_either_listed_or_turned_away_with_a_code(wishes: Wishes, market: list[Candidate]) -> None:
    found: Listing = listing(occasion(wishes), market, vocabulary=V)
    listed = set(keys(found))
    assert listed | set(found.turned_away) == {each.key for each in market}
    assert not listed & set(found.turned_away)
    assert all(found.turned_away.values())
    totals = [round(each.scored.total, 12) for each in found.ranked]
    assert totals == sorted(totals, reverse=True)


def test_a_relaxed_wish_that_is_not_a_must_is_refused() -> None:
    for name in ("price", "language:0", "law", "identity:7"):
        with pytest.raises(ValueError, match="not one of the musts"):
            relaxed(PLAIN, name)


# --- over the cast


def test_M08_time_alone_empties_the_list() -> None:
    after_every_expiry = NOW + timedelta(days=400)
    assert keys(list_for(personas.P01))
    assert keys(list_for(personas.P01, now=after_every_expiry)) == []


def test_M15_the_last_place_taken_takes_a_therapist_off_and_given_back_puts_them_on_again() -> None:
    taken = [replace(each, free_places=0) if each.key == "T16" else each for each in cast()]
    assert "T16" not in keys(list_for(personas.P01, taken))
    given_back = [replace(each, free_places=1) if each.key == "T16" else each for each in taken]
    assert list_for(personas.P01, given_back).ranked[0].candidate.key == "T16"


def test_M29_the_partner_who_fills_in_the_intake_does_not_matter() -> None:
    one = occasion_of(personas.P02 | {"others_places": ["GB-SCT"]})
    other = replace(one, attendees=tuple(reversed(one.attendees)))
    assert listing(one, cast(), vocabulary=V) == listing(other, cast(), vocabulary=V)
    across = {"place": "GB-ENG", "others_places": ["IE"]}, {"place": "IE", "others_places": ["GB-ENG"], "zone": "Europe/London"}
    asked_by_each = [occasion_of(personas.P02 | each) for each in across]
    assert keys(list_for(personas.P02)), "in one country somebody may treat them"
    assert [keys(listing(each, cast(), vocabulary=V)) for each in asked_by_each] == [[], []], "across a border nobody of the cast, whoever asks"
    at_home = [occasion_of(personas.P02 | {"place": one, "others_places": [other]}) for one, other in (("GB-ENG", "GB-WLS"), ("GB-WLS", "GB-ENG"))]
    first, second = (listing(each, cast(), vocabulary=V) for each in at_home)
    assert keys(first)
    assert [(each.candidate.key, each.scored) for each in first.ranked] == [(each.candidate.key, each.scored) for each in second.ranked]


def test_the_first_forty_concerns_of_T18_are_those_of_the_vocabulary() -> None:
    ravi = next(each for each in cast() if each.key == "T18")
    assert sorted(ravi.declared_concerns) == sorted(V.concerns)[:40]


def test_the_cast_uses_only_words_of_the_vocabulary() -> None:
    for each in cast():
        assert each.all_concerns | each.verified_concerns <= set(V.concerns)
        assert each.modalities | each.verified_modalities <= {slug for slug, known in V.modalities.items() if known.offerable}
        assert each.languages <= set(V.languages)
        assert each.standing.units <= set(V.facets["units"])
        assert each.standing.age_bands <= set(V.facets["age_bands"])
        assert {mode for service in each.services for mode in service.facts.modes} <= set(V.facets["modes"])
        for credential in each.standing.credentials:
            register = V.registers[credential.register]
            assert register.accepted_for_practice
            assert set(credential.jurisdictions) <= set(register.jurisdictions)
