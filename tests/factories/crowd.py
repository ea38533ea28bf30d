"""Many invented therapists in a few statements, for plans and measurements. Shares are round numbers of our own; call inside a transaction, then ANALYZE."""

from datetime import datetime, timedelta

from sqlalchemy import text

from core.db import db

CONCERNS = ("anxiety", "depression", "trust", "ocd", "panic", "grief", "ptsd", "burnout", "self_esteem", "intimacy")
MODALITIES = ("cbt", "act", "psychodynamic", "person_centred", "emdr", "schema", "dbt", "gestalt")
LANGUAGES = ("es", "fr", "ar", "hi", "zh")
TEXTS = ("worry and sleep", "grief after a long illness", "work and burnout", "relationships that hurt", "panic in crowds")


def a_crowd(size: int, *, now: datetime) -> None:
    """`size` published British therapists: weekdays 9 to 17, one session by video, every ninth another language, every eleventh not accepting."""
    values = {
        "size": size,
        "now": now,
        "ends": (now + timedelta(days=300)).date(),
        "concerns": list(CONCERNS),
        "modalities": list(MODALITIES),
        "languages": list(LANGUAGES),
        "texts": list(TEXTS),
    }
    for statement in STATEMENTS:
        db.session.execute(text(statement), values)


# The numbers of the crowd are its persons' ids above those of anybody else; the digits of a number choose what somebody states.
STATEMENTS = (
    "CREATE TEMPORARY TABLE crowd ON COMMIT DROP AS SELECT n, (SELECT coalesce(max(id), 0) FROM persons) + n AS id FROM generate_series(1, :size) n",
    """INSERT INTO persons (id, public_id, locale, zone, created_at) OVERRIDING SYSTEM VALUE
       SELECT id, gen_random_uuid(), 'en', 'Europe/London', :now FROM crowd""",
    """INSERT INTO therapists (person_id, public_id, display_name, headline, about, country, zone, published_at, created_at, changed_at, units, age_bands,
         insurers, accepting, folded_name, folded_text)
       SELECT id, gen_random_uuid(), 'Crowd ' || n, '', (CAST(:texts AS varchar[]))[1 + n % 5], 'GB', 'Europe/London',
         CAST(:now AS timestamptz) - n * interval '1 second',
         :now, :now,
         ARRAY['individual'], ARRAY['adult'], CASE WHEN n % 3 = 0 THEN ARRAY['aetna'] ELSE ARRAY[]::varchar[] END, n % 11 <> 0, 'crowd ' || n,
         'crowd ' || n || ' ' || (CAST(:texts AS varchar[]))[1 + n % 5] FROM crowd""",
    """INSERT INTO credentials (public_id, therapist_id, register, credential_type, number, name_on_register, jurisdictions, state, checked_at, decided_at,
         expires_on, created_at)
       SELECT gen_random_uuid(), id, 'bacp', 'mbacp', (900000 + n)::text, 'Crowd', ARRAY['GB-ENG', 'GB-SCT', 'GB-WLS', 'GB-NIR'], 'active', :now, :now, :ends,
         :now FROM crowd""",
    "INSERT INTO therapist_languages (therapist_id, language, level) SELECT id, 'en', 'native' FROM crowd",
    """INSERT INTO therapist_languages (therapist_id, language, level)
       SELECT id, (CAST(:languages AS varchar[]))[1 + n % 5], 'working' FROM crowd WHERE n % 9 = 0""",
    """INSERT INTO therapist_concerns (therapist_id, concern, core_position) SELECT id, (CAST(:concerns AS varchar[]))[1 + (n + k * 3) % 10], k + 1
       FROM crowd, generate_series(0, 2) k""",
    """INSERT INTO therapist_modalities (therapist_id, modality)
       SELECT id, (CAST(:modalities AS varchar[]))[1 + (n + k) % 8] FROM crowd, generate_series(0, 2) k""",
    """INSERT INTO services (public_id, therapist_id, kind, unit, mode, minutes, fee_amount, fee_currency, booking_mode)
       SELECT gen_random_uuid(), id, 'session', 'individual', 'video', 50, 4000 + n % 60 * 100, 'GBP', 'instant' FROM crowd""",
    "INSERT INTO working_hours (therapist_id, weekday, from_minute, to_minute) SELECT id, day, 540, 1020 FROM crowd, generate_series(0, 4) day",
)
