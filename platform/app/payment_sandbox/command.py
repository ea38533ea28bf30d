"""`flask --app wsgi payment-sandbox`: the sandbox as a process of its own, as `make run` starts it."""

import signal
import threading
from pathlib import Path
from types import FrameType

import click
from flask import current_app

from app.payment_sandbox.delivery import Endpoint
from app.payment_sandbox.sandbox import PaymentSandbox

USUAL_PORT = 4242


@click.command("payment-sandbox")
@click.option("--port", default=USUAL_PORT, show_default=True, help="Where it listens on 127.0.0.1; 0 takes a free one.")
@click.option("--listening", type=int, help="A file descriptor that already listens, instead of a port.")
@click.option("--deliver-to", "addresses", multiple=True, metavar="URL", help="Where webhooks go, signed with the first of STRIPE_WEBHOOK_SECRETS.")
@click.option("--state", type=click.Path(dir_okay=False, path_type=Path), help="A file that a restart goes on from.")
def payment_sandbox(port: int, listening: int | None, addresses: tuple[str, ...], state: Path | None) -> None:
    """Stand in for the payment processor, until told to stop. Refuses production."""
    if current_app.config["ENVIRONMENT"] == "production":
        raise click.ClickException("The payment sandbox moves no money: production pays at the real processor.")
    secret = current_app.config["STRIPE_WEBHOOK_SECRETS"].split(",")[0]
    if addresses and not secret:
        raise click.ClickException("STRIPE_WEBHOOK_SECRETS is not set: nobody would believe an unsigned webhook.")
    sandbox = PaymentSandbox(endpoints=[Endpoint(address, secret) for address in addresses], state=state)
    server = sandbox.server(port=port, file_descriptor=listening)
    click.echo(f"The payment sandbox is at http://127.0.0.1:{server.port}")

    def stop(_number: int, _frame: FrameType | None) -> None:
        threading.Thread(target=server.shutdown).start()

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, stop)
    sandbox.courier.start()
    server.serve_forever()
    sandbox.courier.stop()
    sandbox.world.close()
