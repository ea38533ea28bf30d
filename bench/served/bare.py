"""What Flask can do on this machine at best: a greeting, and a route that only runs as many statements as the openings do."""

import os

from flask import Flask, Response
from sqlalchemy import create_engine, text

app = Flask("bare")
engine = create_engine(os.environ["DATABASE_URL"], pool_size=10, max_overflow=10)
STATEMENTS = [text("SET TRANSACTION READ ONLY"), *(text("SELECT :n") for _ in range(int(os.environ.get("BARE_STATEMENTS", "4"))))]


@app.get("/hello")
def hello() -> str:
    return "hello"


@app.get("/bare")
def bare() -> Response:
    with engine.begin() as connection:
        for number, statement in enumerate(STATEMENTS):
            connection.execute(statement, {"n": number} if number else {})
    return Response(b'{"items":[]}', content_type="application/json")
