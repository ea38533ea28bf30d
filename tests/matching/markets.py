"""Random therapists and wishes for properties: small vocabularies, so that coincidences happen."""

from datetime import timedelta

from hypothesis import strategies as st

from core.money import Money
from matching.candidate import Candidate, OfferedService, Record, Style
from matching.wishes import IdentityWish, Strength, Window, Wish, Wishes
from tests.factories.checks import check_facts
from tests.matching.cast import NOW
from therapists.standing import CredentialFacts, ServiceFacts, Standing

NOW_SECONDS = int(NOW.timestamp())
CONCERNS = ("depression", "panic", "ocd", "anxiety", "grief", "emotional_unavailability", "avoidant_attachment", "relationships", "trust", "intimacy")
MODALITIES = ("cbt", "erp", "act", "schema", "psychodynamic", "stpp", "attachment_based", "eft_couple", "emdr", "person_centred", "integrative")
LANGUAGES = ("en", "es", "hi", "bfi")
ZONES = ("Europe/London", "America/Los_Angeles", "Asia/Kolkata")
WORDS = {"gender": ("woman", "man", "non_binary"), "faith": ("muslim", "christian")}
POPULATIONS = ("lgbtq", "deaf", "students")
ACCESS = ("captions", "wheelchair")
INSURERS = ("aetna", "bcbs")

strengths = st.sampled_from(list(Strength))
unit_interval = st.integers(-4, 4).map(lambda number: number / 4)
styles = st.builds(Style, *[st.one_of(st.none(), unit_interval) for _ in range(4)])
fees = st.builds(Money, st.integers(0, 40).map(lambda number: number * 500), st.sampled_from(["GBP", "GBP", "GBP", "EUR"]))


@st.composite
def records(draw: st.DrawFn) -> Record:
    requests, appointments = draw(st.integers(0, 30)), draw(st.integers(0, 30))
    usual = draw(st.integers(1, 48)) if requests >= 5 else None
    return Record(requests, draw(st.integers(0, requests)), appointments, draw(st.integers(0, appointments)), usual, draw(st.integers(1, 48)))


def some(values: tuple[str, ...], most: int = 4) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(values), max_size=most)


def wish_lists(values: tuple[str, ...]) -> st.SearchStrategy[tuple[Wish, ...]]:
    one = st.builds(Wish, st.frozensets(st.sampled_from(values), min_size=1, max_size=2), strengths)
    return st.lists(one, max_size=2).map(tuple)


@st.composite
def standings(draw: st.DrawFn, therapist_id: int) -> Standing:
    credential = CredentialFacts(
        register="bacp",
        kind="accredited_voluntary",
        jurisdictions=draw(st.sampled_from([("GB-ENG",), ("GB-ENG", "IE"), ("IE",)])),
        state=draw(st.sampled_from(["active", "active", "active", "in_review"])),
        checked_at=NOW.replace(day=3),
        expires_on=draw(st.sampled_from([NOW.replace(year=2027).date(), NOW.replace(day=29).date()])),
        supervised=False,
        restricted=False,
        zone="Europe/London",
        decided_at=NOW - timedelta(days=19),
    )
    units = draw(st.sampled_from([frozenset({"individual"}), frozenset({"individual", "couple"}), frozenset({"couple"})]))
    return Standing(
        therapist_id, (credential,), barred=draw(st.integers(0, 9)) == 0, units=units, age_bands=frozenset({"adult"}), country="GB", checks=check_facts(NOW)
    )


@st.composite
def services(draw: st.DrawFn, number: int, unit: str) -> OfferedService:
    openings = draw(st.frozensets(st.integers(1, 27 * 24 * 2), max_size=12))
    mode = draw(st.sampled_from(["video", "phone", "in_person"]))
    fee = draw(fees)
    on_request = draw(st.booleans())
    return OfferedService(
        number,
        ServiceFacts("session", unit, frozenset({mode})),
        minutes=50,
        fee=fee,
        concessions=(Money(fee.amount // 2, fee.currency),) if draw(st.booleans()) else (),
        on_request=on_request,
        town=draw(st.sampled_from(["London", "Leeds"])) if mode == "in_person" else None,
        openings=tuple(sorted(NOW_SECONDS + half_hours * 1800 for half_hours in openings)),
    )


@st.composite
def candidates(draw: st.DrawFn, therapist_id: int = 1) -> Candidate:
    standing = draw(standings(therapist_id))
    core = draw(st.lists(st.sampled_from(CONCERNS), max_size=6, unique=True))
    return Candidate(
        therapist_id,
        key=f"key-{therapist_id}",
        standing=standing,
        accepting=draw(st.integers(0, 5)) > 0,
        free_places=draw(st.sampled_from([None, 0, 1, 3])),
        waitlist_open=draw(st.booleans()),
        core_concerns=tuple(core),
        verified_concerns=draw(some(CONCERNS, 8)),
        declared_concerns=draw(some(CONCERNS)),
        modalities=draw(some(MODALITIES)),
        verified_modalities=draw(some(MODALITIES, 2)),
        languages=draw(some(LANGUAGES)),
        shares=draw(st.dictionaries(st.sampled_from(["gender", "faith"]), st.sampled_from(["woman", "man", "muslim"]).map(lambda word: frozenset({word})))),
        experienced={"population": draw(some(POPULATIONS))},
        access=draw(some(ACCESS)),
        insurers=draw(some(INSURERS)),
        style=draw(styles),
        record=draw(records()),
        services=tuple(draw(services(number, unit)) for number, unit in enumerate(sorted(standing.units))),
    )


@st.composite
def markets(draw: st.DrawFn, most: int = 5) -> list[Candidate]:
    return [draw(candidates(number)) for number in range(1, draw(st.integers(1, most)) + 1)]


@st.composite
def identity_wishes(draw: st.DrawFn) -> IdentityWish:
    kind = draw(st.sampled_from(["gender", "faith", "population"]))
    possible = POPULATIONS if kind == "population" else WORDS[kind]
    relation = draw(st.sampled_from(["shares", "experienced_with", "prefer_not"]))
    return IdentityWish(kind, draw(st.frozensets(st.sampled_from(possible), min_size=1, max_size=2)), relation, draw(strengths))


@st.composite
def windows(draw: st.DrawFn) -> Window:
    first = draw(st.integers(0, 22))
    return Window(draw(st.integers(0, 6)), first * 60, draw(st.integers(first + 1, 24)) * 60)


wishes = st.builds(
    Wishes,
    unit=st.sampled_from(["individual", "couple"]),
    zone=st.sampled_from(ZONES),
    main_concern=st.one_of(st.none(), st.sampled_from(CONCERNS)),
    other_concerns=st.lists(st.sampled_from(CONCERNS), max_size=3, unique=True).map(tuple),
    goals=st.lists(st.sampled_from(["build_trust", "tolerate_vulnerability", "practise_empathy"]), max_size=2, unique=True).map(tuple),
    modalities=wish_lists(MODALITIES),
    style=styles,
    identity=st.lists(identity_wishes(), max_size=2).map(tuple),
    languages=wish_lists(LANGUAGES),
    modes=st.one_of(st.none(), st.builds(Wish, st.frozensets(st.sampled_from(["video", "phone", "in_person"]), min_size=1), strengths)),
    town=st.sampled_from([None, "London"]),
    hours=st.lists(windows(), max_size=6).map(tuple),
    hours_strength=strengths,
    ceiling=st.one_of(st.none(), fees.filter(lambda fee: fee.amount > 0)),
    ceiling_firm=st.booleans(),
    concession=st.booleans(),
    insurer=st.sampled_from([None, None, "aetna"]),
    access=wish_lists(ACCESS),
    emphasis=st.dictionaries(st.sampled_from(["concern", "style", "price", "availability"]), st.sampled_from(["off", "normal", "high"]), max_size=2),
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["any_of", "strength", "kind", "relation", "weekday", "amount"]), inner, max_size=3)
    ),
    max_leaves=6,
)
