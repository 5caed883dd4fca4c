"""Functions behind the wall that leave a trace of what they do: clear reads, and looking up a NIK.

They write to the audit trail, which no role can; each is made per role that may call it. Raw SQL text is allowed here
as in `policy/wall.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

from models.base import SCHEMA
from policy.viewer import Role

LOOK_UPS_A_DAY = 100
"""How many NIKs one person may look up: enough for a day at a counter, far too few to guess one."""

TOO_MANY_LOOK_UPS = "KS001"
"""The SQLSTATE by which the database refuses more of them."""


def log_function(login: str, role: Role) -> Iterator[str]:
    """To be called by a statement that reads fields whose clear reading is logged: no entry, no answer."""
    yield (
        f"CREATE FUNCTION {login}.log_read(entry uuid, subject text, document_hash text, fields text[], rows integer)"
        " RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER"
        f" SET search_path = {SCHEMA} AS $$ BEGIN"
        f" INSERT INTO {SCHEMA}.audit_entry (id, at, role, subject, act, document_hash, details)"
        f" VALUES (entry, clock_timestamp(), '{role}', subject, 'READ', document_hash,"
        " json_build_object('fields', fields, 'rows', rows)); RETURN true; END $$"
    )
    yield f"REVOKE ALL ON FUNCTION {login}.log_read(uuid, text, text, text[], integer) FROM PUBLIC"
    yield f"GRANT EXECUTE ON FUNCTION {login}.log_read(uuid, text, text, text[], integer) TO {login}"


def look_up_function(login: str, role: Role) -> Iterator[str]:
    """From the hash of a NIK to the businesses of its owner, `LOOK_UPS_A_DAY` times."""
    yield (
        f"CREATE FUNCTION {login}.look_up_nik(entry uuid, subject text, hash bytea) RETURNS SETOF uuid"
        f" LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = {SCHEMA} AS $$"
        " DECLARE found uuid[]; BEGIN"
        f" IF (SELECT count(*) FROM {SCHEMA}.audit_entry a WHERE a.act = 'LOOK_UP' AND a.subject = look_up_nik.subject"
        f" AND a.at > clock_timestamp() - interval '1 day') >= {LOOK_UPS_A_DAY}"
        f" THEN RAISE EXCEPTION 'too many look-ups' USING ERRCODE = '{TOO_MANY_LOOK_UPS}'; END IF;"
        f" SELECT coalesce(array_agg(b.id ORDER BY b.id), '{{}}') INTO found FROM {SCHEMA}.business b"
        f" JOIN {SCHEMA}.owner o ON o.id = b.owner_id WHERE o.nik_hash = hash;"
        f" INSERT INTO {SCHEMA}.audit_entry (id, at, role, subject, act, details)"
        f" VALUES (entry, clock_timestamp(), '{role}', subject, 'LOOK_UP',"
        " json_build_object('nik_hash', encode(hash, 'hex'), 'found', cardinality(found)));"
        " RETURN QUERY SELECT unnest(found); END $$"
    )
    yield f"REVOKE ALL ON FUNCTION {login}.look_up_nik(uuid, text, bytea) FROM PUBLIC"
    yield f"GRANT EXECUTE ON FUNCTION {login}.look_up_nik(uuid, text, bytea) TO {login}"
