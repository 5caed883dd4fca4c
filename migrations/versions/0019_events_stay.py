"""An event stays as it was written: it gets its position once, and leaves the table only with one."""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"

_S = "ksbb"
_WRITTEN = ("id", "at", "type", "version", "subject_kind", "subject_id", "region_code", "institutions", "entry")
"""All columns but position; payload is compared as text, since `json` knows no equality."""


def upgrade() -> None:
    """Refuse it to the owner of the tables too, whom no grant stops; the function came with the ledger."""
    old, new = (", ".join((*(f"{row}.{c}" for c in _WRITTEN), f"{row}.payload::text")) for row in ("old", "new"))
    _refuse("update", f"row when (old.position is not null or ({old}) is distinct from ({new}))")
    _refuse("delete", "row when (old.position is null)")
    _refuse("truncate", "statement")


def _refuse(act: str, when: str) -> None:
    op.execute(
        f"create trigger event_refuses_{act} before {act} on {_S}.event for each {when}"
        f" execute function {_S}.refuse_change()"
    )
