"""Many invented therapists in a few statements, for plans and measurements. Call inside a transaction, then ANALYZE.

What each one states is drawn by a hash of their number: the same crowd every time.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from therapists.agreement import agreements

CONCERNS = ("anxiety", "depression", "trust", "ocd", "panic", "grief", "ptsd", "burnout", "self_esteem", "intimacy")
MODALITIES = ("act", "psychodynamic", "person_centred", "emdr", "schema", "dbt", "gestalt")
LANGUAGES = ("es", "fr", "ar", "hi", "zh")
TEXTS = ("worry and sleep", "grief after a long illness", "work and burnout", "relationships that hurt", "panic in crowds")


@dataclass(frozen=True)
class Shares:
    """How common something is, 0..1, and the mean fee in minor units. Round numbers of our own; a file of published ones can stand in for them."""

    accepting: float = 0.5
    other_language: float = 0.1
    cbt: float = 0.75
    insured: float = 0.65
    phone_only: float = 0.1
    mean_fee: int = 10_000


OWN = Shares()


def a_crowd(run: Callable[..., Any], size: int, *, now: datetime, shares: Shares = OWN) -> None:
    """`size` published British therapists who work weekdays 9 to 17. `run` executes a statement, such as ``session.execute``."""
    values = {
        "size": size,
        "now": now,
        "ends": (now + timedelta(days=300)).date(),
        "agreement": agreements()[-1].version,
        "checks": ["identity", "insurance", "sanctions", "agreement", "supervision"],
        "concerns": list(CONCERNS),
        "modalities": list(MODALITIES),
        "languages": list(LANGUAGES),
        "texts": list(TEXTS),
        **asdict(shares),
    }
    for statement in STATEMENTS:
        run(text(statement), values)


# `chance` turns a number and a word into something between 0 and 1.
STATEMENTS = (
    """CREATE FUNCTION pg_temp.chance(n bigint, word text) RETURNS float8 LANGUAGE sql IMMUTABLE
       AS 'SELECT (hashtext(word || n) & 65535) / 65536.0'""",
    "CREATE TEMPORARY TABLE crowd ON COMMIT DROP AS SELECT n, (SELECT coalesce(max(id), 0) FROM persons) + n AS id FROM generate_series(1, :size) n",
    """INSERT INTO persons (id, public_id, locale, zone, created_at) OVERRIDING SYSTEM VALUE
       SELECT id, gen_random_uuid(), 'en', 'Europe/London', :now FROM crowd""",
    """INSERT INTO therapists (person_id, public_id, display_name, headline, about, country, zone, published_at, created_at, changed_at, units, age_bands,
         insurers, accepting, collects, folded_name, folded_text)
       SELECT id, gen_random_uuid(), 'Crowd ' || n, '', words, 'GB', 'Europe/London', CAST(:now AS timestamptz) - n * interval '1 second', :now, :now,
         ARRAY['individual'], ARRAY['adult'], CASE WHEN pg_temp.chance(n, 'insured') < :insured THEN ARRAY['aetna'] ELSE ARRAY[]::varchar[] END,
         pg_temp.chance(n, 'accepting') < :accepting, 'therapist_invoices', 'crowd ' || n, 'crowd ' || n || ' ' || words
       FROM (SELECT id, n, (CAST(:texts AS varchar[]))[1 + floor(pg_temp.chance(n, 'text') * 5)::int] AS words FROM crowd) drawn""",
    """INSERT INTO credentials (public_id, therapist_id, register, credential_type, number, name_on_register, jurisdictions, state, checked_at, decided_at,
         expires_on, created_at)
       SELECT gen_random_uuid(), id, 'bacp', 'mbacp', (900000 + n)::text, 'Crowd', ARRAY['GB-ENG', 'GB-SCT', 'GB-WLS', 'GB-NIR'], 'active', :now, :now, :ends,
         :now FROM crowd""",
    """INSERT INTO practice_checks (public_id, therapist_id, kind, passed, checked_at, valid_until, zone, version)
       SELECT gen_random_uuid(), id, kind, true, :now, CASE WHEN kind NOT IN ('sanctions', 'agreement') THEN CAST(:ends AS date) END, 'Europe/London',
         CASE WHEN kind = 'agreement' THEN :agreement END FROM crowd, unnest(CAST(:checks AS varchar[])) kind""",
    "INSERT INTO therapist_languages (therapist_id, language, level) SELECT id, 'en', 'native' FROM crowd",
    """INSERT INTO therapist_languages (therapist_id, language, level)
       SELECT id, (CAST(:languages AS varchar[]))[1 + floor(pg_temp.chance(n, 'which') * 5)::int], 'working' FROM crowd
       WHERE pg_temp.chance(n, 'language') < :other_language""",
    """INSERT INTO therapist_concerns (therapist_id, concern, core_position)
       SELECT id, (CAST(:concerns AS varchar[]))[1 + (floor(pg_temp.chance(n, 'concern') * 10)::int + k * 3) % 10], k + 1
       FROM crowd, generate_series(0, 2) k""",
    """INSERT INTO therapist_modalities (therapist_id, modality)
       SELECT id, (CAST(:modalities AS varchar[]))[1 + (floor(pg_temp.chance(n, 'modality') * 7)::int + k) % 7] FROM crowd, generate_series(0, 1) k""",
    "INSERT INTO therapist_modalities (therapist_id, modality) SELECT id, 'cbt' FROM crowd WHERE pg_temp.chance(n, 'cbt') < :cbt",
    """INSERT INTO services (public_id, therapist_id, kind, unit, mode, minutes, fee_amount, fee_currency, booking_mode)
       SELECT gen_random_uuid(), id, 'session', 'individual', CASE WHEN pg_temp.chance(n, 'mode') < :phone_only THEN 'phone' ELSE 'video' END, 50,
         (:mean_fee * (0.4 + 1.2 * pg_temp.chance(n, 'fee')) / 500)::int * 500, 'GBP', 'instant' FROM crowd""",
    "INSERT INTO schedules (public_id, therapist_id, name, is_default) SELECT gen_random_uuid(), id, 'Working hours', true FROM crowd",
    """INSERT INTO working_hours (schedule_id, weekday, from_minute, to_minute)
       SELECT s.id, day, 540, 1020 FROM crowd JOIN schedules s ON s.therapist_id = crowd.id, generate_series(0, 4) day""",
)
