"""`make run` in parts: secrets, what the processes are told, when the preparation may be skipped."""

import os
import stat
from pathlib import Path
from typing import Any

import pytest

from app import local
from app.local import main
from app.local_environment import Database, development_secrets, environment_of
from core.crypto import KeyRing

ADDRESS = "http://127.0.0.1:8000"
SOMEBODY_ELSES = Database("postgresql://app@db/x", "postgresql://owner@db/x", "postgresql://app@direct/x", None)


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(local, "VAR", tmp_path / "var")
    return tmp_path / "var"


def test_secrets_are_made_once_and_only_their_owner_may_read_them(var: Path) -> None:
    made = development_secrets(var / "secrets.json")
    assert development_secrets(var / "secrets.json") == made
    assert stat.S_IMODE((var / "secrets.json").stat().st_mode) == 0o600
    assert [path.name for path in var.iterdir()] == ["secrets.json"]


def test_two_machines_have_different_secrets(tmp_path: Path) -> None:
    one, other = development_secrets(tmp_path / "a.json"), development_secrets(tmp_path / "b.json")
    assert not set(one.values()) & set(other.values())


def test_the_made_keys_are_what_the_settings_accept(var: Path) -> None:
    made = development_secrets(var / "secrets.json")
    KeyRing.parse(made["FIELD_KEYS"])
    assert len(made["SECRET_KEY"]) >= 32


def test_the_callers_environment_wins_except_for_the_database(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "chosen by the caller")
    monkeypatch.setenv("BASE_URL", "http://elsewhere.example")
    monkeypatch.setenv("DATABASE_URL", "postgresql://stale")
    monkeypatch.setenv("PORT", "1")
    told = environment_of(SOMEBODY_ELSES, ADDRESS, var=var)
    assert told["SECRET_KEY"] == "chosen by the caller"
    assert told["BASE_URL"] == "http://elsewhere.example"
    assert told["DATABASE_URL"] == SOMEBODY_ELSES.app
    assert told["MIGRATION_DATABASE_URL"] == SOMEBODY_ELSES.owner
    assert told["DIRECT_DATABASE_URL"] == SOMEBODY_ELSES.direct
    assert told["MAILBOX_DIR"] == str(var / "mailbox")
    assert told["ATTUNE_ENV"] == os.environ.get("ATTUNE_ENV", "development")


@pytest.mark.parametrize("arguments", [[], ["walk"], ["run", "faster"]])
def test_an_unknown_command_says_what_there_is(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert "run|migrate|demo" in capsys.readouterr().err


def test_production_is_not_run_this_way(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("ATTUNE_ENV", "production")
    assert main(["run"]) == 2
    assert "Procfile" in capsys.readouterr().err


class FakeCluster:
    """Answers the supervisor's three questions, and remembers nothing else."""

    def __init__(self, system: str, revision: str) -> None:
        self.system, self.revision = system, revision

    def ask(self, query: str) -> str:
        if "to_regclass" in query:
            return "alembic_version" if self.revision else ""
        return self.revision if "alembic_version" in query else self.system


PEOPLE = [{"role": "client", "email": "c@attune.example", "password": "p"}]


@pytest.fixture
def preparations(var: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """The environments in which a database was prepared."""
    var.mkdir()
    asked: list[dict[str, str]] = []

    def prepare_database(environment: dict[str, str]) -> list[dict[str, str]]:
        asked.append(environment)
        return PEOPLE

    monkeypatch.setattr(local, "prepare_database", prepare_database)
    return asked


def prepared(cluster: Any) -> list[dict[str, str]]:
    return local.prepare(Database("", "", "", cluster), {})


def test_an_unchanged_embedded_database_is_prepared_only_once(preparations: list[dict[str, str]]) -> None:
    assert prepared(FakeCluster("1", "0008")) == PEOPLE
    assert len(preparations) == 1
    assert prepared(FakeCluster("1", "0008")) == PEOPLE
    assert len(preparations) == 1


@pytest.mark.parametrize(("system", "revision"), [("2", "0008"), ("1", "0007"), ("1", "")])
def test_another_engine_or_revision_is_prepared_again(preparations: list[dict[str, str]], system: str, revision: str) -> None:
    prepared(FakeCluster("1", "0008"))
    prepared(FakeCluster(system, revision))
    assert len(preparations) == 2


def test_a_changed_migration_is_prepared_again(preparations: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(local, "CHECKOUT", tmp_path)
    revision = tmp_path / "migrations" / "versions" / "one.py"
    revision.parent.mkdir(parents=True)
    (tmp_path / "requirements.txt").touch()
    revision.write_text("a")
    prepared(FakeCluster("1", "0008"))
    revision.write_text("b")
    prepared(FakeCluster("1", "0008"))
    assert len(preparations) == 2


def test_somebody_elses_database_is_always_prepared(preparations: list[dict[str, str]]) -> None:
    prepared(None)
    prepared(None)
    assert len(preparations) == 2
