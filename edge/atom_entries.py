"""What an Atom entry says of an event: a title in Indonesian, a summary in English, and where to read on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from models.vocabulary import AccreditationStatus, CollaborationStatus, DeliveryStatus, PackageKind
from resolvers.audience import Hearing

QUESTION = """query Entries($ids: [ID!]!) { nodes(ids: $ids) {
  __typename id
  ... on Delivery {
    item quantity value deliveryStatus: status region { name } place { name } collaboration { number title }
    documents(first: 4) { nodes { id mediaType } }
  }
  ... on Collaboration { title number collaborationStatus: status packageKind region { name } }
  ... on Pledge { item quantity region { name } collaboration { number title } }
  ... on Place { placeName: name region { name } }
  ... on Institution { institutionName: name }
  ... on Accreditation { accreditationStatus: status packageKind institution { name } }
  ... on Agreement { agreementNumber: number endsOn institution { name } }
  ... on AuditReport { year institution { name } }
  ... on OfficeContact { office }
  ... on Release { dataset releaseVersion: version path withdrawnReason }
} }"""
"""What is shown of the subjects of all entries, as the public reads them."""

Node = Mapping[str, Any]
Words = tuple[str, str]
"""Indonesian and English."""


@dataclass(frozen=True)
class Photo:
    """A photo that the public sees, as a copy of its pixels."""

    address: str
    media_type: str


@dataclass(frozen=True)
class Entry:
    """One entry; addresses begin with `/`."""

    id: str
    updated: dt.datetime
    title: str
    summary: str
    address: str
    media_type: str
    category: str
    photos: Sequence[Photo] = ()


def entries(heard: Sequence[Hearing], nodes: Sequence[Node | None]) -> list[Entry]:
    """The entries of events whose subjects the public sees now, in their order."""
    shown = {node["id"]: node for node in nodes if node is not None}
    return [
        _entry(hearing, shown[hearing.subject_id])
        for hearing in heard
        if hearing.subject_id in shown and hearing.event.type in _WORDS
    ]


def _entry(hearing: Hearing, node: Node) -> Entry:
    event = hearing.event
    title, summary = _WORDS[event.type](node, event.payload)
    is_release = node["__typename"] == "Release"
    return Entry(
        id=f"urn:ksbb:{hearing.id}",
        updated=event.at,
        title=title,
        summary=summary,
        address=f"/data/{quote(node['path'])}" if is_release else _question_about(node),
        media_type="text/csv" if is_release and node["path"].endswith(".csv") else "application/json",
        category=event.type,
        photos=_photos(node) if event.type == "DeliveryMoved" else (),
    )


def _question_about(node: Node) -> str:
    """The address that answers with the subject as it is now: GraphQL by GET."""
    fields = {
        "Delivery": "item quantity value status deliveredOn validatedOn regionCode collaboration { id number title }",
        "Collaboration": "number title status packageKind pledgedValue regionCode",
        "Pledge": "item quantity status regionCode collaboration { id number title }",
    }.get(node["__typename"], "__typename")
    about = f'{{ node(id: "{node["id"]}") {{ id ... on {node["__typename"]} {{ {fields} }} }} }}'
    return f"/graphql?query={quote(about, safe='')}"


def _photos(node: Node) -> list[Photo]:
    """Photos of goods of a validated delivery while all who received them consent: the public sees no others."""
    return [
        Photo(f"/evidence/{document['id']}?copy=public", document["mediaType"])
        for document in node["documents"]["nodes"]
    ]


# ---- words per type of event


def _delivery(node: Node, payload: Mapping[str, Any]) -> Words:
    status = DeliveryStatus[payload["status"]]
    where = _where(node)
    amount = int(node["value"])
    collaboration = _collaboration_of(node)
    rupiah = f"{amount:,}".replace(",", ".")
    return (
        f"Realisasi {status.label_id.lower()}: {node['quantity']} {node['item']}, nilai Rp {rupiah}{where}"
        f"{collaboration}",
        f"Delivery {status.label_en.lower()}: {node['quantity']} {node['item']}, value Rp {amount:,}{where}"
        f"{collaboration}",
    )


def _collaboration(node: Node, payload: Mapping[str, Any]) -> Words:
    status, kind = CollaborationStatus[payload["status"]], PackageKind[node["packageKind"]]
    named = f"{node['title']} ({node['number']})" if node["number"] else node["title"]
    return (
        f"Kolaborasi {status.label_id.lower()}: {named}, {kind.label_id}{_where(node)}",
        f"Collaboration {status.label_en.lower()}: {named}, {kind.label_en}{_where(node)}",
    )


def _pledge(node: Node, _: Mapping[str, Any]) -> Words:
    what = f"{node['quantity']} {node['item']}{_where(node)}{_collaboration_of(node)}"
    return f"Komitmen kedaluwarsa: {what}", f"Pledge expired: {what}"


def _place(node: Node, _: Mapping[str, Any]) -> Words:
    what = f"{node['placeName']}{_where(node)}"
    return f"Lokasi didaftarkan: {what}", f"Site registered: {what}"


def _institution(node: Node, _: Mapping[str, Any]) -> Words:
    return f"Data lembaga berubah: {node['institutionName']}", f"Institution updated: {node['institutionName']}"


def _accreditation(node: Node, payload: Mapping[str, Any]) -> Words:
    status = AccreditationStatus[payload.get("status") or node["accreditationStatus"]]
    kind, body = PackageKind[node["packageKind"]], node["institution"]["name"]
    return (
        f"Akreditasi {status.label_id.lower()}: {body}, {kind.label_id}",
        f"Accreditation {status.label_en.lower()}: {body}, {kind.label_en}",
    )


def _agreement(node: Node, _: Mapping[str, Any]) -> Words:
    body, number, until = node["institution"]["name"], node["agreementNumber"], node["endsOn"]
    return (
        f"Perjanjian kerja sama ditandatangani: {body}, {number}, sampai {until}",
        f"Agreement signed: {body}, {number}, until {until}",
    )


def _audit_report(node: Node, _: Mapping[str, Any]) -> Words:
    body, year = node["institution"]["name"], node["year"]
    return f"Laporan audit diserahkan: {body}, tahun {year}", f"Audited report handed in: {body}, year {year}"


def _office(node: Node, _: Mapping[str, Any]) -> Words:
    return f"Kontak kantor diumumkan: {node['office']}", f"Contact of an office published: {node['office']}"


def _release(node: Node, _: Mapping[str, Any]) -> Words:
    named = f"{node['dataset']} {node['releaseVersion']}"
    if node["withdrawnReason"]:
        return f"Rilis data yang ditarik: {named}", f"Withdrawn release of data: {named}"
    return f"Rilis data terbuka terbit: {named}", f"Open data released: {named}"


def _withdrawal(node: Node, _: Mapping[str, Any]) -> Words:
    named, reason = f"{node['dataset']} {node['releaseVersion']}", node["withdrawnReason"]
    return f"Rilis data terbuka ditarik: {named}. {reason}", f"Open data withdrawn: {named}. {reason}"


_WORDS: Mapping[str, Callable[[Node, Mapping[str, Any]], Words]] = {
    "DeliveryMoved": _delivery,
    "CollaborationMoved": _collaboration,
    "PledgeExpired": _pledge,
    "PlaceRegistered": _place,
    "InstitutionUpdated": _institution,
    "AccreditationMoved": _accreditation,
    "AccreditationEnded": _accreditation,
    "AgreementSigned": _agreement,
    "AuditReportSubmitted": _audit_report,
    "OfficeContactPublished": _office,
    "ReleasePublished": _release,
    "ReleaseWithdrawn": _withdrawal,
}
"""By the type of the event; others have no entry."""


def _where(node: Node) -> str:
    parts = [found["name"] for found in (node.get("place"), node["region"]) if found]
    return f", {', '.join(parts)}" if parts else ""


def _collaboration_of(node: Node) -> str:
    found = node["collaboration"]
    return f" ({found['number'] or found['title']})" if found else ""
