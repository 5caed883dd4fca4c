"""The page of a file on the portal, as anybody's browser gets it, and the chart and the map that are on it."""

from __future__ import annotations

import base64
import csv
import html
import io
import json
import re
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import requests

from tests.ckan.site import Portal

_CHART = re.compile(r'data-module="charts-render-plotly"\s+data-module-config="([^"]*)"')
_NUMBERS = {"i1": "b", "u1": "B", "i2": "h", "u2": "H", "i4": "i", "u4": "I", "f4": "f", "f8": "d"}
"""The types in which plotly writes numbers, as `array` calls them."""


def view_of(site: Portal, file_id: str, view_type: str) -> Mapping[str, Any]:
    """The one view of this type that a file has."""
    [view] = [view for view in site.ask("resource_view_list", id=file_id) if view["view_type"] == view_type]
    return dict(view)


def page_of(site: Portal, view: Mapping[str, Any]) -> str:
    """The page on which a view is shown within the portal."""
    at = f"{site.url}/dataset/{view['package_id']}/resource/{view['resource_id']}"
    return _got(f"{at}?view_id={view['id']}")


def frame_of(site: Portal, view: Mapping[str, Any]) -> str:
    """The page of the view alone, which other sites embed."""
    return _got(f"{site.url}/dataset/{view['package_id']}/resource/{view['resource_id']}/view/{view['id']}")


def scripts(site: Portal, page: str) -> str:
    """All that the scripts of a page say; each is served."""
    return "\n".join(_got(f"{site.url}{source}") for source in re.findall(r'<script[^>]*\ssrc="(/[^"]*)"', page))


def chart_on(page: str) -> Mapping[str, Any] | None:
    """The chart that the page hands to its script."""
    found = _CHART.search(page)
    return json.loads(html.unescape(found[1])) if found else None


def bars(page: str) -> dict[str, float]:
    """How high the bars of a chart stand, by what stands below them, all colours together."""
    chart = chart_on(page)
    assert chart is not None
    heights: Counter[str] = Counter()
    for trace in chart["data"]:
        for below, height in zip(_values(trace["x"]), _values(trace["y"]), strict=True):
            heights[str(below).removesuffix(".0")] += 0 if height is None or height != height else height
    return dict(heights)


def expected_bars(content: bytes, chart: Mapping[str, Any]) -> dict[str, float]:
    """What the bars of a chart must be, from the file itself."""
    heights: Counter[str] = Counter()
    for row in csv.DictReader(io.StringIO(content.decode())):
        if all(row[name] == value for name, value in chart.get("only", {}).items()):
            heights[row[chart["x"]]] += int(row[chart["y"]] or 0)
    return dict(heights)


def _values(told: Any) -> Sequence[Any]:
    if isinstance(told, dict):
        return array(_NUMBERS[told["dtype"]], base64.b64decode(told["bdata"]))
    return list(told)


def _got(address: str) -> str:
    answer = requests.get(address, timeout=60)
    assert answer.status_code == requests.codes.ok, (address, answer.status_code)
    return answer.text
