"""What the demonstration is played on: a real database, web process, worker and mail server, all of them gone afterwards."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.embedded import throwaway
from app.local_environment import Database, at_sandbox, environment_of
from app.loopback_mail import LoopbackMail, loopback_mail
from app.processes import Processes, listening_socket, prepare_database, start_payment_sandbox, start_web, start_worker, wait_until_healthy


@dataclass(frozen=True)
class Stage:
    """The running machine as the outside sees it, the password that every invented account has, the address of the payment sandbox, and, to make time pass,
    the throwaway database as its owner.
    """

    address: str
    mail: LoopbackMail
    password: str
    sandbox: str
    owner_url: str


@contextmanager
def stage_of_a_demonstration() -> Iterator[Stage]:
    """Nothing of it meets the checkout's own database, secrets or mailbox."""
    with tempfile.TemporaryDirectory(prefix="attune-demo-") as folder, loopback_mail() as mail, throwaway() as cluster, Processes() as processes:
        listening, port = listening_socket(0)
        till, sandbox_port = listening_socket(0)
        with listening, till:
            address = f"http://127.0.0.1:{port}"
            sandbox = f"http://127.0.0.1:{sandbox_port}"
            database = Database(cluster.app_url, cluster.owner_url, cluster.app_url, cluster)
            environment = environment_of(database, address, var=Path(folder)) | {"SMTP_URL": mail.url, "BASE_URL": address} | at_sandbox(sandbox)
            people = prepare_database(environment)
            start_web(processes, listening, environment)
            start_payment_sandbox(processes, till, environment, state=Path(folder) / "payment-sandbox.sqlite3")
        start_worker(processes, environment)
        wait_until_healthy(processes, address)
        yield Stage(address, mail, people[0]["password"], sandbox, cluster.owner_url.replace("postgresql+psycopg://", "postgresql://", 1))
