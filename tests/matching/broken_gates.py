"""Break each gate by itself, in a copy of the source, and see the test that names it fail: `make broken-gates`.

A gate is a code of eligibility, of the wishes or of the list. `test_broken_gates` keeps this table whole while the source moves.
"""

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "platform"
ELIGIBILITY, WISHES, LISTING = "care/eligibility.py", "matching/wishes.py", "matching/listing.py"
OF_ELIGIBILITY, OF_LISTS, OF_PERSONAS = "tests/care/test_eligibility.py", "tests/matching/test_listing.py", "tests/matching/test_personas.py"


@dataclass(frozen=True)
class Break:
    """In `file`, `was` stands exactly once and becomes `becomes`; then `test` fails."""

    code: str
    file: str
    was: str
    becomes: str
    test: str


def _of_eligibility(code: str, rule: str, test: str) -> Break:
    return Break(code, ELIGIBILITY, f'        "{code}": {rule}', f'        "{code}": True or {rule}', f"{OF_ELIGIBILITY}::{test}")


def _left_out(code: str, file: str, was: str, test: str) -> Break:
    return Break(code, file, was, "pass", f"{OF_LISTS}::{test}")


BREAKS = (
    _of_eligibility("verified", "verified,", "test_a_credential_that_is_not_live_does_not_count"),
    _of_eligibility("not_barred", "not standing.barred", "test_a_hold_or_a_sanction_bars_everywhere"),
    _of_eligibility("required_checks", "bool(current", "test_without_current_checks_of_insurance_identity_and_the_like_nobody_is_treated"),
    _of_eligibility("jurisdiction", "here.is_given", "test_the_place_of_the_person_must_be_covered"),
    _of_eligibility("scope", "bool(service.modes)", "test_supervised_practice_needs_a_service_that_allows_it_and_no_floor_of_competence"),
    _of_eligibility("age_group", "_serves_age(", "test_the_age_band_must_be_one_the_therapist_works_with"),
    _of_eligibility("unit", "service.unit is not None", "test_the_unit_of_the_service_must_be_one_the_therapist_sees"),
    _of_eligibility("competence_floor", "attendee.needs <=", "test_a_need_that_has_a_floor_asks_for_a_checked_competence"),
    _of_eligibility("no_conflict", "standing.therapist_id not in", "test_a_conflict_refuses_and_nobody_treats_themselves"),
    _of_eligibility("paused", "attendee.paused is", "test_a_safety_pause_refuses_and_so_does_not_knowing"),
    _of_eligibility("leaving", "not standing.has_left_by", "test_from_the_end_of_an_announced_last_day_on_nobody_is_treated"),
    Break(
        "language",
        WISHES,
        "if not wish.any_of & candidate.languages]",
        "if False]",
        f"{OF_LISTS}::test_each_wish_marked_must_keeps_exactly_those_off_who_do_not_meet_it[language]",
    ),
    *(
        _left_out(code, WISHES, f'found.append(Unmet("{code}", "{code}"))', f"test_each_wish_marked_must_keeps_exactly_those_off_who_do_not_meet_it[{code}]")
        for code in ("price", "format", "times")
    ),
    _left_out(
        "must",
        WISHES,
        'found += [Unmet("must", name) for name in _unmet_musts(wishes, candidate, vocabulary)]',
        "test_each_wish_marked_must_keeps_exactly_those_off_who_do_not_meet_it[must]",
    ),
    _left_out("accepting", LISTING, "against.append(NOT_ACCEPTING)", "test_room_is_asked_of_those_without_a_relation_only"),
    _left_out("bookable", LISTING, "against.append(NOT_BOOKABLE)", "test_without_an_opening_nobody_is_listed_but_a_waitlist_is_kept"),
    Break(
        "unit of the list",
        LISTING,
        "each.facts.kind == kind and each.facts.unit == occasion.wishes.unit",
        "each.facts.kind == kind",
        f"{OF_PERSONAS}::test_P01_london_evenings_psychodynamic_or_attachment_finds_T16",
    ),
    Break(
        "hidden",
        LISTING,
        "if candidate.therapist_id in occasion.hidden:",
        "if False:",
        f"{OF_PERSONAS}::test_P27_whom_the_client_rejected_and_who_declined_her_are_both_passed_over",
    ),
)


def main() -> int:
    """0 when every gate is held by its test, and all of these pass while nothing is broken."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "platform"
        shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns("__pycache__"))
        if not _passes(copy, sorted({each.test for each in BREAKS})):
            print("these tests do not pass as things are")
            return 1
        silent = [each.code for each in BREAKS if not _is_noticed(copy, each)]
    print(
        f"{len(BREAKS) - len(silent)} of {len(BREAKS)} gates are held by a test that names them" + (f"; nobody notices: {', '.join(silent)}" if silent else "")
    )
    return bool(silent)


def _is_noticed(copy: Path, each: Break) -> bool:
    file = copy / each.file
    whole = file.read_text()
    assert whole.count(each.was) == 1, each
    file.write_text(whole.replace(each.was, each.becomes))
    try:
        noticed = not _passes(copy, [each.test])
    finally:
        file.write_text(whole)
    print(f"{'noticed' if noticed else 'SILENT '}  {each.code:17} {each.test}", flush=True)
    return noticed


def _passes(copy: Path, tests: list[str]) -> bool:
    """Whether these tests pass against the copy. Anything but passing or failing is an error of this command."""
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-n", "0", "-o", f"pythonpath={copy} .", *tests]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"pytest could not run:\n{done.stdout}{done.stderr}")
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
