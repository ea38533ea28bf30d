"""How fast the best twenty are found, with reasons: the columns at 10k, 100k and 1M invented therapists, against SQL that returns the same twenty.

Usage: bench/matching.py [size ...]. The SQL is what PostgreSQL does best here: one flat table, int arrays under GIN with &&, the same formulas. Where the
crowd of the tests is loaded too (10k), the columns are also held against reading everybody through the models and ranking them by the specification.
Every comparison first asserts that both give the same therapists. Prints JSON and keeps it in bench/results/.

Beside wall time stands CPU time (ours by thread, SQL's by its backend, without parallel workers): on a machine that others use too, only that says
anything. Aims on an idle machine: top twenty with reasons p95 <= 3 ms at 100k and <= 25 ms at 1M, <= 130 bytes a therapist, 5 and 8 times faster than SQL,
3,000 times faster than reading everybody. The three sizes took less than ten minutes on two cores, most of it a million therapists being invented, packed
and loaded, and 6 GB of memory. CPU then: p50 1.7 and p95 2.4 ms at 100k, 4.7 and 8.6 ms at 1M; SQL 8.7 and 41 times that. Slowest is who asks in the
largest place, where a ninth of everybody works; of the time at 100k half is the specification saying the reasons of twenty people, 0.03 ms each.
"""

import gc
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "platform"), str(ROOT)]

import psycopg
from bench.shared.over_http import keep
from sqlalchemy import create_engine
from tests.factories.crowd import Shares, a_crowd

from app.assembly import create_app
from app.embedded import Cluster, throwaway
from app.local_environment import Database, environment_of
from app.processes import prepare_database
from app.settings import read_settings
from care.eligibility import Attendee
from core.money import Money
from core.zones import local_date
from matching.candidate import Candidate, OfferedService, Record, Style
from matching.listing import Occasion, listing
from matching.market import market_for
from matching.practicals import AVAILABILITY_DAYS, ENOUGH_OPENINGS, LATEST_CREDIT
from matching.ranking import scorer
from matching.snapshot.columns import Columns, columns_of, reliability_of
from matching.snapshot.postings import reach_at
from matching.snapshot.search import Found, search
from matching.weights import WEIGHTS
from matching.wishes import IdentityWish, Strength, Wish, Wishes
from taxonomy.vocabulary import vocabulary
from therapists.standing import ServiceFacts, Standing

SIZES, CALLS, SQL_CALLS, CPU_CALLS, TOP, ORM_THERAPISTS = (10_000, 100_000, 1_000_000), 200, 20, 40, 20, 10_000
ZONE, NOW = "America/New_York", datetime(2026, 11, 28, 15, tzinfo=UTC)
BASE = int(NOW.timestamp())
V = vocabulary()
# Fifty places of uneven size, the largest with a ninth of everybody, as states are.
PLACES = sorted(slug for slug in V.jurisdictions if slug.startswith("US-"))[:50]
SIZES_OF_PLACES = [1 / (at + 3) for at in range(len(PLACES))]
CONCERNS, MODALITIES = sorted(V.concerns), sorted(V.modalities)
LANGUAGES = ("en", "es", "fr", "ar", "hi", "zh", "ru", "vi", "ko", "pt")
GENDERS, FAITHS, POPULATIONS = ("woman", "man", "non_binary"), ("christian", "muslim", "jewish", "buddhist"), ("lgbtq", "deaf", "students")
INSURERS = ("aetna", "bcbs", "cigna", "united", "humana")


@dataclass(frozen=True)
class Crowd:
    """What invented therapists share, so that a million of them fit into memory."""

    chance: random.Random
    openings: list[tuple[int, ...]]
    standing: Standing
    facts: ServiceFacts

    def some(self, values: Sequence[str], most: int) -> frozenset[str]:
        return frozenset(self.chance.choices(values, k=self.chance.randint(1, most)))

    def one(self, number: int) -> Candidate:
        chance = self.chance
        requests, appointments = chance.randint(0, 40), chance.randint(0, 60)
        service = OfferedService(
            number, self.facts, 50, Money(chance.randint(12, 60) * 500, "USD"), on_request=chance.random() < 0.5, openings=chance.choice(self.openings)
        )
        core = tuple(dict.fromkeys(chance.choices(CONCERNS, k=chance.randint(1, 6))))
        return Candidate(
            number,
            str(UUID(int=chance.getrandbits(128))),
            replace(self.standing, therapist_id=number),
            accepting=chance.random() < 0.9,
            core_concerns=core,
            verified_concerns=frozenset(core[:3]),
            declared_concerns=self.some(CONCERNS, 8),
            modalities=self.some(MODALITIES, 4),
            verified_modalities=self.some(MODALITIES, 2),
            languages=self.some(LANGUAGES, 1) | {"en"},
            shares={"gender": self.some(GENDERS, 1)} | ({"faith": self.some(FAITHS, 1)} if chance.random() < 0.2 else {}),
            experienced={"population": self.some(POPULATIONS, 2)} if chance.random() < 0.4 else {},
            insurers=self.some(INSURERS, 3),
            style=Style(*(chance.choice((None, -1.0, -0.5, 0.0, 0.5, 1.0)) for _ in range(4))),
            record=Record(requests, chance.randint(0, requests), appointments, chance.randint(0, appointments), None, chance.choice((12, 24, 48))),
            services=(service,),
        )

    def place(self) -> list[str]:
        """One place, now and then two."""
        return list(dict.fromkeys(self.chance.choices(PLACES, SIZES_OF_PLACES, k=2 if self.chance.random() < 0.2 else 1)))


def crowd() -> Crowd:
    chance = random.Random(5)
    half_hours = [tuple(sorted(BASE + 1800 * each for each in chance.sample(range(1, 27 * 48), chance.randint(1, 20)))) for _ in range(3000)]
    standing = Standing(0, (), barred=False, units=frozenset({"individual"}), age_bands=frozenset({"adult"}), country="US")
    return Crowd(chance, half_hours, standing, ServiceFacts("session", "individual", frozenset({"video"})))


@dataclass(frozen=True)
class Market:
    """Invented therapists where they may work (which the database would say), and their columns."""

    people: dict[str, Candidate]
    places: list[list[str]]
    columns: Columns


def market_of(size: int) -> Market:
    drawn = crowd()
    people = [drawn.one(number) for number in range(size)]
    places = [drawn.place() for _ in people]
    columns = columns_of(people, lambda who, service: dict.fromkeys(places[who.therapist_id], len(service.openings)), base=BASE)
    return Market({each.key: each for each in people}, places, columns)


def occasions() -> Iterator[Occasion]:
    """People who each ask for something else, in places as large as therapists find them."""
    chance = random.Random(7)
    number = 0
    while True:
        number += 1
        wished = Wishes(
            "individual",
            ZONE,
            main_concern=chance.choice(CONCERNS),
            other_concerns=tuple(chance.sample(CONCERNS, 2)),
            modalities=(Wish(frozenset({chance.choice(MODALITIES)}), Strength.STRONG),),
            style=Style(1.0, -0.5, None, 0.75),
            identity=(IdentityWish("gender", frozenset({chance.choice(GENDERS)}), "shares", Strength.STRONG),),
            languages=(Wish(frozenset({"en"}), Strength.MUST),),
            ceiling=Money(chance.randint(20, 40) * 500, "USD"),
        )
        place = chance.choices(PLACES, SIZES_OF_PLACES)[0]
        yield Occasion(wished, (Attendee(None, place=place, age_band="adult", paused=False),), NOW, f"seed {number}")


def top_with_reasons(market: Market, occasion: Occasion) -> Found:
    """The best twenty, and every reason of each from the specification."""
    found = search(market.columns, occasion, most=TOP, vocabulary=V)
    scored = scorer(occasion.wishes, now=occasion.now, vocabulary=V)
    for key in found.keys:
        who = market.people[key]
        scored(who, who.services[0])
    return found


def milliseconds(calls: int, ask: Callable[[Occasion], object]) -> list[float]:
    asked, took = occasions(), []
    ask(next(asked))
    for _ in range(calls):
        each = next(asked)
        begun = time.perf_counter()
        ask(each)
        took.append((time.perf_counter() - begun) * 1000)
    return sorted(took)


def cpu_milliseconds(calls: int, ask: Callable[[Occasion], object]) -> dict[str, float]:
    """What this thread itself computes for one answer, whoever else uses the machine."""
    asked, took = occasions(), []
    ask(next(asked))
    for _ in range(calls):
        each = next(asked)
        begun = time.thread_time()
        ask(each)
        took.append((time.thread_time() - begun) * 1000)
    return figures(sorted(took))


def backend_milliseconds(calls: int, connection: psycopg.Connection[Any]) -> float | None:
    """CPU that the database computes for one answer, on average; None where there is no /proc."""
    stat = Path(f"/proc/{connection.info.backend_pid}/stat")
    if not stat.exists():
        return None

    def ticks() -> int:
        # From proc(5), after the name: state, parent, group, ...; 12 and 13 are user and system time.
        told = stat.read_text().rpartition(")")[2].split()
        return int(told[11]) + int(told[12])

    connection.execute("SET max_parallel_workers_per_gather = 0")
    asked, before = occasions(), ticks()
    for _ in range(calls):
        connection.execute(*sql_of(next(asked))).fetchall()
    used = (ticks() - before) / os.sysconf("SC_CLK_TCK") * 1000 / calls
    connection.execute("RESET max_parallel_workers_per_gather")
    return round(used, 2)


def figures(rising: Sequence[float]) -> dict[str, float]:
    return {"p50_ms": round(statistics.median(rising), 3), "p95_ms": round(rising[int(len(rising) * 0.95)], 3)}


# --- the same question to PostgreSQL

TABLE = """CREATE UNLOGGED TABLE flat (id int PRIMARY KEY, key uuid, places int[], full_concerns int[], all_concerns int[], modalities int[], languages int[],
  words int[], led float8, intensity float8, warmth float8, fee int, openings int, opens float8, opens_day int, reliability float8, room bool)"""
INDEXES = ("CREATE INDEX ON flat USING gin (places)", "CREATE INDEX ON flat USING gin (all_concerns)", "ANALYZE flat")
STYLE_SQL = "1 - abs(%({name})s - {name}) / 2"


def row_of(who: Candidate, places: list[str]) -> tuple[Any, ...]:
    service = who.services[0]
    wait = who.record.expected_answer_hours * 3600 if service.on_request else 0
    soon = [start + wait for start in service.openings]
    plenty = min(sum(each < BASE + AVAILABILITY_DAYS * 86_400 for each in soon), ENOUGH_OPENINGS)
    days = (local_date(ZONE, soon[0]) - local_date(ZONE, BASE)).days
    words = [WORDS[value] for value in who.shares["gender"]]
    return (
        who.therapist_id,
        who.key,
        [PLACES.index(each) for each in places],
        [CONCERNS.index(each) for each in who.full_concerns],
        [CONCERNS.index(each) for each in who.all_concerns],
        [MODALITIES.index(each) for each in who.modalities | who.verified_modalities],
        [LANGUAGES.index(each) for each in who.languages],
        words,
        who.style.led,
        who.style.intensity,
        who.style.warmth,
        service.fee.amount,
        len(service.openings),
        plenty / ENOUGH_OPENINGS,
        days,
        reliability_of(who.record),
        who.has_room,
    )


WORDS = {value: number for number, value in enumerate(GENDERS)}


def narrower(slug: str) -> list[int]:
    return [CONCERNS.index(each) for each in (slug, *(child.slug for child in V.children_of(slug)))]


def sql_of(occasion: Occasion) -> tuple[str, dict[str, Any]]:
    """The formulas of the policy as one statement; numbers go in as parameters."""
    wishes, values = occasion.wishes, dict[str, Any]()

    def concern(number: int, slug: str) -> str:
        parent = V.concerns[slug].parent
        values[f"own{number}"], values[f"wider{number}"] = narrower(slug), [CONCERNS.index(parent)] if parent else []
        return (
            f"CASE WHEN full_concerns && %(own{number})s::int[] THEN 1 WHEN all_concerns && %(own{number})s::int[] THEN .6 "
            f"WHEN all_concerns && %(wider{number})s::int[] THEN .5 ELSE 0 END"
        )

    assert wishes.main_concern
    wished = next(iter(wishes.modalities[0].any_of))
    related: dict[str | None, list[int]] = {"same": [], "narrower": [], "broader": [], "sibling": []}
    for slug in MODALITIES:
        if V.serves_unit(slug, "individual"):
            related.setdefault(V.modality_relation(wished, slug), []).append(MODALITIES.index(slug))
    ceiling = wishes.ceiling.amount if wishes.ceiling else 0
    values |= {"place": [PLACES.index(str(occasion.attendees[0].place))], "same": related["same"] + related["narrower"]}
    values |= {"broader": related["broader"], "sibling": related["sibling"], "gender": [WORDS[each] for each in wishes.identity[0].any_of]}
    values |= {"led": 1.0, "intensity": -0.5, "warmth": 0.75, "ceiling": float(ceiling), "english": [LANGUAGES.index("en")]}
    styles = " + ".join(f"coalesce(1 - abs(%({name})s::float8 - {name}) / 2, .5)" for name in ("led", "intensity", "warmth"))
    main, *others = (concern(number, slug) for number, slug in enumerate((wishes.main_concern, *wishes.other_concerns)))
    shares = {
        "concern": f"(2 * {main} + {' + '.join(others)}) / 4.0",
        "availability": f"(opens + 1 - {1 - LATEST_CREDIT} * least(greatest(opens_day, 0), {AVAILABILITY_DAYS}) / {AVAILABILITY_DAYS}.0) / 2",
        "style": f"({styles}) / 3",
        "modality": "CASE WHEN modalities && %(same)s::int[] THEN 1 WHEN modalities && %(broader)s::int[] THEN .6 WHEN modalities && %(sibling)s::int[] "
        "THEN .3 ELSE 0 END",
        "identity": "CASE WHEN words && %(gender)s::int[] THEN 1 ELSE 0 END",
        "price": "CASE WHEN fee <= %(ceiling)s THEN 1 - .5 * fee / %(ceiling)s ELSE greatest(0, 1.5 - fee / %(ceiling)s) END",
        "setting": "1",
        "responsiveness": "reliability",
    }
    weights = {each.name: each.weight for each in WEIGHTS.dimensions if each.name in shares}
    total = " + ".join(f"{weights[name]} * ({share})" for name, share in shares.items())
    where = "places && %(place)s::int[] AND languages && %(english)s::int[] AND room AND openings > 0"
    return f"SELECT key::text, ({total})::float8 / {sum(weights.values())} AS score FROM flat WHERE {where} ORDER BY score DESC LIMIT {TOP}", values


def filled(connection: psycopg.Connection[Any], market: Market) -> None:
    connection.execute("DROP TABLE IF EXISTS flat")
    connection.execute(TABLE)
    with connection.cursor().copy("COPY flat FROM STDIN") as copy:
        for who, places in zip(market.people.values(), market.places, strict=True):
            copy.write_row(row_of(who, places))
    for statement in INDEXES:
        connection.execute(statement)


def same_twenty(market: Market, connection: psycopg.Connection[Any], calls: int) -> None:
    """Both give the same scores in order, and the same therapists wherever no two score alike."""
    asked = occasions()
    for _ in range(calls):
        occasion = next(asked)
        ours, theirs = search(market.columns, occasion, most=TOP, vocabulary=V), connection.execute(*sql_of(occasion)).fetchall()
        assert len(ours.keys) == len(theirs)
        assert all(abs(one - other) < 1e-9 for one, (_, other) in zip(ours.scores, theirs, strict=True)), "other scores"
        last = round(ours.scores[-1], 9) if ours.scores else 0.0
        above = {key for key, points in zip(ours.keys, ours.scores, strict=True) if round(points, 9) > last}
        assert above <= {key for key, _ in theirs}, "other therapists"


def at_size(size: int, connection: psycopg.Connection[Any]) -> dict[str, Any]:
    market = market_of(size)
    gc.collect()
    gc.freeze()
    filled(connection, market)
    same_twenty(market, connection, 10)
    ours = figures(milliseconds(CALLS, lambda occasion: top_with_reasons(market, occasion)))
    only = figures(milliseconds(CALLS, lambda occasion: search(market.columns, occasion, most=TOP, vocabulary=V)))
    theirs = figures(milliseconds(SQL_CALLS, lambda occasion: connection.execute(*sql_of(occasion)).fetchall()))
    again = figures(milliseconds(SQL_CALLS, lambda occasion: top_with_reasons(market, occasion)))
    cpu, backend = cpu_milliseconds(CALLS, lambda occasion: top_with_reasons(market, occasion)), backend_milliseconds(CPU_CALLS, connection)
    return {
        "therapists": size,
        "with_reasons_cpu": cpu,
        "columns_only_cpu": cpu_milliseconds(CALLS, lambda occasion: search(market.columns, occasion, most=TOP, vocabulary=V)),
        "sql_cpu_ms": backend,
        "sql_cpu_over_ours": None if backend is None else round(backend / cpu["p50_ms"], 1),
        "with_reasons": ours,
        "columns_only": only,
        "sql": theirs,
        "sql_over_columns_with_reasons": round(theirs["p50_ms"] / again["p50_ms"], 1),
        "bytes_per_therapist": round(market.columns.nbytes / size, 1),
    }


def against_reading_everybody(cluster: Cluster, folder: Path) -> dict[str, Any]:
    """The crowd of the tests out of the real tables: read whole and ranked by the specification, against its columns."""
    address = "http://127.0.0.1:1"
    environment = environment_of(Database(cluster.app_url, cluster.owner_url, cluster.app_url, cluster), address, var=folder) | {"BASE_URL": address}
    prepare_database(environment)
    owner, now = create_engine(cluster.owner_url), datetime.now(UTC).replace(second=0, microsecond=0)
    with owner.begin() as connection:
        a_crowd(connection.execute, ORM_THERAPISTS, now=now - timedelta(minutes=1), shares=Shares(accepting=1.0))
    owner.dispose()
    wishes = Wishes("individual", "Europe/London", main_concern="anxiety", ceiling=Money(8000, "GBP"), languages=(Wish(frozenset({"en"}), Strength.MUST),))
    occasion = Occasion(wishes, (Attendee(None, place="GB-ENG", age_band="adult", paused=False),), now, "seed")
    with create_app(read_settings(environment)).app_context():
        begun = time.perf_counter()
        market = market_for(occasion, client_id=None, signed_in=False)
        whole = listing(occasion, market.candidates, vocabulary=V)
        loaded = (time.perf_counter() - begun) * 1000
    columns = columns_of(market.candidates, reach_at(now), base=int(now.timestamp()))
    assert search(columns, occasion, most=TOP, vocabulary=V).keys == tuple(each.candidate.key for each in whole.ranked[:TOP])
    people = {each.key: each for each in market.candidates}
    held = Market(people, [], columns)
    took = []
    for _ in range(CALLS):
        begun = time.perf_counter()
        top_with_reasons(held, occasion)
        took.append((time.perf_counter() - begun) * 1000)
    ours = figures(sorted(took))
    told = {"therapists": ORM_THERAPISTS, "in_one_place": len(whole.ranked), "load_all_ms": round(loaded), "with_reasons": ours}
    return told | {"load_all_over_columns": round(loaded / ours["p50_ms"]), "bytes_per_therapist": round(columns.nbytes / ORM_THERAPISTS, 1)}


def main() -> None:
    sizes = [int(each) for each in sys.argv[1:]] or SIZES
    found = []
    with throwaway() as cluster:
        with psycopg.connect(cluster.owner_url.replace("+psycopg", ""), autocommit=True) as connection:
            for size in sizes:
                found.append(at_size(size, connection))
                print(found[-1], file=sys.stderr)
            connection.execute("DROP TABLE flat")
        keep("matching", {"top": TOP, "sizes": found, "reading_everybody": against_reading_everybody(cluster, Path(cluster.home.scratch))})


if __name__ == "__main__":
    main()
