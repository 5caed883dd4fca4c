"""Public order sees which deliveries come to its area on a day, and where."""

from __future__ import annotations

import pytest

from policy.viewer import Role, Viewer
from tests.conftest import Asking

ON_A_DAY = """
query ($area: RegionCode!, $day: Date!) {
  deliveries(filter: {scheduledOn: {eq: $day}, regionCode: {within: $area}}) {
    nodes {
      item deliveredOn place { name point }
      recipients { nodes { recipient { address point } } }
    }
  }
}
"""
AWAITED = """
{ deliveries(filter: {recipients: {some: {}}}, orderBy: {field: SCHEDULED_ON}) { nodes { scheduledOn regionCode } } }
"""
BY_DAY = """
query ($by: [DeliveryDimension!]!, $area: RegionCode!) {
  deliveryGroups(by: $by, filter: {regionCode: {within: $area}}) { keys { scheduledOnDay placeName } count }
}
"""


def public_order(area: str) -> Viewer:
    return Viewer(Role.SATPOL_PP, f"satpol-{area}", area=area)


async def test_a_delivery_at_a_site_is_found_by_day_with_the_point_of_the_site(ask: Asking) -> None:
    answer = await ask(public_order("31.75.02"), ON_A_DAY, {"area": "31.75.02", "day": "2021-12-09"})
    (delivery,) = answer["data"]["deliveries"]["nodes"]
    assert delivery["place"]["name"]
    assert delivery["place"]["point"]["type"] == "Point"


async def test_a_delivery_to_businesses_is_found_by_day_with_their_addresses_until_it_is_made(ask: Asking) -> None:
    answer = await ask(public_order("31.74.07"), ON_A_DAY, {"area": "31.74.07", "day": "2022-01-05"})
    (delivery,) = answer["data"]["deliveries"]["nodes"]
    assert delivery["deliveredOn"] is None
    awaiting = delivery["recipients"]["nodes"]
    assert len(awaiting) == 4
    assert all(row["recipient"]["address"] and row["recipient"]["point"] for row in awaiting)
    elsewhere = await ask(public_order("31.75.02"), ON_A_DAY, {"area": "31.74.07", "day": "2022-01-05"})
    assert elsewhere["data"]["deliveries"]["nodes"] == []


async def test_what_is_awaited_in_the_own_area_is_found_without_naming_it(ask: Asking) -> None:
    found = (await ask(public_order("31.74.07"), AWAITED))["data"]["deliveries"]["nodes"]
    assert [row["scheduledOn"] for row in found] == ["2022-01-02", "2022-01-05", "2022-01-08", "2022-01-16"]
    assert {row["regionCode"][:8] for row in found} == {"31.74.07"}


@pytest.mark.parametrize("role", [Role.SATPOL_PP, Role.WILAYAH, Role.PUBLIK])
async def test_a_schedule_is_counted_by_day_and_place(ask: Asking, role: Role) -> None:
    answer = await ask(role, BY_DAY, {"by": ["SCHEDULED_ON_DAY", "PLACE"], "area": "31.75.07"})
    counted = [
        (g["keys"]["scheduledOnDay"], g["keys"]["placeName"] is None, g["count"])
        for g in answer["data"]["deliveryGroups"]
    ]
    assert counted[:2] == [("2021-06-16", True, 1), ("2021-06-20", True, 1)]
    assert counted[2][0] == "2021-06-22"
    assert sum(count for _, _, count in counted) == 4
