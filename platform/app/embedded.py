"""An embedded PostgreSQL 18: one private engine per checkout, or a throwaway one for tests and the demonstration.

It listens on a unix socket in a 0700 folder only, so trust authentication gives nothing to other users of the machine. A guard process
waits on a pipe whose other end only the supervisor holds: however the supervisor ends, kill -9 included, the guard stops the engine. The
guard also keeps the folder's lock until then, so two engines never meet on one folder. Standard library only.
"""

import fcntl
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from app.postgres_home import PORT, EmbeddedError, Home, home_in, make_private, plain_environment, run, temporary_home

DATABASE = "attune"
OWNER = "attune_owner"
APP = "attune_app"
VERSION = "18"
START_SECONDS = 30
STOP_SECONDS = 20

SETTINGS = """
listen_addresses = ''
timezone = 'UTC'
log_timezone = 'UTC'
max_connections = 200
# Details of an error quote the row (an address, a name): they stay out of the log.
log_error_verbosity = terse
"""

SETTINGS_OF_A_THROWAWAY = """
fsync = off
synchronous_commit = off
full_page_writes = off
io_method = sync
max_wal_size = 256MB
"""

# The owner migrates; the app reads and writes rows and owns nothing. A migration narrows single tables further (audit).
ROLES = f"""
SELECT 'CREATE ROLE ' || r FROM unnest(ARRAY['{OWNER}', '{APP}']) AS r WHERE r NOT IN (SELECT rolname FROM pg_roles) \\gexec
ALTER ROLE {OWNER} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE {APP} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
SELECT 'CREATE DATABASE {DATABASE} OWNER {OWNER}' WHERE '{DATABASE}' NOT IN (SELECT datname FROM pg_database) \\gexec
REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC;
GRANT CONNECT ON DATABASE {DATABASE} TO {APP};
\\connect {DATABASE}
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO {APP};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APP};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA public GRANT USAGE ON SEQUENCES TO {APP};
"""

# $1 pg_ctl, $2 data, $3 folder to remove. `cat` ends when the supervisor closes the pipe or dies. A stop can come before a starting engine
# has written its pid file, hence more than one try.
GUARD = """
cat >/dev/null
for try in 1 2 3; do
  "$1" -D "$2" -m fast -w -t 15 stop >/dev/null 2>&1 && break
  "$1" -D "$2" -m immediate -w -t 5 stop >/dev/null 2>&1 && break
  sleep 0.3
done
rm -rf -- "$3"
"""


class AlreadyRunning(EmbeddedError):
    """Another process has this folder's engine. `pid` is that process, when it could be read."""

    def __init__(self, data: Path, pid: int | None) -> None:
        self.pid = pid
        super().__init__(f"The database in {data} is already running" + (f" (process {pid})." if pid else "."))


class Cluster:
    """One engine: `start()` makes what is missing (data, roles, database) and starts it, `stop()` stops it."""

    def __init__(self, home: Home, *, lasting: bool) -> None:
        self.home = home
        self.lasting = lasting
        self._lock: int | None = None
        self._pipe: int | None = None
        self._guard: subprocess.Popen[bytes] | None = None

    @property
    def superuser_url(self) -> str:
        """SQLAlchemy URL of the engine's superuser: tests only."""
        return self.url_of("postgres", "postgres")

    @property
    def owner_url(self) -> str:
        """SQLAlchemy URL for MIGRATION_DATABASE_URL."""
        return self.url_of(OWNER, DATABASE)

    @property
    def app_url(self) -> str:
        """SQLAlchemy URL for DATABASE_URL and DIRECT_DATABASE_URL."""
        return self.url_of(APP, DATABASE)

    def url_of(self, role: str, database: str) -> str:
        """SQLAlchemy URL of any role and database of this engine. The port is named because PGPORT would otherwise decide."""
        return f"postgresql+psycopg://{role}@/{database}?host={quote(str(self.home.scratch), safe='/')}&port={PORT}"

    def start(self) -> None:
        """Refuses with AlreadyRunning when another process has this folder, with EmbeddedError when the engine does not come up."""
        self._take_lock()
        try:
            make_private(self.home.scratch, self.home.user)
            self._start_guard()
            self._make_data()
            self._clear_what_a_crash_left()
            self._start_engine()
            self._psql(ROLES)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stops the engine and waits until it has gone; open connections are closed, no committed row is lost."""
        if self._pipe is not None:
            os.close(self._pipe)
            self._pipe = None
        if self._guard is not None:
            try:
                self._guard.wait(timeout=STOP_SECONDS * 3)
            except subprocess.TimeoutExpired:
                self._guard.kill()
                self._guard.wait()
            self._guard = None
            if self._pid_in_file() is not None:
                self._pg_ctl("stop", "-m", "immediate")
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
        if not self.lasting:
            shutil.rmtree(self.home.scratch, ignore_errors=True)

    def ask(self, query: str) -> str:
        """The answer to a query in the database, as the superuser, as unaligned text: for the supervisor's own few questions."""
        return self._psql(query, "-A", "-t", database=DATABASE)

    def _take_lock(self) -> None:
        path = self.home.data.with_name(self.home.data.name + ".lock")
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        give_up = time.monotonic() + STOP_SECONDS
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                holder = int(os.pread(lock, 20, 0) or b"0")
                # A dead holder means its guard is still stopping the engine: that takes a moment.
                if (holder and _alive(holder)) or time.monotonic() > give_up:
                    os.close(lock)
                    raise AlreadyRunning(self.home.data, holder or None) from None
                time.sleep(0.1)
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        self._lock = lock

    def _start_guard(self) -> None:
        read, self._pipe = os.pipe()
        user = self.home.user
        assert self._lock is not None
        try:
            self._guard = subprocess.Popen(
                ["/bin/sh", "-c", GUARD, "sh", self.home.programs / "pg_ctl", self.home.data, self.home.scratch],
                stdin=read,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env=plain_environment(),
                start_new_session=True,
                pass_fds=(self._lock,),
                user=user.uid if user else None,
                group=user.gid if user else None,
                extra_groups=[] if user else None,
            )
        finally:
            os.close(read)

    def _make_data(self) -> None:
        data, user = self.home.data, self.home.user
        if (data / "PG_VERSION").exists():
            found = (data / "PG_VERSION").read_text().strip()
            if found != VERSION:
                raise EmbeddedError(f"{data} was made by PostgreSQL {found}, this is {VERSION}. Move it away, or set DATABASE_URL.")
            return
        if data.exists() and any(data.iterdir()):
            raise EmbeddedError(f"{data} is not empty and holds no database. Move it away.")
        # A new name until it is whole: an interrupted first start leaves nothing that looks like a database.
        making = data.with_name(data.name + ".making")
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(mode=0o700)
        if user:
            os.chown(making, user.uid, user.gid)
        options = [
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--auth=trust",
            "--no-instructions",
            # An empty database is not worth a second of waiting for the disk.
            "--no-sync",
        ]
        done = run(user, [self.home.programs / "initdb", "-D", making, "-U", "postgres", *options])
        if done.returncode:
            raise EmbeddedError(f"initdb failed:\n{done.stdout}")
        with (making / "postgresql.conf").open("a") as settings:
            settings.write(SETTINGS if self.lasting else SETTINGS + SETTINGS_OF_A_THROWAWAY)
        (making / "pg_hba.conf").write_text("local all all trust\n")
        if data.exists():
            data.rmdir()
        making.rename(data)

    def _clear_what_a_crash_left(self) -> None:
        # We hold the folder's lock: what runs here has lost its supervisor and its guard, or the number belongs to somebody else by now.
        pid = self._pid_in_file()
        if pid is None or not _alive(pid):
            return
        if _works_in(pid, self.home.data):
            self._pg_ctl("stop", "-m", "fast")
        else:
            (self.home.data / "postmaster.pid").unlink(missing_ok=True)

    def _start_engine(self) -> None:
        log = self.home.data / "server.log"
        give_up = time.monotonic() + START_SECONDS
        if log.exists() and log.stat().st_size > 1_000_000:
            log.unlink()
        while True:
            done = self._pg_ctl("start", "-l", log, "-o", f"-k {self.home.scratch} -h '' -p {PORT}")
            if done.returncode == 0:
                return
            said = log.read_text(errors="replace")[-3000:] if log.exists() else done.stdout
            # After a kill -9 of the engine its sessions need a moment to notice.
            if "still in use" not in said[-600:] or time.monotonic() > give_up:
                raise EmbeddedError(f"PostgreSQL did not start:\n{said}")
            time.sleep(0.3)

    def _pg_ctl(self, action: str, *options: str | Path) -> subprocess.CompletedProcess[str]:
        return run(self.home.user, [self.home.programs / "pg_ctl", "-D", self.home.data, "-w", "-t", str(START_SECONDS), *options, action])

    def _psql(self, text: str, *options: str, database: str = "postgres") -> str:
        where: list[str | Path] = ["-h", self.home.scratch, "-p", str(PORT), "-U", "postgres", "-d", database]
        programme = [self.home.programs / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", *options, *where, "-f", "-"]
        done = run(self.home.user, programme, text=text)
        if done.returncode:
            raise EmbeddedError(f"The database refused:\n{done.stdout}")
        return done.stdout.strip()

    def _pid_in_file(self) -> int | None:
        try:
            return int((self.home.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None


@contextmanager
def running(checkout: Path) -> Iterator[Cluster]:
    """The lasting engine of a checkout, stopped at the end."""
    cluster = Cluster(home_in(checkout), lasting=True)
    cluster.start()
    try:
        yield cluster
    finally:
        cluster.stop()


@contextmanager
def throwaway() -> Iterator[Cluster]:
    """A new empty engine in the temp folder, without durability, gone at the end with all its files."""
    cluster = Cluster(temporary_home(), lasting=False)
    cluster.start()
    try:
        yield cluster
    finally:
        cluster.stop()


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _works_in(pid: int, folder: Path) -> bool:
    # A postmaster's working folder is its data folder.
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{pid}/cwd").readlink() == folder.resolve()
        except OSError:
            return False
    told = subprocess.run(["lsof", "-a", "-p", str(pid), "-d", "cwd", "-Fn"], capture_output=True, text=True, check=False).stdout
    return f"n{folder.resolve()}" in told.splitlines()
