"""Runs in CKAN's own environment: founds an empty portal and serves it until its standard input ends.

Called with one JSON object (see `tests/ckan/site.py`); says one JSON line with the tokens when it is about to listen.
A test run that is killed closes the input, so nothing goes on.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg2
import pylibmagic  # noqa: F401  # before CKAN: it tells where libmagic is, on machines that have none
from psycopg2 import sql

PLUGINS = ("activity", "datastore", "text_view", "image_view", "datatables_view")
ADDED = {"ckanext.geoview": ("resource_proxy", "geojson_view"), "ckanext.charts": ("scheming_datasets", "charts_view")}
"""Plugins that a keeper adds, by the package that has them, as docs/ckan.md says."""
EDITOR = "editor"
KEEPER = "keeper"


def plugins(bare: bool) -> list[str]:
    """What CKAN has by itself, and unless it is to be bare, what is installed beside it."""
    added = [] if bare else [name for package, names in ADDED.items() if find_spec(package) for name in names]
    return [*PLUGINS, *added]


def write_settings(about: dict[str, Any]) -> str:
    """CKAN's configuration file."""
    socket = f"?host={about['postgres']}"
    settings = {
        "use": "egg:ckan",
        "SECRET_KEY": "portal-of-a-test-portal-of-a-test",
        "sqlalchemy.url": f"postgresql://ckan@/ckan{socket}",
        "ckan.datastore.write_url": f"postgresql://ckan@/datastore{socket}",
        "ckan.datastore.read_url": f"postgresql://reader@/datastore{socket}",
        "ckan.redis.url": f"unix://{about['redis']}",
        "solr_url": about["solr"],
        "ckan.site_url": about["url"],
        "ckan.site_id": "test",
        "ckan.storage_path": f"{about['folder']}/storage",
        "ckan.max_resource_size": about["largest_mb"],
        "ckan.plugins": " ".join(plugins(about["bare"])),
        "ckan.views.default_views": "",
        "ckanext.spatial.common_map.type": "OpenStreetMap.Mapnik",
        "ckan.auth.public_user_details": "false",
        "who.log_level": "warning",
    }
    file = Path(about["folder"]) / "ckan.ini"
    file.write_text("[app:main]\n" + "".join(f"{name} = {value}\n" for name, value in settings.items()))
    return str(file)


def make_databases(socket: str) -> None:
    """CKAN's own database and that of its DataStore, which a second login may only read."""
    as_owner(socket, "postgres", "alter system set fsync = off", "select pg_reload_conf()")
    as_owner(socket, "postgres", "create role ckan login", "create role reader login")
    for database in ("ckan", "datastore"):
        as_owner(socket, "postgres", f"create database {database} owner ckan")


def as_owner(socket: str, database: str, *statements: str) -> None:
    """Run statements as the owner of the server."""
    connection = psycopg2.connect(host=socket, user="postgres", dbname=database)
    connection.autocommit = True
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(sql.SQL(statement))
    connection.close()


def found(about: dict[str, Any]) -> Any:
    """Tables, rights, two users, two organisations, a group; the application, and the tokens by name."""
    from ckan import model
    from ckan.cli import load_config
    from ckan.cli.db import _get_pending_plugins, _run_migrations
    from ckan.config.middleware import make_app
    from ckan.plugins import toolkit
    from ckanext.datastore.cli import permissions_sql

    app = make_app(load_config(write_settings(about)))
    inner = getattr(app, "_wsgi_app", app)
    with inner.app_context():
        model.repo.init_db()
        for plugin in _get_pending_plugins():
            _run_migrations(plugin)
    script = permissions_sql("ckan", "datastore", "ckan", "ckan", "reader")  # written for psql
    plain = "\n".join(line for line in script.splitlines() if not line.startswith(("\\", "--")))
    as_owner(about["postgres"], "datastore", plain)
    with inner.test_request_context():
        site = toolkit.get_action("get_site_user")({"ignore_auth": True}, {})["name"]

        def act(action: str, **data: Any) -> Any:
            return toolkit.get_action(action)({"user": site, "ignore_auth": True}, data)

        tokens = {name: new_user(act, name) for name in (EDITOR, KEEPER, "stranger")}
        model.User.get(KEEPER).sysadmin = True
        model.Session.commit()
        act("organization_create", name=about["organisation"], title="Dinas Contoh")
        act("organization_create", name="another", title="Dinas Lain")
        act("organization_member_create", id=about["organisation"], username=EDITOR, role="editor")
        act("group_create", name="umkm", title="UMKM")
        act("group_create", name="jakarta", title="Jakarta")
        act("group_member_create", id="umkm", username=EDITOR, role="member")
    return app, tokens


def new_user(act: Any, name: str) -> str:
    """A user, and the token it calls with."""
    act("user_create", name=name, email=f"{name}@example.org", password="only for tests")
    return str(act("api_token_create", user=name, name="tests")["token"])


def end_with_the_caller() -> None:
    """End when whoever started this closes our input, or is gone."""
    sys.stdin.read()
    os._exit(0)


def main() -> None:
    """Found and serve."""
    from werkzeug.serving import make_server

    about = json.loads(sys.argv[1])
    make_databases(about["postgres"])
    app, tokens = found(about)
    server = make_server("127.0.0.1", about["port"], app, threaded=True)
    sys.stdout.write(f"READY {json.dumps(tokens)}\n")
    sys.stdout.flush()
    os.dup2(2, 1)  # nobody listens there any more
    threading.Thread(target=end_with_the_caller, daemon=True).start()
    server.serve_forever()


if __name__ == "__main__":
    main()
