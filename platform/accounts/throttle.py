"""Attempts are rows, so that every process counts together and a refusal cannot uncount them.

Two ways to count. `count_attempt`: so many in a window. `begin_try`: consecutive failures, each making the next wait longer; nobody is locked out for
good, because a right answer or a reset by mail clears the count, and a browser that signed in before is counted apart from strangers.
Keys are kept as digests: they may stand for an address.
"""

import hashlib
import ipaddress
import math
from datetime import datetime, timedelta

from sqlalchemy import case, delete, select
from sqlalchemy.dialects.postgresql import insert

from accounts.models import Throttle
from core.db import after_refusal, db
from core.errors import TooMany

FREE_TRIES = 5
LONGEST_WAIT = timedelta(minutes=15)
# NIST SP 800-63B-4, 3.2.2: no more than 100 consecutive failures on one account.
MOST_TRIES = 100
# Mail that somebody asks for, whoever asks and for whatever reason: so much for one address.
MAILS_TO_ONE, MAIL_WINDOW = 5, timedelta(hours=1)
# And so much from one origin.
ASKED_FROM_ONE, ASKING_WINDOW = 60, timedelta(hours=1)


class TriesUsedUp(TooMany):
    code, detail = "use_reset_link", "There were too many wrong passwords for this address. Ask for a link to set a new password; it comes by mail."


def count_attempt(key: str, *, limit: int, window: timedelta, now: datetime) -> None:
    """One more attempt under this key; TooMany with the seconds to wait once there were `limit` since the window began.

    The attempt counts also when the transaction is refused for another reason and rolled back.
    """
    attempts, started = _count(key, window=window, now=now)
    after_refusal(lambda: _recount(key, window=window, now=now))
    if attempts > limit:
        raise TooMany(retry_after=max(1, math.ceil((started + window - now).total_seconds())))


def count_mail_to(address: str, *, now: datetime) -> None:
    """One more mail to this address; TooMany after `MAILS_TO_ONE` in an hour. Anybody can name anybody's address."""
    count_attempt(f"mail_to:{address}", limit=MAILS_TO_ONE, window=MAIL_WINDOW, now=now)


def count_asking(address: str, *, remote_addr: str | None, now: datetime) -> None:
    """Somebody asks for a mail to this address: one more from their origin, and one more to it. TooMany."""
    count_attempt(f"asked_from:{origin_of(remote_addr)}", limit=ASKED_FROM_ONE, window=ASKING_WINDOW, now=now)
    count_mail_to(address, now=now)


def begin_try(key: str, *, now: datetime) -> None:
    """Count a try before it is known whether it is right; commit it before looking. `forget_tries` after a right one.

    The first `FREE_TRIES` need no pause; then the pause doubles from one second to `LONGEST_WAIT`. TooMany with the seconds still to wait, or
    `TriesUsedUp` after `MOST_TRIES` failures in a row.
    """
    new = insert(Throttle).values(key=_digest(key), window_starts_at=now, attempts=0).on_conflict_do_nothing()
    db.session.execute(new)
    # The row lock makes parallel tries take turns.
    row = db.session.execute(select(Throttle).where(Throttle.key == _digest(key)).with_for_update().execution_options(populate_existing=True)).scalar_one()
    if row.attempts >= MOST_TRIES:
        raise TriesUsedUp
    pause = pause_after(row.attempts)
    # A try that began later may have had its turn first: without a pause to keep, its time does not matter.
    if pause and now < row.window_starts_at + pause:
        raise TooMany(retry_after=math.ceil((row.window_starts_at + pause - now).total_seconds()))
    row.attempts += 1
    row.window_starts_at = max(now, row.window_starts_at)


def pause_after(failures: int) -> timedelta:
    """How long to wait after so many failures in a row."""
    if failures < FREE_TRIES:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(failures - FREE_TRIES, 20)), LONGEST_WAIT)


def forget_tries(*keys: str) -> None:
    """The person has shown who they are."""
    db.session.execute(delete(Throttle).where(Throttle.key.in_([_digest(key) for key in keys])))


def origin_of(remote_address: str | None) -> str:
    """What counts as one origin: an IPv4 address, or the /64 network of an IPv6 address, which one household has to itself."""
    try:
        address = ipaddress.ip_address(remote_address or "")
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _count(key: str, *, window: timedelta, now: datetime) -> tuple[int, datetime]:
    is_over = Throttle.window_starts_at <= now - window
    count = (
        insert(Throttle)
        .values(key=_digest(key), window_starts_at=now, attempts=1)
        .on_conflict_do_update(
            index_elements=["key"],
            set_={
                "attempts": case((is_over, 1), else_=Throttle.attempts + 1),
                "window_starts_at": case((is_over, now), else_=Throttle.window_starts_at),
            },
        )
        .returning(Throttle.attempts, Throttle.window_starts_at)
    )
    attempts, started = db.session.execute(count).one()
    return attempts, started


def _recount(key: str, *, window: timedelta, now: datetime) -> None:
    _count(key, window=window, now=now)


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
