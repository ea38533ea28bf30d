"""What Flask can do on this machine at best: a greeting, and routes that only run as many statements as the measured request does."""

import os

from flask import Flask, Response
from sqlalchemy import create_engine, text

app = Flask("bare")
engine = create_engine(os.environ["DATABASE_URL"], pool_size=10, max_overflow=10)
COUNT = int(os.environ["BARE_STATEMENTS"])
READ, WRITE = text("SELECT :n"), text("INSERT INTO bare_rows (at) VALUES (now())")
READ_ONLY = text("SET TRANSACTION READ ONLY")


@app.get("/hello")
def hello() -> str:
    return "hello"


@app.get("/bare")
def bare() -> Response:
    with engine.begin() as connection:
        connection.execute(READ_ONLY)
        for number in range(COUNT - 1):
            connection.execute(READ, {"n": number})
    return Response(b'{"items":[]}', content_type="application/json")


@app.post("/bare")
def write() -> Response:
    """As many statements, and an insert."""
    with engine.begin() as connection:
        for number in range(COUNT):
            connection.execute(READ, {"n": number})
        connection.execute(WRITE)
    return Response(b"{}", content_type="application/json")
