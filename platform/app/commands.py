"""`flask --app wsgi ...`: work, demo-data. `db upgrade` is Flask-Migrate's."""

import json
from dataclasses import asdict
from pathlib import Path

import click
from flask import Flask, current_app

from app.demo import load
from core import jobs
from core.clock import now
from core.db import transaction

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def init_app(application: Flask) -> None:
    application.cli.add_command(work)
    application.cli.add_command(demo_data)


@click.command("work")
@click.option("--concurrency", default=4, show_default=True, help="Jobs at the same time.")
@click.option("--once", is_flag=True, help="Do what is waiting and stop.")
def work(concurrency: int, *, once: bool) -> None:
    """Do the jobs, until told to stop."""
    url = current_app.config["DIRECT_DATABASE_URL"].replace("postgresql+psycopg://", "postgresql://", 1)
    jobs.work(url, concurrency=concurrency, forever=not once)


@click.command("demo-data")
@click.option("--if-empty", is_flag=True, help="Do nothing when somebody is known here already.")
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
            return
        load.load_demo(environment=current_app.config["ENVIRONMENT"], now=now())
    click.echo("Demonstration data loaded. Everybody in it is invented.")
