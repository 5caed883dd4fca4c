"""Deliveries, who received them, trainings, documents and validations."""

from models.delivery import Attendance as AttendanceRow
from models.delivery import Delivery as Row
from models.delivery import DeliveryRecipient as DeliveryRecipientRow
from models.delivery import Document as DocumentRow
from models.delivery import TrainingSession as TrainingSessionRow
from models.delivery import Validation as ValidationRow
from resolvers.catalogue import noun

DELIVERY = noun(
    Row,
    "Delivery",
    plural="deliveries",
    about="A report that aid was handed over (realisasi, form C).",
    fields={
        Row.region_code: "Kemendagri code of the kelurahan (kode wilayah).",
        Row.package_kind: "Kind of help (jenis paket).",
        Row.item: "Goods or training delivered (barang atau pelatihan).",
        Row.quantity: "How many were delivered (jumlah).",
        Row.extra_quantity: "How many beyond the pledge (jumlah tambahan).",
        Row.value: "Value in whole rupiah (nilai).",
        Row.scheduled_on: "Day it was planned for (jadwal).",
        Row.delivered_on: "Day of the handover (tanggal penyerahan).",
        Row.reported_at: "When it was reported (dilaporkan pada).",
        Row.validated_on: "Day an officer validated it (divalidasi pada).",
        Row.status: "State of the report (status realisasi).",
        Row.status_reason: "Why it was sent back, called off or reversed (alasan).",
        Row.override_reason: "Why the same goods went to the same business within 90 days (alasan pengecualian).",
        Row.storage_note: "Where the goods lie until then, in words (catatan penyimpanan).",
        Row.storage_offered_on: "Day the kelurahan offered a place to store the goods (tempat penyimpanan pada).",
    },
)

DELIVERY_RECIPIENT = noun(
    DeliveryRecipientRow,
    "DeliveryRecipient",
    plural="deliveryRecipients",
    about="A business that received a share of a delivery (penerima).",
    fields={
        DeliveryRecipientRow.region_code: "Kemendagri code of the kelurahan (kode wilayah).",
        DeliveryRecipientRow.package_kind: "Kind of help (jenis paket).",
        DeliveryRecipientRow.quantity: "How many it received (jumlah).",
        DeliveryRecipientRow.scheduled_on: "Day it was planned for (jadwal).",
        DeliveryRecipientRow.received_on: "Day it was received (diterima pada).",
        DeliveryRecipientRow.days_since_previous: "Days since it last received goods (hari sejak bantuan sebelumnya).",
    },
)

TRAINING_SESSION = noun(
    TrainingSessionRow,
    "TrainingSession",
    plural="trainingSessions",
    about="A training that was held (sesi pelatihan).",
    fields={
        TrainingSessionRow.topic: "Topic (topik).",
        TrainingSessionRow.kind: "Hard or soft skills (jenis pelatihan).",
        TrainingSessionRow.mode: "Online or offline (moda).",
        TrainingSessionRow.held_on: "Day it was held (tanggal).",
    },
)

ATTENDANCE = noun(
    AttendanceRow,
    "Attendance",
    plural="attendances",
    about="Whether an invited owner came to a training (kehadiran).",
    fields={
        AttendanceRow.region_code: "Kemendagri code of the kelurahan (kode wilayah).",
        AttendanceRow.attended: "Whether the owner came (hadir).",
    },
)

DOCUMENT = noun(
    DocumentRow,
    "Document",
    plural="documents",
    about="A file of evidence (dokumen bukti).",
    fields={
        DocumentRow.kind: "Kind of document (jenis dokumen).",
        DocumentRow.region_code: "Kemendagri code of the region (kode wilayah).",
        DocumentRow.media_type: "Media type (tipe berkas).",
        DocumentRow.size_bytes: "Size in bytes (ukuran).",
        DocumentRow.uploaded_on: "Day of upload (diunggah pada).",
        DocumentRow.sha256: "SHA-256 of the file in hexadecimal digits (sidik berkas).",
    },
)

VALIDATION = noun(
    ValidationRow,
    "Validation",
    plural="validations",
    about="An officer's check of a delivery or disbursement (validasi).",
    fields={
        ValidationRow.region_code: "Kemendagri code of the kelurahan (kode wilayah).",
        ValidationRow.validated_on: "Day of the check (tanggal validasi).",
        ValidationRow.accepted: "Whether the officer accepted it (diterima).",
        ValidationRow.received_amount: "What the owner says was received of a loan, if not that (nilai diterima).",
        ValidationRow.received_quantity: "How many were counted of a delivery, if not that (jumlah diterima).",
        ValidationRow.note: "Remark (catatan).",
    },
)
