"""What the tree promises: names that are safe, packages that say what they are, one place that commits, no zone conversion in SQL."""

import ast
import importlib.metadata
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import FIELD_KEYS

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "platform"
PACKAGES = sorted(child.name for child in SOURCE.iterdir() if child.is_dir() and child.name != "__pycache__")
MODULES = sorted(SOURCE.rglob("*.py"))


def test_platform_is_never_a_package() -> None:
    assert not (SOURCE / "__init__.py").exists()


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_name_hides_nobody_elses_module(name: str) -> None:
    installed = importlib.metadata.packages_distributions()
    assert name not in sys.stdlib_module_names
    assert name not in installed


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_says_what_it_owns(name: str) -> None:
    tree = ast.parse((SOURCE / name / "__init__.py").read_text())
    assert len(ast.get_docstring(tree) or "") > 100
    if name != "core":  # core makes zoneinfo use the pinned zone data
        assert len(tree.body) == 1, "an __init__ holds a docstring and nothing else"


@pytest.mark.parametrize("folder", sorted({path.parent.relative_to(SOURCE).as_posix() for path in MODULES} - set(PACKAGES)))
def test_a_package_inside_a_package_says_where_to_start(folder: str) -> None:
    tree = ast.parse((SOURCE / folder / "__init__.py").read_text())
    assert len(ast.get_docstring(tree) or "") > 60
    assert len(tree.body) == 1


@pytest.mark.parametrize("folder", sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests").rglob("*") if path.is_dir() and list(path.glob("*.py"))))
def test_every_folder_of_tests_is_a_package(folder: str) -> None:
    assert (ROOT / folder / "__init__.py").exists()


def calls(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.lineno, ast.unparse(node.func)


def test_only_the_core_commits() -> None:
    found = [
        f"{path.relative_to(SOURCE)}:{line}"
        for path in MODULES
        for line, name in calls(ast.parse(path.read_text()))
        if name.endswith(".commit") and "session" in name and path != SOURCE / "core" / "db.py"
    ]
    assert found == []


def test_only_doors_open_transactions() -> None:
    # `..._calls` speak to the outside: transaction, call, transaction.
    doors = re.compile(r"^(core/|app/|.*/((\w+_)?routes|pages|(\w+_)?jobs|(\w+_)?calls|deliver|identity)\.py$)")
    found = [
        str(path.relative_to(SOURCE))
        for path in MODULES
        if re.search(r"^\s*(with|@).*\btransaction\(", path.read_text(), re.MULTILINE) and not doors.match(path.relative_to(SOURCE).as_posix())
    ]
    assert found == []


@pytest.mark.parametrize("pattern", [r"AT TIME ZONE", r"date_trunc\(", r"::\s*date\b", r"\btimezone\(", r"\bCURRENT_DATE\b"])
def test_sql_never_converts_a_zone(pattern: str) -> None:
    """PostgreSQL has zone data of its own, and it has been wrong."""
    found = [str(path.relative_to(ROOT)) for path in [*MODULES, *(ROOT / "migrations").rglob("*.py")] if re.search(pattern, path.read_text(), re.IGNORECASE)]
    assert found == []


@pytest.mark.parametrize("name", ["utils", "helpers", "common", "manager", "misc", "base"])
def test_no_file_is_named_after_nothing(name: str) -> None:
    assert [path for path in MODULES if path.stem == name] == []


def test_modules_stay_readable() -> None:
    longest = {str(path.relative_to(SOURCE)): len(path.read_text().splitlines()) for path in MODULES}
    assert {name: lines for name, lines in longest.items() if lines > 400} == {}


def test_words_that_no_page_or_mail_uses() -> None:
    texts = [*SOURCE.rglob("*.html"), *SOURCE.rglob("mails/*.txt"), *SOURCE.rglob("templates/*.txt")]
    assert texts
    banned = re.compile(r"\b(vetted|best|perfect match|expert-approved|guaranteed|slot)\b", re.IGNORECASE)
    assert {str(path.relative_to(ROOT)): found for path in texts if (found := banned.findall(path.read_text()))} == {}


def test_pages_and_mails_load_nothing_from_elsewhere() -> None:
    texts = [*SOURCE.rglob("*.html"), *SOURCE.rglob("*.css"), *SOURCE.rglob("*.js"), *SOURCE.rglob("mails/*.txt")]
    loads = re.compile(r"""(?:src|href|url|@import|fetch)\s*[=(]?\s*["']?(?:https?:)?//""", re.IGNORECASE)
    assert [str(path.relative_to(ROOT)) for path in texts if loads.search(path.read_text())] == []


OWN_PLATFORM = "import platform, sys; assert platform.system() in ('Linux', 'Darwin'), platform; assert 'attune' not in (platform.__file__ or '')"


@pytest.mark.parametrize("how", [["-c", f"import wsgi_path; {OWN_PLATFORM}"], ["-m", "platform"]])
def test_import_platform_is_pythons_own(how: list[str], tmp_path: Path) -> None:
    (tmp_path / "wsgi_path.py").write_text(f"import sys; sys.path.insert(0, {str(SOURCE)!r}); sys.path.insert(0, {str(ROOT)!r})")
    done = subprocess.run([sys.executable, *how], cwd=ROOT, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("server", [["gunicorn", "--check-config", "probe:app"], ["flask", "--app", "probe", "routes"]], ids=["gunicorn", "flask"])
def test_import_platform_is_pythons_own_under_the_servers(server: list[str], tmp_path: Path) -> None:
    (tmp_path / "probe.py").write_text(f"from wsgi import app\n{OWN_PLATFORM}\n")
    needed = {
        "ATTUNE_ENV": "test",
        "SECRET_KEY": "a-key-for-tests-only-0123456789-abcdef",
        "FIELD_KEYS": FIELD_KEYS,
        "DATABASE_URL": "postgresql://nobody@/nothing",
        "PYTHONPATH": f"{tmp_path}:{ROOT}",
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
    }
    done = subprocess.run([sys.executable, "-m", *server], cwd=ROOT, env=needed, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_import_platform_is_pythons_own_under_pytest() -> None:
    import platform  # the name of the source root: this must find the standard library

    assert platform.system()
    assert Path(platform.__file__).parent != SOURCE
