"""By the clock: once a night, when little moves; and what was decided and not sent yet is tried again."""

from sqlalchemy import select

from core.clock import now
from core.db import db
from core.jobs import periodic
from payments.reconciler.ask import ask_for_comparison
from payments.reconciler.models import Difference
from payments.reconciler.send_back_calls import send_back_nobodys


@periodic("20 3 * * *", "payments.compare_nightly")
def compare_nightly() -> None:
    ask_for_comparison(by=None, now=now())


@periodic("*/10 * * * *", "payments.look_for_nobodys")
def look_for_nobodys() -> None:
    for difference_id in db.session.scalars(select(Difference.id).where(Difference.state == "settling").order_by(Difference.id)):
        send_back_nobodys.enqueue(difference_id=difference_id)
