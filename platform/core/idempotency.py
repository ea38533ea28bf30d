"""`Idempotency-Key`: the same request sent twice is done once, and both get the first answer.

Scoped to the caller. The key row is inserted first: a second request with the key in flight waits on it up to the lock timeout (then 409 `busy`), finds
the stored answer, or does the work if the first was rolled back. Only answers of 2xx are stored, in the same transaction as what they report. Another
body under the same key is 422 `key_reused`. Answers are kept for a week: they repeat what the caller was told, and nobody retries for longer.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, TypeVar

from flask import Response, current_app, request
from sqlalchemy import delete, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from core.access import caller
from core.clock import now
from core.crypto import sealed_json
from core.db import LOCK_TIMEOUT, Base, HasPublicId, db
from core.errors import Invalid
from core.jobs import periodic

View = TypeVar("View", bound=Callable[..., Any])
LONGEST_KEY = 200
KEPT = timedelta(days=7)


class KeyReused(Invalid):
    code, detail = "key_reused", "This Idempotency-Key was used for another request. Use a new one."


class StoredAnswer(Base, HasPublicId):
    __tablename__ = "stored_answers"

    caller_person_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_digest: Mapped[bytes]
    at: Mapped[datetime]
    answer_sealed: Mapped[bytes | None]
    answer = sealed_json("answer_sealed")


def idempotent(view: View) -> View:
    """Honour `Idempotency-Key` on this view. Goes between the route line and `takes`."""

    @wraps(view)
    def once(*args: Any, **kwargs: Any) -> Any:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return view(*args, **kwargs)
        if not 1 <= len(key) <= LONGEST_KEY or not key.isprintable():
            raise Invalid(errors={"Idempotency-Key": [f"1 to {LONGEST_KEY} printable characters."]})
        stored = _claim(caller().require_person(), key)
        if stored.answer is not None:
            return Response(stored.answer["body"], stored.answer["status"], content_type=stored.answer["content_type"])
        response = current_app.make_response(view(*args, **kwargs))
        if response.status_code < 300:
            stored.answer = {"status": response.status_code, "body": response.get_data(as_text=True), "content_type": response.content_type}
        return response

    return once  # type: ignore[return-value]


def _claim(person_id: int, key: str) -> StoredAnswer:
    digest = hashlib.sha256(f"{request.method} {request.path}\n".encode() + request.get_data(cache=True)).digest()
    db.session.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
    row = {"caller_person_id": person_id, "key": key, "request_digest": digest, "at": now()}
    db.session.execute(insert(StoredAnswer).values(row).on_conflict_do_nothing(index_elements=["caller_person_id", "key"]))
    stored = db.session.get_one(StoredAnswer, (person_id, key))
    if stored.request_digest != digest:
        raise KeyReused
    return stored


@periodic("35 3 * * *", "core.forget_answers")
def forget_answers() -> None:
    db.session.execute(delete(StoredAnswer).where(StoredAnswer.at < now() - KEPT))
