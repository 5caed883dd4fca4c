"""What form A says of the donor and of who distributes, as it was when the form was filled in (Formulir Konfirmasi).

It is kept in `Pledge.form`, which is FREE_TEXT: read by the donor and the distributor of the pledge, Biro KSD and the
inspectorate, absent for everybody else. Still no name of a donor and no contact of anybody goes in: a copy would
outlive the consent to be named, and an erasure. Donors are kept by public identifier and kind; of a distributing
institution, which is a legal body in a public directory, also name and permit as they were that day. Contacts are said
by where they stand, and read there under the policy.
Source: Instruksi Sekda DKI 56/2020, Lampiran II B2: the data of the distributor are a copy when the donor is its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from commands.work import Work
from models.collaborator import Collaborator
from models.institution import Institution


async def form_a(work: Work, donor: Collaborator, distributor_id: UUID | None) -> Mapping[str, Any]:
    """Form A of a donor that distributes by itself (None) or through an institution."""
    giver = {"id": donor.public_id, "jenis": donor.kind.value, "kontak_pada": donor.public_id}
    if distributor_id is None:
        copy = {"disalin_dari": "kolaborator", **giver}
        return {"formulir": "A", "penyalur": "mandiri", "kolaborator": giver, "data_penyalur": copy}
    (institution,) = await work.rows(Institution, Institution.id == distributor_id)
    body = {
        "id": institution.public_id,
        "jenis": institution.kind.value,
        "nama": institution.name,
        "bentuk_hukum": institution.legal_form,
        "nomor_izin": institution.permit_number,
        "kontak_pada": institution.public_id,
    }
    return {"formulir": "A", "penyalur": "lembaga", "kolaborator": giver, "data_penyalur": body}
