"""Red flags: what somebody should look at."""

from models.red_flag import RedFlag as Row
from resolvers.catalogue import noun

RED_FLAG = noun(
    Row,
    "RedFlag",
    plural="redFlags",
    about="Something that no rule forbids and somebody should look at (tanda bahaya).",
    fields={
        Row.kind: "What was found (jenis).",
        Row.region_code: "Kemendagri code of the region (kode wilayah).",
        Row.found_on: "Day it was found (ditemukan pada).",
        Row.status: "State (status).",
        Row.reason: "Why it was dismissed (alasan).",
    },
)
