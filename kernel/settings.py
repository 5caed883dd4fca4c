"""Settings: read once from `KSBB_*` variables, frozen, passed on by hand."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path

from kernel.errors import KsbbError

PREFIX = "KSBB_"
_LONGEST_NUMBER = 12
"""Digits beyond which no setting goes."""


class UnknownSetting(KsbbError):
    """A `KSBB_*` variable that no setting answers to."""

    code = "UNKNOWN_SETTING"


class UnusableSetting(KsbbError):
    """A setting whose value cannot be read."""

    code = "UNUSABLE_SETTING"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How this installation runs. Every field is the variable `KSBB_<NAME>`; defaults run on a fresh machine."""

    data_dir: Path = field(
        default=Path(".ksbb"), metadata={"doc": "Folder of the embedded PostgreSQL, keys and releases."}
    )
    database_url: str = field(
        default="", metadata={"doc": "libpq URI of an own PostgreSQL 15+; empty: the embedded one."}
    )
    role_prefix: str = field(
        default="ksbb_",
        metadata={
            "doc": "Prefix of the database roles and role schemas: a lower-case letter, then letters, digits and `_`.",
            "pattern": "[a-z][a-z0-9_]{0,30}",
        },
    )
    host: str = field(default="127.0.0.1", metadata={"doc": "Address to listen on."})
    port: int = field(default=8000, metadata={"doc": "Port to listen on, 1 to 65535.", "range": range(1, 65_536)})
    secret_key: str = field(
        default="",
        metadata={
            "doc": "Master secret (64 hex digits) of ids, cursors, encrypted columns; empty: made in the data folder.",
            "pattern": "(?:[0-9a-fA-F]{64})?",
        },
    )
    release_key_file: str = field(
        default="",
        metadata={
            "doc": "PEM file of the Ed25519 key that signs releases; empty: a key that follows from the master secret."
        },
    )
    token_issuer: str = field(default="ksbb-demo", metadata={"doc": "Issuer (`iss`) that bearer tokens must name."})
    token_audience: str = field(
        default="ksbb-terbuka", metadata={"doc": "Audience (`aud`) that bearer tokens must name."}
    )
    token_jwks_url: str = field(
        default="",
        metadata={"doc": "JWKS address of an OIDC issuer; empty: tokens signed with this installation's own key."},
    )
    token_discovery: int = field(
        default=0,
        metadata={
            "doc": "1: the keys are where `/.well-known/openid-configuration` below `KSBB_TOKEN_ISSUER` says (OIDC).",
            "range": range(2),
        },
    )
    token_roles: str = field(
        default="",
        metadata={
            "doc": "Roles by what an issuer calls them (`/ksbb/inspektorat=INSPEKTORAT,...`); empty: the claim `role`.",
            "pattern": r"(?:[^,=\s]{1,200}=[A-Z_]{1,40}(?:,[^,=\s]{1,200}=[A-Z_]{1,40}){0,99})?",
        },
    )
    token_role_claim: str = field(
        default="groups",
        metadata={
            "doc": "The claim whose values those are, or the path to it, such as `realm_access.roles`.",
            "pattern": r"[\x21-\x7e]{1,200}",
        },
    )
    pool_size: int = field(
        default=16, metadata={"doc": "Most database connections kept per role, 1 to 1000.", "range": range(1, 1_001)}
    )
    statement_timeouts_ms: str = field(
        default="INSPEKTORAT=20000,*=5000",
        metadata={
            "doc": "Milliseconds that one reading statement may take, by role; `*` for other roles, 0: no limit.",
            "pattern": r"(?:(?:[A-Z_]{1,40}|\*)=[0-9]{1,9}(?:,(?:[A-Z_]{1,40}|\*)=[0-9]{1,9}){0,40})?",
        },
    )
    tick_every_s: int = field(
        default=0,
        metadata={
            "doc": "Seconds between the server's looks at what time makes due (see `ksbb tick`); 0: never.",
            "range": range(86_401),
        },
    )
    programme_ends_on: dt.date | None = field(
        default=None,
        metadata={"doc": "Last day of new commitments, such as 2021-07-31 (reports go on); empty: the programme runs."},
    )
    rights_hours: int = field(
        default=72,
        metadata={
            "doc": "Hours within which a person's request about the own data is decided, 1 to 72 (UU 27/2022 art. 30).",
            "range": range(1, 73),
        },
    )
    retention_years: int = field(
        default=10,
        metadata={
            "doc": "Years for which the person behind a paid-out loan is kept after its last money event, 0 to 30.",
            "range": range(31),
        },
    )
    complaint_forward_hours: int = field(
        default=6,
        metadata={
            "doc": "Hours within which a complaint is routed (DITERUSKAN) after it came in, 1 to 720.",
            "range": range(1, 721),
        },
    )
    complaint_close_days: int = field(
        default=7,
        metadata={
            "doc": "Days within which a complaint is closed (SELESAI or DITOLAK) after its routing, 1 to 365.",
            "range": range(1, 366),
        },
    )
    discrepancy_days: int = field(
        default=14,
        metadata={
            "doc": "Days that a discrepancy may stay open before the inspectorate is told, 1 to 365.",
            "range": range(1, 366),
        },
    )
    silence_days: int = field(
        default=45,
        metadata={
            "doc": "Days that a fintech with running loans may be silent before it is flagged, 1 to 365.",
            "range": range(1, 366),
        },
    )
    event_retention_days: int = field(
        default=400,
        metadata={
            "doc": "Days for which events stay in the database before they are archived to files, 1 to 36500.",
            "range": range(1, 36_501),
        },
    )
    nats_url: str = field(
        default="",
        metadata={
            "doc": "NATS server with JetStream (`nats://host:4222`) by which processes tell of events; empty: none.",
            "pattern": r"(?:(?:nats|tls|wss?)://[^\s?#]{1,200})?",
        },
    )
    page_limit: int = field(
        default=500,
        metadata={"doc": "Largest `first` or `last` of a connection, 1 to 10000.", "range": range(1, 10_001)},
    )
    stream_queue: int = field(
        default=1_000,
        metadata={
            "doc": "Events that may wait for one subscriber before it is sent away to come again, 10 to 100000.",
            "range": range(10, 100_001),
        },
    )
    public_url: str = field(
        default="",
        metadata={
            "doc": "Where callers reach this server (`https://host`), for addresses in answers; empty: without host.",
            "pattern": r"(?:https?://[^\s?#]{1,200})?",
        },
    )
    evidence_dir: str = field(
        default="", metadata={"doc": "Folder of the files of evidence; empty: `evidence` in the data folder."}
    )
    evidence_s3_bucket: str = field(
        default="",
        metadata={
            "doc": "Bucket of the files of evidence, by the S3 API; empty: the folder.",
            "pattern": r"(?:[A-Za-z0-9][A-Za-z0-9._-]{2,62})?",
        },
    )
    evidence_s3_endpoint: str = field(
        default="",
        metadata={
            "doc": "Address of the S3 API (`https://host`); empty: that of Amazon.",
            "pattern": r"(?:https?://[^\s?#]{1,200})?",
        },
    )
    evidence_max_bytes: int = field(
        default=20_000_000,
        metadata={
            "doc": "Largest file of evidence, 1000 to 1000000000 bytes.",
            "range": range(1_000, 1_000_000_001),
        },
    )
    stream_connections: int = field(
        default=10_000,
        metadata={
            "doc": "Most websockets and event streams that one role may hold open per process, 1 to 1000000.",
            "range": range(1, 1_000_001),
        },
    )
    stream_operations: int = field(
        default=50,
        metadata={
            "doc": "Most operations that may run at a time over one websocket, 1 to 1000.",
            "range": range(1, 1_001),
        },
    )
    allowed_origins: str = field(
        default="",
        metadata={
            "doc": "Origins (`https://host`, parted by commas) of pages that may open websockets; empty: any.",
            "pattern": r"(?:https?://[^\s,/?#]{1,200}(?:,https?://[^\s,/?#]{1,200}){0,99})?",
        },
    )
    trusted_only: str = field(
        default="",
        metadata={
            "doc": "Roles (parted by commas) that may send trusted documents only (`ksbb documents add`); empty: none.",
            "pattern": r"(?:[A-Z_]{1,40}(?:,[A-Z_]{1,40}){0,40})?",
        },
    )
    rate_limits: str = field(
        default="PUBLIK=1200,*=6000",
        metadata={
            "doc": "Requests a minute by role, of one login or (PUBLIK) one address; `*` for other roles, 0: no limit.",
            "pattern": r"(?:(?:[A-Z_]{1,40}|\*)=[0-9]{1,9}(?:,(?:[A-Z_]{1,40}|\*)=[0-9]{1,9}){0,40})?",
        },
    )
    cost_limits: str = field(
        default="PUBLIK=100000,*=1000000",
        metadata={
            "doc": "The most that one operation may cost by role (`docs/http.md`); `*` for other roles, 0: no limit.",
            "pattern": r"(?:(?:[A-Z_]{1,40}|\*)=[0-9]{1,9}(?:,(?:[A-Z_]{1,40}|\*)=[0-9]{1,9}){0,40})?",
        },
    )
    tracking_limit: int = field(
        default=20,
        metadata={
            "doc": "Tracking codes of complaints that one login or address may try a minute, 0 to 10000; 0: no limit.",
            "range": range(10_001),
        },
    )
    failure_limit: int = field(
        default=20,
        metadata={
            "doc": "Bad tokens and keys of one address, or wrong secrets of one key, per minute, up to 10000; 0: any.",
            "range": range(10_001),
        },
    )
    redis_url: str = field(
        default="",
        repr=False,
        metadata={
            "doc": "Redis (`redis://host:6379/0`) in which all processes count requests together; empty: each its own.",
            "pattern": r"(?:rediss?://[^\s#]{1,300})?",
        },
    )
    trusted_proxies: str = field(
        default="",
        metadata={
            "doc": "Addresses (parted by commas) of proxies whose `X-Forwarded-For` is believed; empty: none.",
            "pattern": r"[0-9a-fA-F.:/,]{0,1000}",
        },
    )
    metrics_from: str = field(
        default="",
        metadata={
            "doc": "Networks (parted by commas) that may read `/metrics`, beside loopback; never through a proxy.",
            "pattern": r"[0-9a-fA-F.:/,]{0,1000}",
        },
    )
    otlp_endpoint: str = field(
        default="",
        metadata={
            "doc": "Collector of OpenTelemetry (`http://host:4318`) that spans go to, by OTLP over HTTP; empty: none.",
            "pattern": r"(?:https?://[^\s?#@]{1,200})?",
        },
    )
    webhook_allow_private: int = field(
        default=0,
        metadata={
            "doc": "1: webhooks may go to private addresses, any port and plain http (for tests); 0: https in public.",
            "range": range(2),
        },
    )
    webhook_log_days: int = field(
        default=30,
        metadata={
            "doc": "Days that deliveries of webhooks stay in their log, 4 to 3650; dead letters too.",
            "range": range(4, 3_651),
        },
    )
    ckan_url: str = field(
        default="",
        metadata={
            "doc": "Address of the CKAN portal (`https://host`) for `ksbb publish --to ckan`; empty: none.",
            "pattern": r"(?:https?://[^\s?#@]{1,200})?",
        },
    )
    ckan_token: str = field(
        default="",
        repr=False,
        metadata={
            "doc": "API token of an editor of the organisation on that portal; never shown.",
            "pattern": r"[\x21-\x7e]{0,1000}",
        },
    )
    ckan_organisation: str = field(
        default="",
        metadata={
            "doc": "Name of the organisation on that portal to which our datasets belong.",
            "pattern": r"[a-z0-9_-]{0,100}",
        },
    )
    disk_free_mb: int = field(
        default=500,
        metadata={
            "doc": "Megabytes that must be free for data and for evidence, or `/readyz` says no, 0 to 1000000; 0: any.",
            "range": range(1_000_001),
        },
    )
    log_level: str = field(
        default="INFO",
        metadata={
            "doc": "Least severe level that is logged: DEBUG, INFO, WARNING, ERROR.",
            "pattern": "(?i:DEBUG|INFO|WARNING|ERROR)",
        },
    )

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Settings:
        """Settings from the environment.

        Raises:
            UnknownSetting: a `KSBB_*` variable that does not exist.
            UnusableSetting: a value of the wrong kind.
        """
        known = {PREFIX + f.name.upper(): f for f in fields(cls)}
        values: dict[str, object] = {}
        for name, text in environment.items():
            if not name.startswith(PREFIX):
                continue
            if name not in known:
                raise UnknownSetting(f"{name} is not a setting. Known: {', '.join(sorted(known))}.", name=name)
            declared = known[name]
            values[declared.name] = _parse(name, text, declared)
        return cls(**values)  # type: ignore[arg-type]  # parsed by the declared type just above


def _parse(name: str, text: str, declared: Field[object]) -> object:
    """A value of the declared kind, inside the declared range or pattern."""
    if declared.type == "Path":
        return Path(text)
    if declared.type == "int":
        allowed = declared.metadata["range"]
        if not (text.isascii() and text.isdecimal() and len(text) < _LONGEST_NUMBER and int(text) in allowed):
            raise UnusableSetting(
                f"{name} must be a whole number from {allowed[0]} to {allowed[-1]}, not {text[:40]!r}.", name=name
            )
        return int(text)
    if declared.type == "dt.date | None":
        return _day(name, text)
    pattern = declared.metadata.get("pattern")
    if pattern is not None and not re.fullmatch(pattern, text):
        raise UnusableSetting(f"{name} cannot be used. {declared.metadata['doc']}", name=name)
    return text


def _day(name: str, text: str) -> dt.date | None:
    """A day, or None for nothing."""
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise UnusableSetting(f"{name} must be a day such as 2021-07-31, not {text[:40]!r}.", name=name) from None
