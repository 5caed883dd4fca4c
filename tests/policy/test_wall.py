"""The wall, tried from outside: as each role's own login, in plain SQL."""

from __future__ import annotations

import hmac
import json
from base64 import b64decode
from collections.abc import AsyncIterator
from dataclasses import replace
from hashlib import pbkdf2_hmac, sha256
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from models.all import METADATA
from models.base import SCHEMA
from policy import wall
from policy.expressions import expression
from policy.publisher import publisher_views
from policy.rows import ROWS
from policy.viewer import SCOPE_OF, Role, Viewer
from server import WallOutdated, check_policy
from tests.conftest import Asking, City
from tests.policy.conftest import Copies, Pairs, as_viewer, login, login_name, owner_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

LOGINS = [*(role.lower() for role in Role), wall.PUBLISHER]

every_role = pytest.mark.parametrize("role", list(Role))
every_login = pytest.mark.parametrize("name", LOGINS)


@pytest_asyncio.fixture(loop_scope="session")
async def connection(walled_city: City, name: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection as the login of one role or of the publisher."""
    viewer = walled_city.viewer(Role(name.upper())) if name != wall.PUBLISHER else None
    async with login(walled_city.server, login_name(walled_city, name), walled_city.secrets, viewer) as found:
        await found.execute("set default_transaction_read_only = off")  # a convenience, not a part of the wall
        yield found


async def _refused(connection: asyncpg.Connection, sql: str) -> bool:
    """Whether PostgreSQL refuses a statement for want of a right."""
    try:
        await connection.execute(sql)
    except asyncpg.InsufficientPrivilegeError:
        return True
    return False


# ---- tables and columns


@every_login
async def test_no_column_of_any_table_can_be_read(connection: asyncpg.Connection, name: str) -> None:
    tables = [*METADATA.tables.values()]
    assert len(tables) > 40
    for table in tables:
        for column in table.columns:
            assert await _refused(connection, f"select {column.key} from {SCHEMA}.{table.name}"), column
        assert await _refused(connection, f"select count(*) from {SCHEMA}.{table.name}"), table.name
    for extra in ("wall", "alembic_version"):
        assert await _refused(connection, f"select * from {SCHEMA}.{extra}")


@every_role
async def test_the_columns_of_a_roles_views_are_exactly_those_of_the_policy(walled_city: City, role: Role) -> None:
    granted = {
        (table, column.key)
        for table, by_role in ROWS.items()
        if role in by_role and table in wall.views(role)
        for column in wall.table(table).columns
        if expression(column, role) is not None
    }
    async with as_viewer(walled_city, walled_city.viewer(role)) as connection:
        found = await connection.fetch(
            "select c.relname, a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0"
            " join pg_namespace n on n.oid = c.relnamespace where n.nspname !~ '^(pg_|information_schema)'"
            " and has_schema_privilege(n.oid, 'usage') and has_column_privilege(c.oid, a.attnum, 'select')"
        )
        assert {(row["relname"], row["attname"]) for row in found} == granted
        for table in wall.views(role):
            await connection.fetch(f"select * from {table} limit 1")


@every_login
async def test_a_login_reaches_its_own_schema_only(connection: asyncpg.Connection, name: str) -> None:
    mine = await connection.fetchval("select current_schemas(false)")
    assert [schema.rpartition("ksbb_")[2] for schema in mine] == [name]
    for other in LOGINS:
        if other != name:
            views = publisher_views() if other == wall.PUBLISHER else wall.views(Role(other.upper()))
            assert await _refused(connection, f"select 1 from ksbb_{other}.{next(iter(views))}"), other
    for schema in (SCHEMA, "public"):
        assert not await connection.fetchval("select has_schema_privilege($1, 'usage, create')", schema)


@every_role
async def test_the_nik_can_be_selected_where_the_matrix_grants_it_only(walled_city: City, role: Role) -> None:
    async with as_viewer(walled_city, walled_city.viewer(role)) as connection:
        for table in ("owner", "intake_application"):
            columns: set[str] = set()
            if table in wall.views(role):
                columns = set(wall.views(role)[table].selected_columns.keys())
            for schema in (login_name(walled_city, role), SCHEMA, *(f"ksbb_{o}" for o in LOGINS if o != role.lower())):
                for column in ("nik", "nik_hash", "nik_last4", "family_card"):
                    statement = f"select {column} from {schema}.{table}"
                    if column in columns and schema == login_name(walled_city, role):
                        await connection.fetch(statement)
                    else:
                        with pytest.raises(
                            (
                                asyncpg.InsufficientPrivilegeError,
                                asyncpg.UndefinedTableError,
                                asyncpg.UndefinedColumnError,
                            )
                        ):
                            await connection.fetch(statement)


# ---- rights


WRITES = [
    "create table t (x int)",
    "create temporary table t (x int)",
    "create view v as select 1",
    "create schema s",
    "create function f() returns int language sql as 'select 1'",
    "create function pg_temp.f() returns int language sql as 'select 1'",
    "create type e as enum ('a')",
    "create role r",
    "create database d",
    "create extension vector",
    "create event trigger e on ddl_command_start execute function pg_catalog.now()",
    "create publication p for all tables",
    "copy (select 1) to program 'true'",
    "copy (select 1) to '/tmp/ksbb'",
    "select lo_import('/etc/passwd')",
    "select lo_export(1, '/tmp/ksbb')",
    "select lo_create(0)",
    "select lo_creat(-1)",
    "select lo_from_bytea(0, 'x')",
    "select pg_read_file('PG_VERSION')",
    "select pg_read_binary_file('PG_VERSION')",
    "select pg_ls_dir('.')",
    "select pg_stat_file('PG_VERSION')",
    "select pg_reload_conf()",
    "select pg_switch_wal()",
    "select * from pg_authid",
    "select * from pg_shadow",
    "select * from pg_user_mapping",
    "select * from pg_statistic",
    "select * from pg_hba_file_rules",
    f"truncate {SCHEMA}.business",
    f"delete from {SCHEMA}.business",
    f"update {SCHEMA}.business set listed = true",
    f"alter table {SCHEMA}.business disable row level security",
    f"drop table {SCHEMA}.business",
    f"grant select on {SCHEMA}.business to public",
]


@every_login
async def test_a_login_can_neither_make_nor_change_nor_read_files(connection: asyncpg.Connection, name: str) -> None:
    for statement in WRITES:
        assert await _refused(connection, statement), statement
    for function in ("dblink", "dblink_connect", "postgres_fdw_handler"):
        with pytest.raises(asyncpg.UndefinedFunctionError):
            await connection.execute(f"select {function}('host=localhost')")


@every_login
async def test_views_take_no_writes(connection: asyncpg.Connection, name: str) -> None:
    for view in publisher_views() if name == wall.PUBLISHER else wall.views(Role(name.upper())):
        column = await connection.fetchval(
            "select attname from pg_attribute where attrelid = $1::regclass and attnum = 1", view
        )
        for statement in (
            f"delete from {view}",
            f"insert into {view} ({column}) values (null)",
            f"update {view} set {column} = null",
            f"alter view {view} set (security_invoker = on)",
            f"create or replace view {view} as select 1 as {column}",
            f"drop view {view}",
        ):
            with pytest.raises(_NOT_WRITTEN):
                await connection.execute(statement)


_NOT_WRITTEN = (
    asyncpg.InsufficientPrivilegeError,
    asyncpg.ObjectNotInPrerequisiteStateError,  # views that PostgreSQL could not write through for anybody
    asyncpg.FeatureNotSupportedError,
    asyncpg.GeneratedAlwaysError,
)


@every_login
async def test_no_other_role_can_be_become(connection: asyncpg.Connection, name: str) -> None:
    me = await connection.fetchval("select current_user")
    for other in [*LOGINS, *(f"{own}_owner" for own in LOGINS), "postgres"]:
        role = other if other == "postgres" else f"ksbb_{other}"
        if role == me:
            continue
        for statement in (
            f"set role {role}",
            f"set local role {role}",
            f"select set_config('role', '{role}', false)",
            f"set session authorization {role}",
            f"select set_config('session_authorization', '{role}', false)",
            f"alter role {role} password 'x'",
            f"alter role {role} superuser",
            f"grant {role} to {me}",
            f"drop role {role}",
            f"reassign owned by {role} to {me}",
        ):
            assert await _refused(connection, statement), statement
    for statement in (f"alter role {me} superuser", f"alter role {me} bypassrls", f"alter role {me} createrole"):
        assert await _refused(connection, statement), statement
    for statement in ("reset role", "set role none", "reset session authorization", "reset all"):
        await connection.execute(statement)
        assert await connection.fetchrow("select current_user, session_user") == (me, me)
        assert await _refused(connection, f"select * from {SCHEMA}.business"), statement


@every_login
async def test_row_security_cannot_be_switched_off(connection: asyncpg.Connection, name: str) -> None:
    """With `row_security = off` PostgreSQL refuses what would have been filtered; it never shows more."""
    views = publisher_views() if name == wall.PUBLISHER else wall.views(Role(name.upper()))
    before = {view: await connection.fetchval(f"select count(*) from {view}") for view in views}
    await connection.execute("set row_security = off")
    for view, rows in before.items():
        try:
            assert await connection.fetchval(f"select count(*) from {view}") <= rows, view
        except asyncpg.InsufficientPrivilegeError:
            continue


async def test_logins_have_no_memberships_and_no_special_rights(walled_city: City) -> None:
    async with owner_of(walled_city.server) as owner:
        names = [f"ksbb_{name}" for name in LOGINS]
        owners = [f"{name}_owner" for name in names]
        found = await owner.fetch("select * from pg_roles where rolname = any ($1)", names + owners)
        assert {row["rolname"] for row in found} == {*names, *owners}
        for row in found:
            special = {right for right in _SPECIAL if row[right]}
            assert special == set(), row["rolname"]
            assert row["rolcanlogin"] is (row["rolname"] in names)
        members = await owner.fetch(
            "select m.rolname from pg_auth_members a join pg_roles m on m.oid = a.member where m.rolname = any ($1)",
            names + owners,
        )
        assert members == []
        unwalled = await owner.fetch(
            "select relname from pg_class where relnamespace = $1::regnamespace and relkind = 'r'"
            " and not relrowsecurity and relname <> all ('{wall,alembic_version}')",
            SCHEMA,
        )
        assert unwalled == []


_SPECIAL = ("rolsuper", "rolinherit", "rolcreaterole", "rolcreatedb", "rolreplication", "rolbypassrls")


async def test_no_function_of_ours_belongs_to_whom_it_should_not(walled_city: City) -> None:
    logging = {Role.FINTECH, Role.PETUGAS_INTAKE, Role.INSPEKTORAT}
    looking_up = {Role.DINAS, Role.INSPEKTORAT}
    expected = {(f"ksbb_{r.lower()}", "log_read", f"ksbb_{r.lower()}") for r in logging}
    expected |= {(f"ksbb_{r.lower()}", "look_up_nik", f"ksbb_{r.lower()}") for r in looking_up}
    expected |= {("ksbb_inspektorat", "read_revealed", "ksbb_inspektorat")}
    register = ("gather_persons", "gathered_counts", "seal_groups", "revise_groups", "forget_groups", "overlaps")
    publisher = ("ksbb_publisher", "ksbb_publisher_owner")
    expected |= {("ksbb_publisher", name, login) for name in register for login in publisher}
    expected |= {("ksbb", "without_reasons", f"ksbb_{name}") for name in ("writer", "sequencer")}
    async with owner_of(walled_city.server) as owner:
        rows = await owner.fetch(
            "select n.nspname, p.proname, r.rolname from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
            " cross join pg_roles r where n.nspname !~ '^(pg_|information_schema)' and r.rolname like 'ksbb%'"
            " and has_function_privilege(r.oid, p.oid, 'execute')"
        )
    assert {tuple(row) for row in rows} == expected


async def test_looking_up_a_nik_finds_its_businesses_and_leaves_a_trace(copies: Copies) -> None:
    city = copies.city
    async with copies.copy("look_up", Role.DINAS, Role.INSPEKTORAT) as server, owner_of(server) as owner:
        hashed, owner_id = await owner.fetchrow("select nik_hash, id from ksbb.owner order by id limit 1")
        expected = await owner.fetch("select id from ksbb.business where owner_id = $1 order by id", owner_id)
        for number, role in enumerate((Role.DINAS, Role.INSPEKTORAT), start=1):
            async with login(server, login_name(city, role), city.secrets) as connection:
                found = await connection.fetch("select look_up_nik($1, 'somebody', $2)", UUID(int=number), hashed)
                nothing = await connection.fetch(
                    "select look_up_nik($1, 'somebody', $2)", UUID(int=number + 10), sha256(b"nobody").digest()
                )
            assert [row[0] for row in found] == [row["id"] for row in expected]
            assert nothing == []
        trail = await owner.fetch("select role, act, subject, details from ksbb.audit_entry order by id")
    assert [(row["role"], row["act"]) for row in trail] == [(r, "LOOK_UP") for r in ("DINAS", "INSPEKTORAT")] * 2
    told = [json.loads(row["details"]) for row in trail]
    assert sorted(entry["found"] for entry in told) == [0, 0, len(expected), len(expected)]
    assert {entry["nik_hash"] for entry in told} == {hashed.hex(), sha256(b"nobody").hexdigest()}


# ---- oracles


ORACLES = {
    Role.FINTECH: "business owner loan repayment instalment handover complaint discrepancy document",
    Role.KOLABORATOR: "owner loan delivery_recipient complaint document pledge",
    Role.AGREGATOR: "business loan handover handover_loan onward_aid complaint discrepancy",
    Role.UMKM: "business owner loan repayment consent permit complaint",
    Role.PENDAMPING: "business owner loan repayment complaint delivery_recipient",
    Role.WILAYAH: "business owner complaint delivery_recipient",
    Role.SATPOL_PP: "business delivery_recipient",
    Role.PETUGAS_INTAKE: "intake_application recap",
}


@pytest.mark.parametrize("role", [role for role in Role if SCOPE_OF[role]])
async def test_an_error_probe_over_rows_of_others_finds_nothing(walled_city: City, pairs: Pairs, role: Role) -> None:
    """A condition that fails on a hidden row alone would tell of it by its error, if it ever were asked of it."""
    viewer = walled_city.viewer(role)
    async with owner_of(walled_city.server) as owner, as_viewer(walled_city, viewer) as connection:
        for table in ORACLES[role].split():
            visible = {row["public_id"] for row in await connection.fetch(f"select public_id from {table}")}
            everything = {row["public_id"] for row in await owner.fetch(f"select public_id from {SCHEMA}.{table}")}
            hidden = sorted(everything - visible)
            assert hidden, table
            for probe in (
                f"select count(*) from {table} where 1 / (case when public_id = $1 then 0 else 1 end) = 1",
                f"select count(*) from {table} where (case when public_id = $1 then 'x' else '1' end)::int = 1",
                f"select sum(1 / (case when public_id = $1 then 0 else 1 end)) from {table}",
                f"select 1 from {table} order by 1 / (case when public_id = $1 then 0 else 1 end) limit 1",
            ):
                await connection.fetch(probe, hidden[0])
                if visible:
                    with pytest.raises(asyncpg.DataError):  # so that the probe could have found something
                        await connection.fetch(probe, min(visible))


@pytest.mark.parametrize("role", [role for role in Role if SCOPE_OF[role]])
async def test_probes_with_cheap_operators_are_not_asked_of_hidden_rows(walled_city: City, role: Role) -> None:
    """Planners like to ask what is cheap first: join conditions, full-text search and patterns too."""
    viewer = walled_city.viewer(role)
    async with as_viewer(walled_city, viewer) as connection:
        for table in ORACLES[role].split():
            alone = f"select 1 from {table} where 1 / length(replace(public_id, public_id, '')) = 1"
            if await connection.fetchval(f"select count(*) from {table}") == 0:
                assert await connection.fetch(alone) == []
            else:
                with pytest.raises(asyncpg.DivisionByZeroError):
                    await connection.fetch(alone)


# ---- the catalogue


@every_login
async def test_the_catalogue_shows_no_statistics_of_the_tables(connection: asyncpg.Connection, name: str) -> None:
    """Not the values in `pg_stats`, and neither rows, sizes nor activity.

    What remains: names of tables, columns, roles, the text of views, policies and functions (all of it is in this
    repository), and what EXPLAIN estimates. It takes a connection of one's own; no text of a caller becomes SQL.
    """
    assert await connection.fetchval("select count(*) from pg_stats where schemaname = $1", SCHEMA) == 0
    assert await connection.fetchval("select count(*) from pg_stats_ext") == 0
    assert await connection.fetchval("select count(*) from pg_stats_ext_exprs") == 0
    for view in ("all_tables", "user_tables", "all_indexes", "user_indexes", "activity", "database", "progress_copy"):
        assert await _refused(connection, f"select * from pg_stat_{view}"), view
    assert await _refused(connection, "select * from pg_statio_user_tables")
    assert await _refused(connection, "select * from pg_locks")
    for column in ("reltuples", "relpages", "relallvisible"):
        assert await _refused(connection, f"select {column} from pg_class"), column
    table = await connection.fetchval("select oid from pg_class where relname = 'owner' order by oid limit 1")
    for call in ("advisory_lock(1)", "try_advisory_xact_lock(1)", "advisory_unlock_all()", "notify('a', 'b')"):
        assert await _refused(connection, f"select pg_{call}"), call
    for function in ("current_wal_lsn", "current_snapshot", "current_xact_id", "tablespace_size", "export_snapshot"):
        argument = "'pg_default'" if function == "tablespace_size" else ""
        assert await _refused(connection, f"select pg_{function}({argument})"), function
    for function in ("pg_relation_size", "pg_total_relation_size", "pg_table_size", "pg_stat_get_live_tuples"):
        assert await _refused(connection, f"select {function}({table}::oid)"), function


@pytest.mark.parametrize("name", ["publik"])
async def test_definitions_in_the_catalogue_hold_no_personal_values(
    walled_city: City, connection: asyncpg.Connection, name: str
) -> None:
    texts = await connection.fetch(
        "select prosrc as text from pg_proc where pronamespace::regnamespace::text like 'ksbb%'"
        " union all select pg_get_viewdef(c.oid) from pg_class c where relkind = 'v' and relname <> 'pg_stats'"
        " and relnamespace::regnamespace::text like 'ksbb%'"
        " union all select coalesce(qual, '') || coalesce(with_check, '') from pg_policies"
        " union all select array_to_string(setconfig, ' ') from pg_db_role_setting"
        " union all select pg_get_constraintdef(oid) from pg_constraint"
        " union all select description from pg_description"
    )
    everything = "\n".join(row["text"] for row in texts if row["text"]).lower()
    assert len(everything) > 10_000
    async with owner_of(walled_city.server) as owner:
        values = await owner.fetch(
            "select name as value from ksbb.owner union select phone from ksbb.owner"
            " union select address from ksbb.owner"
            " union select trade_name from ksbb.business union select text from ksbb.complaint"
            " union select id::text from ksbb.owner union select id::text from ksbb.institution"
        )
    assert [row["value"] for row in values if row["value"] and row["value"].lower() in everything] == []
    passwords = [walled_city.secrets.role_password(f"ksbb_{other}") for other in LOGINS]
    assert [password for password in passwords if password in everything] == []


async def test_values_of_a_request_are_in_no_statement_that_others_could_see(walled_city: City, ask: Asking) -> None:
    """Whoever may see running statements sees their text; the values of callers travel beside it."""
    canary = "KenariDalamKueri"
    document = "query($v: String!) { recipients(filter: {tradeName: {contains: $v}}) { nodes { id } } }"
    await ask(Role.DINAS, document, {"v": canary})
    await ask(Role.DINAS, document.replace("query($v: String!) ", "").replace("$v", f'"{canary}"'))
    async with owner_of(walled_city.server) as owner:
        texts = await owner.fetch("select query from pg_stat_activity where usename = 'ksbb_dinas'")
    assert any("ILIKE" in row["query"] for row in texts)
    assert not any(canary in row["query"] for row in texts)


# ---- the wall as a whole


async def _shape(owner: asyncpg.Connection) -> list[tuple[str, ...]]:
    """Roles, views, policies and rights as text."""
    rows = await owner.fetch(
        "select 'view' as kind, schemaname, viewname, viewowner, definition from pg_views where schemaname ~ '^ksbb'"
        " union all select 'policy', policyname, tablename, roles::text, qual from pg_policies"
        " union all select 'right', relnamespace::regnamespace::text, relname, relkind::text,"
        " (select string_agg(a::text, ',' order by a::text) from unnest(relacl) a) from pg_class"
        " where relnamespace::regnamespace::text ~ '^ksbb'"
        " union all select 'function', pronamespace::regnamespace::text, proname, proacl::text, prosrc from pg_proc"
        " where pronamespace::regnamespace::text ~ '^ksbb'"
        " union all select 'login', rolname, rolcanlogin::text, rolsuper::text, rolinherit::text from pg_roles"
        " union all select 'member', roleid::regrole::text, member::regrole::text, '', '' from pg_auth_members"
        " union all select 'setting', setrole::regrole::text, setconfig::text, '', '' from pg_db_role_setting"
    )
    return sorted(tuple(str(value) for value in row) for row in rows)


async def test_building_the_wall_again_changes_nothing(copies: Copies) -> None:
    city = copies.city
    async with copies.copy("again", *Role) as server, owner_of(server) as owner:
        await owner.execute(f"update {SCHEMA}.wall set hash = 'another'")
        await wall.build(server.uri(), city.settings.role_prefix, city.secrets.role_password)
        before = await _shape(owner)
        assert len(before) > 500
        for _ in range(2):  # in full, and as the no-op that it is when the hash is the same
            await owner.execute(f"update {SCHEMA}.wall set hash = 'another'")
            await wall.build(server.uri(), city.settings.role_prefix, city.secrets.role_password)
            await wall.build(server.uri(), city.settings.role_prefix, city.secrets.role_password)
            assert await _shape(owner) == before


async def test_a_copy_of_a_database_gets_its_wall_although_its_hash_is_current(copies: Copies) -> None:
    """Roles belong to the cluster: after a restore or under another prefix the hash alone says nothing."""
    city = copies.city
    async with copies.copy("restored") as server:
        assert await wall.stored_hash(server.uri()) == wall.current_hash()
        await wall.build(server.uri(), city.settings.role_prefix, city.secrets.role_password)
        async with login(server, "ksbb_publik", city.secrets) as connection:
            assert await connection.fetchval("select count(*) from region") == 318


async def test_the_server_refuses_a_wall_of_another_policy(copies: Copies, monkeypatch: pytest.MonkeyPatch) -> None:
    async with copies.copy("outdated") as server:
        await check_policy(server.uri())
        with monkeypatch.context() as patch:
            patch.setitem(ROWS["business"], Role.PUBLIK, ROWS["business"][Role.DINAS])
            patch.setattr("server._policy_hash", wall.current_hash)  # a release knows its own once and for all
            with pytest.raises(WallOutdated):
                await check_policy(server.uri())
        async with owner_of(server) as owner:
            await owner.execute(f"update {SCHEMA}.wall set hash = 'another'")
            with pytest.raises(WallOutdated):
                await check_policy(server.uri())
            await owner.execute(f"drop table {SCHEMA}.wall")
            with pytest.raises(WallOutdated):
                await check_policy(server.uri())


async def test_a_prefix_keeps_two_databases_of_one_cluster_apart(copies: Copies) -> None:
    city = copies.city
    async with copies.copy("neighbour") as server:
        await wall.build(server.uri(), "lain_", city.secrets.role_password)
        async with login(server, "lain_publik", city.secrets) as connection:
            assert await connection.fetchval("select count(*) from region") == 318
            assert await connection.fetchval("select current_schemas(false)") == ["lain_publik"]
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with login(city.server, "lain_publik", city.secrets):
                pass
        for role in Role:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with login(server, f"ksbb_{role.lower()}", city.secrets):
                    pass


async def test_each_role_logs_in_with_a_password_of_its_own(walled_city: City) -> None:
    passwords = {walled_city.secrets.role_password(f"{prefix}{name}") for prefix in ("ksbb_", "b_") for name in LOGINS}
    assert len(passwords) == 2 * len(LOGINS)
    async with owner_of(walled_city.server) as owner:
        stored = await owner.fetch(
            "select rolname, rolpassword from pg_authid where rolname = any ($1)", [f"ksbb_{n}" for n in LOGINS]
        )
    assert {row["rolpassword"][:13] for row in stored} == {"SCRAM-SHA-256"}


async def test_what_a_login_changed_of_itself_is_put_right_at_the_next_start(copies: Copies) -> None:
    """PostgreSQL lets every login set its own password and settings, and keeps them."""
    city, name = copies.city, "ksbb_publik"
    prefix, password = city.settings.role_prefix, city.secrets.role_password
    async with copies.copy("changed", *Role) as server, owner_of(server) as owner:
        await wall.build(server.uri(), prefix, password)
        assert await wall.changed_logins(server.uri(), prefix) == []
        before = await owner.fetchval("select rolpassword from pg_authid where rolname = $1", name)
        async with login(server, name, city.secrets) as connection:
            await connection.execute("set default_transaction_read_only = off")
            await connection.execute("alter role current_user password 'mine'")
            await connection.execute("alter role current_user set statement_timeout = 1")
            await connection.execute("alter role current_user in database changed set search_path = pg_temp")
        assert await wall.changed_logins(server.uri(), prefix) == [name]
        await wall.renew_logins(server.uri(), prefix, password)
        assert await wall.changed_logins(server.uri(), prefix) == []
        stored = await owner.fetchval("select rolpassword from pg_authid where rolname = $1", name)
        assert stored != before
        assert _opens(stored, password(name))
        assert not _opens(stored, "mine")


async def test_a_copy_is_closed_to_all_others_at_the_next_start(copies: Copies) -> None:
    """A copy of a database is open to everybody, whatever its origin was."""
    city = copies.city
    async with copies.copy("opened") as server, owner_of(server) as owner:
        await owner.execute("grant all on database opened to public; revoke connect on database opened from ksbb_dinas")
        await wall.renew_logins(server.uri(), city.settings.role_prefix, city.secrets.role_password)
        allowed = "select has_database_privilege($1, 'opened', $2)"
        rights = {
            right: {name for name in LOGINS if await owner.fetchval(allowed, f"ksbb_{name}", right)}
            for right in ("CONNECT", "TEMPORARY", "CREATE")
        }
    assert rights == {"CONNECT": set(LOGINS), "TEMPORARY": set(), "CREATE": set()}


def _opens(stored: str, password: str) -> bool:
    """Whether a password is the one behind a stored SCRAM secret (RFC 5802)."""
    _, iterations, salt, stored_key, _ = stored.replace("$", ":").split(":")
    salted = pbkdf2_hmac("sha256", password.encode(), b64decode(salt), int(iterations))
    return sha256(hmac.digest(salted, b"Client Key", "sha256")).digest() == b64decode(stored_key)


async def test_scope_settings_that_are_no_keys_are_refused_and_not_read_as_all(walled_city: City) -> None:
    viewer = replace(walled_city.viewer(Role.FINTECH), institution_id="%' or true --")
    async with as_viewer(walled_city, viewer) as connection:
        with pytest.raises(asyncpg.DataError):
            await connection.fetch("select * from loan")
    for area in ("", "%", "3", "31.7", "31.71.0"):
        async with as_viewer(walled_city, Viewer(Role.WILAYAH, area=area)) as connection:
            assert await connection.fetchval("select count(*) from business") == 0, area
