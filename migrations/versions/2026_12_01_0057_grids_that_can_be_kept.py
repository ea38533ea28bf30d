"""A grid counted from the full hour has a step that fits into hours: a service with another one could not be booked at all, and nobody was told."""

from alembic import op

revision = "0057_grids_that_can_be_kept"
down_revision = "0056_changes_of_openings"
branch_labels = None
depends_on = None

FITS = "mod(60, coalesce(step_minutes, minutes)) = 0 OR mod(coalesce(step_minutes, minutes), 60) = 0"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute(f"UPDATE services SET align = 'window' WHERE align = 'hour' AND NOT ({FITS})")
    op.create_check_constraint(op.f("ck_services_grid_can_be_kept"), "services", f"align = 'window' OR {FITS}")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_constraint(op.f("ck_services_grid_can_be_kept"), "services", type_="check")
