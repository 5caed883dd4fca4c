"""Small releases made by hand: every type of column, a foreign key, other formats."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from publishing.package import DESCRIPTOR, json_text
from publishing.release.released import Released

PLACES = "kode,nama,luas\n31.71,Jakarta Pusat,48.13\n31.72,Jakarta Utara,\n"
AID = "id,kode_wilayah,jumlah,tanggal,aktif\nA-1,31.71,5000000,2020-07-01,true\nA-2,31.72,,2020-08-17,false\n"
MORE_AID = AID + "A-3,31.71,7000000,2020-09-01,true\n"
CHART = {"title": "Bantuan menurut tanggal", "title_en": "Help by day", "x": "tanggal", "y": "jumlah"}
MAP = '{"type": "FeatureCollection", "features": []}'


@dataclass(frozen=True)
class Made:
    """Makes releases of one package. `places` and `aid` are its two datasets on the portal."""

    root: Path
    package: str

    @property
    def places(self) -> str:
        """The dataset that the other one refers to."""
        return f"{self.package}-wilayah"

    @property
    def aid(self) -> str:
        """The dataset that changes from release to release."""
        return f"{self.package}-bantuan"

    def release(
        self,
        number: int,
        aid: str = AID,
        *,
        formats: Mapping[str, str] | None = None,
        places: str | None = PLACES,
        chart: Mapping[str, Any] | None = None,
    ) -> Released:
        """A release with some content; `formats` are other files of `bantuan` by their names, `chart` its chart."""
        version = f"1.0.{number}"
        folder = self.root / self.package / version
        (folder / "data").mkdir(parents=True)
        drawn = {"chart": chart} if chart else {}
        resources = [_aid(folder, aid, formats or {}, refers=places is not None) | drawn]
        if places is not None:
            resources.append(_places(folder, places))
        described = _package(self.package, version, resources)
        (folder / DESCRIPTOR).write_text(json_text(described), encoding="utf-8")
        return Released(folder, json.loads((folder / DESCRIPTOR).read_text(encoding="utf-8")))


def _package(name: str, version: str, resources: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": name,
        "title": "Paket uji",
        "title_en": "Package of a test",
        "version": version,
        "keywords": ["umkm", "kuliner/minuman", "jakarta"],
        "licenses": [{"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}],
        "contributors": [{"title": "Pemerintah Contoh", "roles": ["publisher"]}],
        "resources": list(resources),
    }


def _aid(folder: Path, rows: str, formats: Mapping[str, str], *, refers: bool) -> dict[str, Any]:
    fields = [_field("id", "string"), _field("kode_wilayah", "string"), _field("jumlah", "integer", satuan="IDR")]
    fields += [_field("tanggal", "date"), _field("aktif", "boolean")]
    to_places = {"fields": ["kode_wilayah"], "reference": {"resource": "wilayah", "fields": ["kode"]}}
    described = _table(folder, "bantuan", rows, fields, "id") | {"cadence": "harian", "cadence_en": "daily"}
    if refers:
        described["schema"]["foreignKeys"] = [to_places]
    others = [_content(folder, name, text) | {"format": name.rpartition(".")[2]} for name, text in formats.items()]
    return described | ({"formats": others} if others else {})


def _places(folder: Path, rows: str) -> dict[str, Any]:
    fields = [_field("kode", "string"), _field("nama", "string"), _field("luas", "number", satuan="km2")]
    return _table(folder, "wilayah", rows, fields, "kode")


def _table(folder: Path, name: str, rows: str, fields: Sequence[Mapping[str, Any]], key: str) -> dict[str, Any]:
    return {
        "name": name,
        "type": "table",
        **_content(folder, f"{name}.csv", rows),
        "title": name.capitalize(),
        "title_en": f"{name} in English",
        "description": f"Isi {name}.",
        "description_en": f"Content of {name}.",
        "grain": "satu baris per kode",
        "grain_en": "one row per code",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "rows": rows.count("\n") - 1,
        "schema": {"fields": list(fields), "primaryKey": [key], "missingValues": [""]},
    }


def _field(name: str, kind: str, **more: str) -> dict[str, Any]:
    return {"name": name, "type": kind, "title": name.capitalize(), "description": f"Arti {name}.", **more}


def _content(folder: Path, name: str, text: str) -> dict[str, Any]:
    content = text.encode()
    (folder / "data" / name).write_bytes(content)
    return {"path": f"data/{name}", "bytes": len(content), "hash": f"sha256:{hashlib.sha256(content).hexdigest()}"}
