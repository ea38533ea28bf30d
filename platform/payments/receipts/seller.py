"""What a payee states about themselves as the seller: name, address, tax. Statements are only added, so that an old receipt keeps the one it was made under."""

import uuid
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.orm import Mapped, mapped_column

from core import audit
from core.crypto import sealed_json
from core.db import Base, HasPublicId, db
from core.errors import Invalid

MOST_POINTS = 5_000  # hundredths of a percent


@dataclass(frozen=True, slots=True)
class Seller:
    """`tax_points` hundredths of a percent are in every price, None where no tax is; `tax_name` is what it is called (VAT); `tax_note` says what else has to be
    said, such as why there is none."""

    name: str
    address: str = ""
    tax_number: str = ""
    tax_name: str = ""
    tax_points: int | None = None
    tax_note: str = ""

    def tax_in(self, amount: int) -> int:
        """The tax that is in `amount` minor units, rounded half up."""
        points = self.tax_points or 0
        return (2 * amount * points + 10_000 + points) // (2 * (10_000 + points))


class SellerStatement(Base, HasPublicId):
    """One statement of a payee, in force from `stated_at` until their next."""

    __tablename__ = "seller_statements"
    __table_args__ = (Index(None, "person_id", "stated_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    stated_at: Mapped[datetime]
    seller_sealed: Mapped[bytes]
    seller = sealed_json("seller_sealed")


def state_seller(person_id: int, seller: Seller, *, now: datetime) -> Seller:
    """From now on. Invalid for a tax that has a rate and no name."""
    if seller.tax_points is not None and not seller.tax_name:
        raise Invalid(errors={"tax_name": ["Say what the tax is called."]})
    if seller_at(person_id, now) == seller:
        return seller
    statement = SellerStatement(public_id=uuid.uuid4(), person_id=person_id, stated_at=now)
    statement.seller = asdict(seller)
    db.session.add(statement)
    db.session.flush()
    audit.record("payments.seller_stated", subject=("seller_statement", statement.id))
    return seller


def seller_at(person_id: int, at: datetime) -> Seller | None:
    """What they had stated at that time; who stated nothing until later is shown as they stated first."""
    mine = select(SellerStatement).where(SellerStatement.person_id == person_id)
    before = mine.where(SellerStatement.stated_at <= at).order_by(SellerStatement.stated_at.desc(), SellerStatement.id.desc()).limit(1)
    found = db.session.scalars(before).first() or db.session.scalars(mine.order_by(SellerStatement.stated_at, SellerStatement.id).limit(1)).first()
    return Seller(**found.seller) if found is not None and found.seller is not None else None
