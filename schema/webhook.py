"""Webhooks of partner agencies, and the log of what was sent to them."""

from models.webhook import Subscription as SubscriptionRow
from models.webhook import WebhookDelivery as DeliveryRow
from resolvers.catalogue import noun

SUBSCRIPTION = noun(
    SubscriptionRow,
    "AgencySubscription",
    plural="agencySubscriptions",
    about="A partner agency's subscription to updates, a webhook (langganan).",
    fields={
        SubscriptionRow.name: "Name of the subscription (nama).",
        SubscriptionRow.active: "Whether it is served (aktif).",
        SubscriptionRow.paused: "Why it is not served, if so (sebab berhenti).",
        SubscriptionRow.role: "Role whose rights are checked at every delivery (peran).",
        SubscriptionRow.area: "Kemendagri code of the owner's area, of a role that has one (wilayah).",
        SubscriptionRow.agency: "Agency of the owner, of DINAS (instansi).",
        SubscriptionRow.event_types: "Types of events it sends, separated by blanks; empty: all (jenis peristiwa).",
        SubscriptionRow.region_codes: "Regions whose events it sends, separated by blanks; empty: all (kode wilayah).",
        SubscriptionRow.target_host: "Host that it is sent to (host penerima).",
        SubscriptionRow.created_on: "Day it was registered (didaftarkan pada).",
        SubscriptionRow.ended_on: "Day it was ended, if it was (berakhir pada).",
    },
)

WEBHOOK_DELIVERY = noun(
    DeliveryRow,
    "WebhookDelivery",
    plural="webhookDeliveries",
    about="One event on its way to one webhook; those in state DEAD are the dead letters (pengiriman webhook).",
    fields={
        DeliveryRow.message_id: "The `webhook-id` of every attempt (pengenal pesan).",
        DeliveryRow.event_type: "Type of the event (jenis peristiwa).",
        DeliveryRow.state: "How far it has come (status).",
        DeliveryRow.attempts: "How often it was tried (jumlah percobaan).",
        DeliveryRow.last_status: "HTTP status of the last answer, if there was one (status HTTP terakhir).",
        DeliveryRow.problem: "What went wrong at the last attempt (penyebab gagal).",
        DeliveryRow.created_at: "When it was queued (masuk antrean).",
        DeliveryRow.first_at: "When it was tried first (percobaan pertama).",
        DeliveryRow.next_at: "When it is tried next, while it waits (percobaan berikutnya).",
        DeliveryRow.delivered_at: "When the receiver took it (terkirim).",
    },
)
