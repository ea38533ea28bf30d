"""`flask --app wsgi ...`: work, demo-data, grant-role, revoke-role, reseal, card-feedback, erased, erase-again, payment-sandbox.

`db upgrade` is Flask-Migrate's.
"""

import json
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TextIO

import click
from flask import Flask, current_app

from accounts.erase_again import erase_again, erased, listed
from accounts.models import ROLES
from accounts.people import account_with
from accounts.roles import grant_role, revoke_role
from app.demo import load
from app.demo.refresh import repeat_looks
from app.payment_sandbox.command import payment_sandbox
from booking.calendar.drift import look_for_drift
from core import jobs, vault
from core.clock import now
from core.db import transaction
from core.reseal import reseal_all
from matching.card_feedback.evaluate import evaluation
from therapists.evidence_models import EvidenceFile

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def init_app(application: Flask) -> None:
    application.cli.add_command(work)
    application.cli.add_command(demo_data)
    application.cli.add_command(grant)
    application.cli.add_command(revoke)
    application.cli.add_command(reseal)
    application.cli.add_command(card_feedback)
    application.cli.add_command(erased_accounts)
    application.cli.add_command(erase_accounts_again)
    application.cli.add_command(payment_sandbox)


@click.command("work")
@click.option("--concurrency", default=4, show_default=True, help="Jobs at the same time.")
@click.option("--once", is_flag=True, help="Do what is waiting and stop.")
def work(concurrency: int, *, once: bool) -> None:
    """Do the jobs, until told to stop."""
    # A new release may have brought new clock rules.
    with transaction():
        look_for_drift.enqueue()
    url = current_app.config["DIRECT_DATABASE_URL"].replace("postgresql+psycopg://", "postgresql://", 1)
    jobs.work(url, concurrency=concurrency, forever=not once)


@click.command("demo-data")
@click.option("--if-empty", is_flag=True, help="When somebody is known here already, only make the invented checks of an earlier loading anew.")
@click.option("--sign-ins", is_flag=True, help="Only print the demonstration accounts as JSON.")
def demo_data(*, if_empty: bool, sign_ins: bool) -> None:
    """Load the invented cast and one account for each role. Refuses production."""
    if sign_ins:
        click.echo(json.dumps([asdict(sign_in) for sign_in in load.sign_ins()]))
        return
    if current_app.config["ENVIRONMENT"] == "production":
        raise click.ClickException(load.NotInProduction.detail)
    with transaction():
        if if_empty and not load.is_empty():
            repeat_looks(now=now())
            return
        load.load_demo(environment=current_app.config["ENVIRONMENT"], now=now())
    click.echo("Demonstration data loaded. Everybody in it is invented.")


@click.command("grant-role")
@click.argument("email")
@click.argument("role", type=click.Choice(ROLES))
def grant(email: str, role: str) -> None:
    """Give an account a role: the way to the first verifier, responder or admin of an installation. Audited."""
    with transaction():
        grant_role(_person_with(email), role, now=now())
    click.echo(f"{email} now has the role {role}.")


@click.command("revoke-role")
@click.argument("email")
@click.argument("role", type=click.Choice(ROLES))
def revoke(email: str, role: str) -> None:
    """Take a role from an account; it holds from the next request on. Audited."""
    with transaction():
        revoke_role(_person_with(email), role, now=now())
    click.echo(f"{email} no longer has the role {role}.")


def _person_with(email: str) -> int:
    account = account_with(email.strip().lower())
    if account is None or account.email_confirmed_at is None:
        raise click.ClickException("There is no account with this address, or the address is not confirmed yet.")
    return account.person_id


@click.command("reseal")
def reseal() -> None:
    """Seal everything with the first of FIELD_KEYS. Afterwards the older keys can be taken away; may be stopped and started again."""
    done = reseal_all()
    if files := vault.reseal(EvidenceFile.__tablename__):
        done["files of evidence"] = files
    for table, rows in done.items():
        click.echo(f"{table}: {rows}")
    click.echo("Nothing is sealed with an older key.")


@click.command("card-feedback")
@click.option("--days", default=90, show_default=True, type=click.IntRange(1, 730), help="Over so many days until now.")
def card_feedback(days: int) -> None:
    """What people said of the cards they were shown, as JSON: counts by reason and dimension, none of fewer people than nobody can be told apart in."""
    with transaction(read_only=True):
        found = evaluation(since=now() - timedelta(days=days), until=now())
    click.echo(json.dumps(found, indent=1))


@click.command("erased")
def erased_accounts() -> None:
    """Whose accounts were erased, as JSON lines of public ids: to be kept outside of the database, and of its backups."""
    with transaction(read_only=True):
        for line in erased():
            click.echo(line)


@click.command("erase-again")
@click.argument("file", type=click.File())
def erase_accounts_again(file: TextIO) -> None:
    """Erase once more whoever FILE names (lines of `erased`, or of the log): after an older backup was restored, before anybody is let in. May be repeated."""
    try:
        people = listed(file)
    except ValueError as error:
        raise click.ClickException(f"{error}. Nothing was erased.") from error
    done, waiting = 0, 0
    for person in people:
        with transaction():
            again = erase_again(person, now=now())
        done += again.is_erased_now
        if again.obstacles:
            waiting += 1
            click.echo(f"{person}: not yet: {', '.join(each.code for each in again.obstacles)}")
    click.echo(f"Erased now: {done}. Not known here, or erased already: {len(people) - done - waiting}.")
    if waiting:
        raise click.ClickException(f"{waiting} could not be erased. Settle what is said beside each, then run this again.")
