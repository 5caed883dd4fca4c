"""The views of a file on its page: which plugin of CKAN draws it, its title in both languages, and its settings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from publishing.package import DESCRIPTOR
from publishing.portals.ckan.files import File
from publishing.portals.ckan.tables import label_of

_ENGINE = "plotly"
"""The only one of its engines that adds up rows, tells colours apart and leaves an empty value empty."""

_ALL_ROWS = 1_000_000
"""The most that ckanext-charts takes; by itself it stops after 1,000 rows, and sums would be of some of them."""


@dataclass(frozen=True)
class View:
    """A view by the name of its plugin; with an `id`, it is on the portal but says something else."""

    type: str
    title: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    id: str = ""

    def described(self, file: File) -> dict[str, Any]:
        """What CKAN is told of it."""
        known = {"id": self.id} if self.id else {}
        return {**known, "resource_id": file.id, "view_type": self.type, "title": self.title, **self.settings}

    def change_of(self, file: File) -> str:
        """What is to be done, for people."""
        return f"change {self.type} of {file.name}" if self.id else f"add {self.type} to {file.name}"


TABLE_VIEW = View("datatables_view", "Tabel / Table")
TEXT_VIEW = View("text_view", "Isi / Content")
MAP_VIEW = View("geojson_view", "Peta / Map")
CHART_TYPE = "charts_view"


def views_of(file: File) -> Iterator[View]:
    """The views that fit a file."""
    if file.table:
        yield TABLE_VIEW
        if file.chart:
            yield chart_view(file.chart, file.table.schema)
    if file.about.get("format") == "GeoJSON":
        yield MAP_VIEW
    if file.name == DESCRIPTOR:
        yield TEXT_VIEW


def chart_view(chart: Mapping[str, Any], schema: Mapping[str, Any]) -> View:
    """A chart of a table, in the words of ckanext-charts; an empty setting takes an earlier one away."""
    title = f"{chart['title']} / {chart['title_en']}"
    columns = {column["name"]: column for column in schema["fields"]}
    unit = columns[chart["y"]].get("satuan", "")
    settings = {
        "engine": _ENGINE,
        "type": "Bar",
        "x": chart["x"],
        "y": chart["y"],
        "color": chart.get("group", ""),
        "filter": "|".join(f"{name}:{value}" for name, value in chart.get("only", {}).items()),
        "sort_x": True,
        "limit": _ALL_ROWS,
        "chart_title": title,
        "x_axis_label": label_of(columns[chart["x"]]),
        "y_axis_label": label_of(columns[chart["y"]]) + (f" ({unit})" if unit else ""),
    }
    return View(CHART_TYPE, title, settings)


def missing(wanted: Iterable[View], found: Sequence[Mapping[str, Any]]) -> Iterator[View]:
    """The views that are not there yet, and those that are there but say something else."""
    there = {(view["view_type"], view["title"]): view for view in found}
    for view in wanted:
        same = there.get((view.type, view.title))
        if same is None:
            yield view
        elif any((same.get(name) or "") != value for name, value in view.settings.items()):
            yield replace(view, id=str(same["id"]))
