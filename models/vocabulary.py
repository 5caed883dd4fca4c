"""Closed lists of codes (kode acuan): member name and value are the official code, both labels beside it."""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """A code of a closed list, with its Indonesian and English label.

    Each list names its source in its docstring; the codes never change meaning.
    """

    label_id: str
    label_en: str

    def __new__(cls, code: str, label_id: str, label_en: str) -> Code:
        member = str.__new__(cls, code)
        member._value_ = code
        member.label_id = label_id
        member.label_en = label_en
        return member


class Programme(Code):
    """Program KSBB. Source: Kumparan, 24 Nov 2021."""

    PANGAN = "PANGAN", "KSBB Pangan", "Food"
    UMKM = "UMKM", "KSBB UMKM", "MSME"
    PENDIDIKAN = "PENDIDIKAN", "KSBB Pendidikan", "Education"
    PERSAMPAHAN = "PERSAMPAHAN", "KSBB Persampahan", "Waste"
    PERMUKIMAN = "PERMUKIMAN", "KSBB Permukiman", "Settlement"
    KETENAGAKERJAAN = "KETENAGAKERJAAN", "KSBB Ketenagakerjaan", "Employment"


class PackageKind(Code):
    """Jenis paket. Source: corona.jakarta.go.id, Aug 2020; Instruksi Sekda DKI 56/2020."""

    SARPRAS = "SARPRAS", "Paket Sarana dan Prasarana", "Facilities and infrastructure package"
    PINJAMAN_MODAL = "PINJAMAN_MODAL", "Paket Pinjaman Modal", "Capital loan package"
    PELATIHAN = "PELATIHAN", "Paket Pelatihan", "Training package"


class TrainingKind(Code):
    """Jenis pelatihan. Source: corona.jakarta.go.id, Aug 2020."""

    KERAS = "KERAS", "Keterampilan teknis", "Hard skills"
    LUNAK = "LUNAK", "Keterampilan nonteknis", "Soft skills"


class TrainingMode(Code):
    """Moda pelatihan. Source: Kompas, Oct 2020."""

    DARING = "DARING", "Daring (online)", "Online"
    LURING = "LURING", "Luring (offline)", "Offline"


class CollaborationStatus(Code):
    """Status kolaborasi. Source: our proposal from Instruksi Sekda DKI 56/2020."""

    DRAF = "DRAF", "Draf", "Draft"
    DIAJUKAN = "DIAJUKAN", "Diajukan", "Submitted"
    DIKONFIRMASI = "DIKONFIRMASI", "Dikonfirmasi (komitmen)", "Committed"
    BERJALAN = "BERJALAN", "Berjalan", "In progress"
    DILAPORKAN = "DILAPORKAN", "Realisasi dilaporkan", "Reported"
    TERVALIDASI = "TERVALIDASI", "Tervalidasi", "Validated"
    SELESAI = "SELESAI", "Selesai", "Closed"
    DITOLAK = "DITOLAK", "Ditolak", "Rejected"
    DIBATALKAN = "DIBATALKAN", "Dibatalkan", "Cancelled"
    KEDALUWARSA = "KEDALUWARSA", "Kedaluwarsa", "Expired"


class PledgeStatus(Code):
    """Status komitmen. Source: our proposal."""

    DRAF = "DRAF", "Draf", "Draft"
    DIAJUKAN = "DIAJUKAN", "Diajukan", "Submitted"
    DITERIMA = "DITERIMA", "Diterima (ID terbit)", "Accepted"
    TERPENUHI_SEBAGIAN = "TERPENUHI_SEBAGIAN", "Terpenuhi sebagian", "Partly fulfilled"
    TERPENUHI = "TERPENUHI", "Terpenuhi", "Fulfilled"
    DITOLAK = "DITOLAK", "Ditolak", "Rejected"
    DITARIK = "DITARIK", "Ditarik kolaborator", "Withdrawn"
    KEDALUWARSA = "KEDALUWARSA", "Kedaluwarsa", "Expired"


class LoanStatus(Code):
    """Status pinjaman. Source: our proposal from Instruksi Sekda DKI 56/2020."""

    DIUSULKAN = "DIUSULKAN", "Diusulkan", "Proposed"
    DISARING = "DISARING", "Penyaringan", "Screening"
    TIDAK_LOLOS = "TIDAK_LOLOS", "Tidak lolos", "Screened out"
    DITAWARKAN = "DITAWARKAN", "Tampil di platform fintech", "Listed"
    TERKONTRAK = "TERKONTRAK", "E-contract lengkap", "Contracted"
    CAIR = "CAIR", "Cair (menunggu validasi)", "Disbursed"
    BERJALAN = "BERJALAN", "Berjalan (tervalidasi)", "Active"
    LUNAS = "LUNAS", "Lunas", "Fully repaid"
    GAGAL_BAYAR = "GAGAL_BAYAR", "Gagal bayar", "Defaulted"
    RESTRUKTURISASI = "RESTRUKTURISASI", "Direstrukturisasi", "Restructured"
    HAPUS = "HAPUS", "Dihapusbukukan", "Written off"
    DISERAHKAN = "DISERAHKAN", "Diserahkan ke agregator", "Handed over"
    BATAL = "BATAL", "Batal", "Cancelled"


class InstalmentStatus(Code):
    """Status angsuran. Source: our proposal."""

    TERJADWAL = "TERJADWAL", "Terjadwal", "Scheduled"
    JATUH_TEMPO = "JATUH_TEMPO", "Jatuh tempo", "Due"
    DIBAYAR_SEBAGIAN = "DIBAYAR_SEBAGIAN", "Dibayar sebagian", "Partly paid"
    DIBAYAR = "DIBAYAR", "Dibayar", "Paid"
    MENUNGGAK = "MENUNGGAK", "Menunggak", "In arrears"
    DIHAPUS = "DIHAPUS", "Dihapus", "Waived"


class AccreditationStatus(Code):
    """Status akreditasi. Source: our proposal from Instruksi Sekda DKI 56/2020."""

    DIAJUKAN = "DIAJUKAN", "Permohonan diajukan", "Applied"
    KURANG_LENGKAP = "KURANG_LENGKAP", "Kurang lengkap", "Incomplete"
    DITINJAU = "DITINJAU", "Ditinjau", "Under review"
    TIDAK_MEMENUHI = "TIDAK_MEMENUHI", "Tidak memenuhi syarat", "Not eligible"
    PEMBAHASAN_PKS = "PEMBAHASAN_PKS", "Pembahasan PKS", "Agreement drafting"
    AKTIF = "AKTIF", "PKS berlaku", "Active"
    DIBEKUKAN = "DIBEKUKAN", "Dibekukan", "Suspended"
    BERAKHIR = "BERAKHIR", "Berakhir", "Expired"
    DICABUT = "DICABUT", "Dicabut", "Revoked"


class ComplaintStatus(Code):
    """Status pengaduan. Source: our proposal from Instruksi Sekda DKI 56/2020."""

    DITERIMA = "DITERIMA", "Diterima", "Received"
    DIVERIFIKASI = "DIVERIFIKASI", "Diverifikasi", "Verified"
    DITERUSKAN = "DITERUSKAN", "Diteruskan", "Routed"
    DITINDAKLANJUTI = "DITINDAKLANJUTI", "Ditindaklanjuti", "In follow-up"
    SELESAI = "SELESAI", "Selesai", "Resolved"
    DITOLAK = "DITOLAK", "Bukan kewenangan / tidak terbukti", "Rejected"
    DIBUKA_KEMBALI = "DIBUKA_KEMBALI", "Dibuka kembali", "Reopened"


class IntakeStatus(Code):
    """Status usulan BPUM. Source: PAIS UMi SOP, Indragiri Hilir 2021 (status names our proposal)."""

    DITERIMA_DESA = "DITERIMA_DESA", "Diterima kelurahan/desa", "Received by village"
    DILENGKAPI = "DILENGKAPI", "Menunggu kelengkapan", "Incomplete"
    DIKIRIM_CAMAT = "DIKIRIM_CAMAT", "Diserahkan ke camat", "Sent to district"
    DIREKAP = "DIREKAP", "Direkap camat", "Compiled"
    DIKIRIM_DINAS = "DIKIRIM_DINAS", "Dikirim ke dinas kabupaten", "Sent to agency"
    DIKIRIM_PROVINSI = "DIKIRIM_PROVINSI", "Dikirim ke provinsi", "Sent to province"
    DIKIRIM_KEMENTERIAN = "DIKIRIM_KEMENTERIAN", "Disampaikan ke kementerian", "Sent to ministry"
    TERVALIDASI = "TERVALIDASI", "Tervalidasi", "Validated"
    DITOLAK = "DITOLAK", "Ditolak", "Rejected"
    DICAIRKAN = "DICAIRKAN", "Dicairkan", "Paid"


class DiscrepancyStatus(Code):
    """Status selisih. Source: our proposal from step 27, Instruksi Sekda DKI 56/2020."""

    TERDETEKSI = "TERDETEKSI", "Terdeteksi", "Detected"
    DIBERITAHUKAN = "DIBERITAHUKAN", "Diberitahukan", "Notified"
    DIJELASKAN = "DIJELASKAN", "Dijelaskan pelapor", "Explained"
    DIKOREKSI = "DIKOREKSI", "Dikoreksi", "Corrected"
    DITERIMA = "DITERIMA", "Diterima dengan catatan", "Accepted"
    DIESKALASI = "DIESKALASI", "Dieskalasi ke Inspektorat", "Escalated"


class FindingStatus(Code):
    """Status temuan. Source: our proposal from Instruksi Sekda DKI 56/2020, KESATU a."""

    TERBUKA = "TERBUKA", "Terbuka", "Open"
    DIJAWAB = "DIJAWAB", "Dijawab", "Answered"
    SELESAI = "SELESAI", "Selesai", "Closed"
    DIBUKA_KEMBALI = "DIBUKA_KEMBALI", "Dibuka kembali", "Reopened"


class FindingClass(Code):
    """Golongan temuan. Source: our proposal."""

    KEPATUHAN = "KEPATUHAN", "Ketidakpatuhan pada ketentuan", "Rules not kept"
    ADMINISTRASI = "ADMINISTRASI", "Administrasi dan bukti", "Administration and evidence"
    KEUANGAN = "KEUANGAN", "Keuangan", "Money"
    MUTU_DATA = "MUTU_DATA", "Mutu data dan pelaporan", "Quality of data and reports"
    PELAYANAN = "PELAYANAN", "Pelayanan kepada UMKM", "Service to businesses"


class DiscrepancyMeasure(Code):
    """Ukuran selisih: what two parties report. Source: our proposal from step 27, Instruksi Sekda DKI 56/2020."""

    PENCAIRAN = "PENCAIRAN", "Pencairan dibanding pokok dikurangi biaya", "Disbursed against principal less fees"
    NILAI_PENCAIRAN = "NILAI_PENCAIRAN", "Pencairan dibanding temuan pendamping", "Disbursed against what was received"
    PEMBAYARAN = "PEMBAYARAN", "Total laporan berkala dibanding barisnya", "Periodic report against its rows"
    SERAH_TERIMA = "SERAH_TERIMA", "Serah terima dibanding pinjaman di dalamnya", "Handover against its loans"
    NILAI_SERAH_TERIMA = "NILAI_SERAH_TERIMA", "Dana dikirim dibanding diterima", "Handover sent against received"
    POKOK_DISERAHKAN = "POKOK_DISERAHKAN", "Dana diserahkan dibanding pembayaran", "Handed over against repaid"
    PENYALURAN_ULANG = "PENYALURAN_ULANG", "Penyaluran ulang dibanding penerimaan", "Passed on against received"
    NILAI_KOMITMEN = "NILAI_KOMITMEN", "Nilai kolaborasi dibanding komitmennya", "Collaboration against its pledges"
    NILAI_REALISASI = (
        "NILAI_REALISASI",
        "Nilai realisasi dibanding harga komitmen",
        "Delivered value against pledge",
    )
    JUMLAH_REALISASI = (
        "JUMLAH_REALISASI",
        "Jumlah realisasi dibanding penerima",
        "Delivered against recipients",
    )
    JUMLAH_DITERIMA = "JUMLAH_DITERIMA", "Jumlah realisasi dibanding temuan pendamping", "Delivered against counted"
    JUMLAH_PINJAMAN = (
        "JUMLAH_PINJAMAN",
        "Jumlah pinjaman formulir B dibanding pinjaman",
        "Form B against its loans",
    )


class RedFlagKind(Code):
    """Jenis tanda bahaya. Source: our proposal from steps 24 to 27, Instruksi Sekda DKI 56/2020."""

    PINJAMAN_GANDA = "PINJAMAN_GANDA", "Pinjaman ganda satu orang", "Second loan of one person"
    BARANG_BERULANG = "BARANG_BERULANG", "Barang sejenis berulang dalam 90 hari", "Same goods again within 90 days"
    BAYAR_HARI_CAIR = "BAYAR_HARI_CAIR", "Pembayaran pada hari pencairan", "Repaid on the day of disbursement"
    DONATUR_PENERIMA = "DONATUR_PENERIMA", "Donatur sama dengan penerima", "Donor is a recipient"
    FINTECH_DIAM = "FINTECH_DIAM", "Fintech tidak melapor", "Fintech does not report"


class RedFlagStatus(Code):
    """Status tanda bahaya. Source: our proposal."""

    TERBUKA = "TERBUKA", "Terbuka", "Open"
    DIKESAMPINGKAN = "DIKESAMPINGKAN", "Diperiksa dan dikesampingkan", "Looked at and dismissed"


class Collectability(Code):
    """Kolektibilitas. Source: POJK 10/POJK.05/2022 (LPBBTI: 0; 1-30; 31-60; 61-90; >90 days); POJK 40/POJK.03/2019
    (bank: 0; 1-90; 91-120; 121-180; >180 days)."""

    KOL_1 = "1", "Lancar", "Current"
    KOL_2 = "2", "Dalam Perhatian Khusus", "Special mention"
    KOL_3 = "3", "Kurang Lancar", "Substandard"
    KOL_4 = "4", "Diragukan", "Doubtful"
    KOL_5 = "5", "Macet", "Loss"


class DocumentKind(Code):
    """Jenis dokumen. Source: Instruksi Sekda DKI 56/2020."""

    PKS = "PKS", "Perjanjian Kerja Sama", "Cooperation agreement"
    BAST = "BAST", "Berita Acara Serah Terima", "Handover record"
    BA_PELATIHAN = "BA_PELATIHAN", "Berita Acara Pelaksanaan Pelatihan", "Training record"
    FOTO_BARANG = "FOTO_BARANG", "Foto benda yang diterima", "Photo of goods"
    FOTO_PENYERAHAN = "FOTO_PENYERAHAN", "Foto proses penyerahan", "Photo of handover"
    FOTO_PELATIHAN = "FOTO_PELATIHAN", "Foto pelatihan", "Photo of training"
    ECONTRACT_DONATUR = "ECONTRACT_DONATUR", "E-contract fintech-donatur", "E-contract with donor"
    ECONTRACT_UMKM = "ECONTRACT_UMKM", "E-contract fintech-UMKM", "E-contract with MSME"
    DRAF_ECONTRACT = "DRAF_ECONTRACT", "Draf e-contract", "Draft e-contract"
    INVOICE_PENCAIRAN = "INVOICE_PENCAIRAN", "Bukti disbursement (invoice)", "Disbursement proof"
    INVOICE_PENGEMBALIAN = "INVOICE_PENGEMBALIAN", "Invoice pengembalian dana", "Repayment invoice"
    LAPORAN_PENDAMPINGAN = "LAPORAN_PENDAMPINGAN", "Laporan kegiatan pendampingan", "Mentoring report"
    LAPORAN_KENDALA = "LAPORAN_KENDALA", "Laporan kendala / gagal bayar", "Problem / default report"
    BUKTI_SERAH_DANA = "BUKTI_SERAH_DANA", "Bukti serah terima dana", "Fund handover proof"
    LAPORAN_AUDIT = "LAPORAN_AUDIT", "Laporan seluruh kegiatan yang telah diaudit", "Audited report"
    REKOMENDASI = "REKOMENDASI", "Rekomendasi pelaksanaan KSBB (Tim Prospektor)", "Prospector recommendation"
    PERSYARATAN_LEMBAGA = "PERSYARATAN_LEMBAGA", "Bukti badan hukum / izin", "Legal and permit evidence"
    LAIN = "LAIN", "Dokumen pendukung lainnya", "Other supporting document"


class PlaceKind(Code):
    """Jenis lokasi. Source: Instruksi Sekda DKI 56/2020; Kompas, Oct 2020."""

    LOKBIN = "LOKBIN", "Lokasi Binaan", "Fostered location"
    LOKSEM = "LOKSEM", "Lokasi Sementara", "Temporary location"
    LOKPROM = "LOKPROM", "Lokasi Promosi", "Promotion location"
    TEMPAT_USAHA = "TEMPAT_USAHA", "Tempat usaha sendiri", "Own premises"
    RW = "RW", "Rukun Warga", "Neighbourhood"
    KELURAHAN = "KELURAHAN", "Seluruh kelurahan (agregat)", "Whole kelurahan"
    LAIN = "LAIN", "Lainnya", "Other"


class JakpreneurStage(Code):
    """Tahap Jakpreneur. Source: pages beritajakarta 24 Jul 2020 and detik 11 Sep 2022; Antara Juni 2022 swaps P2 and
    P3."""

    P1 = "P1", "Pendaftaran", "Registration"
    P2 = "P2", "Pelatihan", "Training"
    P3 = "P3", "Pendampingan", "Mentoring"
    P4 = "P4", "Perizinan", "Licensing"
    P5 = "P5", "Pemasaran", "Marketing"
    P6 = "P6", "Pelaporan keuangan", "Financial reporting"
    P7 = "P7", "Permodalan", "Capital"


class BusinessScale(Code):
    """Skala usaha. Source: UU 20/2008 (micro: assets <= 50 million or turnover <= 300 million; small: <= 500 million
    / <= 2.5 billion); PP 7/2021 changes the thresholds: the rule version is kept beside the code."""

    MIKRO = "MIKRO", "Usaha Mikro", "Micro"
    KECIL = "KECIL", "Usaha Kecil", "Small"
    MENENGAH = "MENENGAH", "Usaha Menengah", "Medium"


class CollaboratorKind(Code):
    """Jenis kolaborator. Source: Kumparan, 24 Nov 2021 (named for KSBB Pangan)."""

    PEMERINTAH = "PEMERINTAH", "Instansi pemerintah", "Government"
    DUNIA_USAHA = "DUNIA_USAHA", "Dunia usaha", "Company"
    LEMBAGA_SOSIAL = "LEMBAGA_SOSIAL", "Lembaga sosial", "Social institution"
    ASOSIASI = "ASOSIASI", "Asosiasi", "Association"
    KOMUNITAS = "KOMUNITAS", "Komunitas", "Community"
    KELOMPOK = "KELOMPOK", "Kelompok masyarakat", "Citizens group"
    PERORANGAN = "PERORANGAN", "Perorangan", "Individual"


class HandoverStatus(Code):
    """Status serah terima dana. Source: our proposal (flow: Instruksi Sekda DKI 56/2020, Lampiran I no. 26)."""

    DRAF = "DRAF", "Draf", "Draft"
    DIKIRIM = "DIKIRIM", "Dikirim", "Sent"
    DITERIMA = "DITERIMA", "Diterima", "Confirmed"
    DIBANTAH = "DIBANTAH", "Dibantah", "Disputed"


class DeliveryStatus(Code):
    """Status realisasi. Source: our proposal (flow: Instruksi Sekda DKI 56/2020, Lampiran II)."""

    DIJADWALKAN = "DIJADWALKAN", "Dijadwalkan", "Scheduled"
    DIBATALKAN = "DIBATALKAN", "Dibatalkan", "Called off"
    DILAPORKAN = "DILAPORKAN", "Dilaporkan", "Reported"
    DIKEMBALIKAN = "DIKEMBALIKAN", "Dikembalikan", "Sent back"
    TERVALIDASI = "TERVALIDASI", "Tervalidasi", "Validated"
    DIBALIK = "DIBALIK", "Dibalik", "Reversed"


class InstitutionKind(Code):
    """Jenis lembaga. Source: Instruksi Sekda DKI 56/2020, Lampiran I no. 5."""

    AGREGATOR = "AGREGATOR", "Agregator / pengelola dana", "Fund manager (aggregator)"
    FINTECH = "FINTECH", "Lembaga fintech", "Fintech lender"


class OutreachKind(Code):
    """Jenis sosialisasi. Source: Instruksi Sekda DKI 56/2020, Lampiran I no. 3 (names our proposal)."""

    FORUM = "FORUM", "Forum kolaborasi", "Collaboration forum"
    TOWN_HALL = "TOWN_HALL", "Town hall", "Town hall"
    RAPAT = "RAPAT", "Rapat prospektor", "Meeting of prospectors"
    LAIN = "LAIN", "Lainnya", "Other"


class AnnouncementStatus(Code):
    """Status pemberitahuan donatur besar. Source: our proposal from Instruksi Sekda DKI 56/2020, Lampiran II C."""

    DIAJUKAN = "DIAJUKAN", "Disampaikan", "Announced"
    DITUGASKAN = "DITUGASKAN", "Ditugaskan", "Assigned"
    DIJAWAB = "DIJAWAB", "Dijawab", "Answered"


class PermitKind(Code):
    """Jenis izin. Source: Instruksi Sekda DKI 56/2020, diktum KESATU f; Kompas, Oct 2020."""

    IUMK = "IUMK", "Izin Usaha Mikro Kecil", "Micro and small business permit"
    NIB = "NIB", "Nomor Induk Berusaha", "Business identification number"
    LAIN = "LAIN", "Izin lain", "Other permit"


class BusinessStatus(Code):
    """Status UMKM. Source: our proposal."""

    AKTIF = "AKTIF", "Aktif", "Active"
    TIDAK_AKTIF = "TIDAK_AKTIF", "Tidak aktif", "Inactive"
    DUPLIKAT = "DUPLIKAT", "Duplikat", "Duplicate"


class ComplaintCategory(Code):
    """Kategori pengaduan. Source: our proposal."""

    TIDAK_TEPAT_SASARAN = "TIDAK_TEPAT_SASARAN", "Tidak tepat sasaran", "Aid not well aimed"
    TIDAK_DITERIMA = "TIDAK_DITERIMA", "Bantuan tidak diterima", "Aid not received"
    KUALITAS = "KUALITAS", "Mutu bantuan", "Quality of aid"
    PINJAMAN = "PINJAMAN", "Pinjaman dan penagihan", "Loan and collection"
    PUNGUTAN = "PUNGUTAN", "Pungutan liar", "Illegal levy"
    DATA_PRIBADI = "DATA_PRIBADI", "Data pribadi", "Personal data"
    LAIN = "LAIN", "Lain-lain", "Other"


class IntakeLevel(Code):
    """Tingkat pengusulan. Source: PAIS UMi SOP, Indragiri Hilir 2021, part D."""

    DESA = "DESA", "Kelurahan/desa", "Village"
    KECAMATAN = "KECAMATAN", "Kecamatan", "District"
    DINAS_KABUPATEN = "DINAS_KABUPATEN", "Dinas kabupaten/kota", "City agency"
    DINAS_PROVINSI = "DINAS_PROVINSI", "Dinas provinsi", "Provincial agency"
    KEMENTERIAN = "KEMENTERIAN", "Kementerian", "Ministry"


class RegionLevel(Code):
    """Tingkat wilayah administrasi. Source: Kepmendagri 300.2.2-2430/2025."""

    PROVINSI = "PROVINSI", "Provinsi", "Province"
    KOTA = "KOTA", "Kota / kabupaten administrasi", "City"
    KECAMATAN = "KECAMATAN", "Kecamatan", "District"
    KELURAHAN = "KELURAHAN", "Kelurahan", "Urban village"


class LoanStage(Code):
    """Tahap pinjaman, the coarse form of its status for those who may not see arrears. Source: our proposal."""

    PERSIAPAN = "PERSIAPAN", "Sebelum pencairan", "Before disbursement"
    DISALURKAN = "DISALURKAN", "Disalurkan", "Disbursed"
    BERAKHIR = "BERAKHIR", "Berakhir tanpa pencairan", "Ended without disbursement"


class Sex(Code):
    """Jenis kelamin, as the NIK tells it. Source: Permendagri on NIK, day of birth plus 40 for women."""

    L = "L", "Laki-laki", "Male"
    P = "P", "Perempuan", "Female"


class ConsentPurpose(Code):
    """Tujuan persetujuan. Source: UU 27/2022, art. 20: consent is bound to a purpose."""

    TAMPIL_PUBLIK = "TAMPIL_PUBLIK", "Tampil di daftar publik", "Listed in public"
    FOTO = "FOTO", "Foto dipublikasikan", "Photo published"
    PENYARINGAN = "PENYARINGAN", "Penyaringan kredit oleh fintech", "Credit screening by the fintech"


class RightsRequestKind(Code):
    """Jenis permohonan subjek data. Source: UU 27/2022, art. 6-8 and 11."""

    AKSES = "AKSES", "Akses dan salinan data pribadi", "Access and copy"
    PERBAIKAN = "PERBAIKAN", "Pembaruan atau perbaikan", "Correction"
    PENGHAPUSAN = "PENGHAPUSAN", "Penghapusan dan pemusnahan", "Erasure"
    PEMBATASAN = "PEMBATASAN", "Penundaan atau pembatasan pemrosesan", "Restriction of processing"


class RightsRequestStatus(Code):
    """Status permohonan subjek data. Source: our proposal."""

    DIAJUKAN = "DIAJUKAN", "Diajukan", "Requested"
    DIPENUHI = "DIPENUHI", "Dipenuhi", "Fulfilled"
    DITOLAK = "DITOLAK", "Ditolak", "Refused"
    DITARIK = "DITARIK", "Ditarik pemohon", "Withdrawn by the person"


class CorrectionField(Code):
    """Data yang dapat diperbaiki atas permohonan. Source: our proposal; the NIK is corrected with a document only."""

    NAMA = "NAMA", "Nama pemilik", "Name of the owner"
    TELEPON = "TELEPON", "Telepon", "Telephone"
    ALAMAT = "ALAMAT", "Alamat rumah", "Home address"
    NAMA_USAHA = "NAMA_USAHA", "Nama usaha", "Trade name"
    ALAMAT_USAHA = "ALAMAT_USAHA", "Alamat usaha", "Address of the business"
    KBLI = "KBLI", "Kode KBLI usaha", "KBLI code of the business"


class KeepingReason(Code):
    """Golongan alasan data disimpan. Source: UU 27/2022, art. 15 and 43; retention is a setting."""

    PINJAMAN_BERJALAN = "PINJAMAN_BERJALAN", "Pinjaman masih berjalan", "A loan is running"
    SELISIH_TERBUKA = "SELISIH_TERBUKA", "Selisih laporan belum selesai", "A discrepancy is open"
    USULAN_BERJALAN = "USULAN_BERJALAN", "Usulan BPUM masih diproses", "An intake file is under way"
    WAJIB_SIMPAN = "WAJIB_SIMPAN", "Bukti keuangan wajib disimpan", "Financial records must be kept by law"


class BreachNature(Code):
    """Sifat kegagalan pelindungan. Source: UU 27/2022, art. 46, explanation."""

    KERAHASIAAN = "KERAHASIAAN", "Data terungkap kepada yang tidak berhak", "Data became known to the unauthorised"
    KEUTUHAN = "KEUTUHAN", "Data berubah tanpa hak", "Data were altered"
    KETERSEDIAAN = "KETERSEDIAAN", "Data hilang atau tidak dapat diakses", "Data were lost or out of reach"


class AffectedData(Code):
    """Golongan data yang terdampak, by privacy class (`models/privacy.py`). Source: UU 27/2022, art. 46."""

    BUSINESS = "BUSINESS", "Data usaha", "Facts of the business"
    PLACE = "PLACE", "Alamat dan titik lokasi", "Address and location"
    CONTACT = "CONTACT", "Nama dan telepon", "Name and telephone"
    IDENTITY = "IDENTITY", "NIK, nomor KK, dan tanggal lahir", "NIK, family card number and date of birth"
    FINANCE = "FINANCE", "Data keuangan", "Financial data"
    DONOR = "DONOR", "Nama donatur", "Name of a donor"
    FREE_TEXT = "FREE_TEXT", "Isi pengaduan dan catatan", "Texts of complaints and notes"


class Party(Code):
    """Pihak e-contract. Source: Instruksi Sekda DKI 56/2020, Lampiran I no. 22."""

    DONATUR = "DONATUR", "Donatur", "Donor"
    UMKM = "UMKM", "UMKM", "Business"


class CollectabilityRule(Code):
    """Aturan kolektibilitas. Source: POJK 10/POJK.05/2022 (LPBBTI), POJK 40/POJK.03/2019 (bank)."""

    LPBBTI = "LPBBTI", "Layanan pendanaan bersama", "Peer-to-peer lending"
    BANK = "BANK", "Bank umum", "Bank"


class Actor(Code):
    """Peran pelaku. Source: Instruksi Sekda DKI 56/2020; PETUGAS_INTAKE: PAIS UMi SOP; SISTEM: our proposal."""

    PUBLIK = "PUBLIK", "Masyarakat", "Public"
    KOLABORATOR = "KOLABORATOR", "Kolaborator / Donatur", "Collaborator / donor"
    AGREGATOR = "AGREGATOR", "Lembaga Pengelola Dana (Agregator)", "Fund manager (aggregator)"
    FINTECH = "FINTECH", "Lembaga Fintech", "Fintech"
    UMKM = "UMKM", "Pelaku UMKM penerima bantuan", "MSME recipient"
    PENDAMPING = "PENDAMPING", "Pendamping (Sudin/Kasatpel)", "Field officer"
    BIRO_KSD = "BIRO_KSD", "Biro Kerja Sama Daerah (Bidang Kolaborasi)", "Regional cooperation bureau"
    DINAS_PPKUKM = "DINAS_PPKUKM", "Dinas PPKUKM (Tim Prospektor, Bidang Sosial dan Ekonomi)", "MSME agency"
    DISKOMINFOTIK = "DISKOMINFOTIK", "Dinas Kominfotik (Bidang Data dan Teknologi)", "ICT and statistics agency"
    CITATA = "CITATA", "Dinas Cipta Karya, Tata Ruang dan Pertanahan", "Spatial planning agency"
    PMPTSP = "PMPTSP", "Dinas PM dan PTSP", "One-stop permits agency"
    OPD_PEMBINA = (
        "OPD_PEMBINA",
        "OPD pembina Jakpreneur (KPKP, PPAPP, Sosial, Parekraf, Kebudayaan, Nakertransgi)",
        "Supporting agencies",
    )
    WILAYAH = "WILAYAH", "Walikota/Bupati, Camat, Lurah", "City, district, village heads"
    SATPOL_PP = "SATPOL_PP", "Satpol PP", "Municipal police"
    INSPEKTORAT = "INSPEKTORAT", "Inspektorat (Bidang Akuntabilitas dan Pengawasan)", "Inspectorate"
    SEKDA = "SEKDA", "Sekretaris Daerah", "Regional secretary"
    ADMIN = "ADMIN", "Pengelola sistem", "System steward"
    PETUGAS_INTAKE = "PETUGAS_INTAKE", "Petugas pengusulan", "Intake officer"
    SISTEM = "SISTEM", "Sistem", "System"
