"""Look into the ledger after a journey: what stands on each account, and whether all that is about money holds."""

from __future__ import annotations

from commands.check import check
from commands.invariants.all import invariants
from commands.trace import trace
from models.ledger import Account
from models.writing import writing
from tests.acting import Acting

ABOUT_MONEY = {4, 5, 6, 7, 8, 9, 10, 13, 14, 19}


async def books(acting: Acting, loan: str) -> dict[Account, int]:
    """The balances of the collaboration of a loan, after facts and ledger were found to agree and all rules to hold."""
    number = await acting.tables.fetchval(
        "select number from ksbb.collaboration c join ksbb.loan l on l.collaboration_id = c.id where l.public_id = $1",
        loan,
    )
    async with writing(acting.city.server.uri()) as connection:
        made = await trace(connection, number)
        checked = await check(connection, (one for one in invariants() if one.number in ABOUT_MONEY))
    assert made.differences == {}
    assert [(f.rule, f.ids) for one in checked for f in one.findings if f.offending] == []
    return {account: amount for account, amount in made.balances.items() if amount}
