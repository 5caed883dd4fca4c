"""Published files under /data/: a folder of releases, with a listing that people and programs can read."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from mimetypes import guess_type
from pathlib import Path
from urllib.parse import quote

from anyio.to_thread import run_sync
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from edge.negotiation import HTML, JSON, preferred
from kernel.clock import JAKARTA

METHODS = "GET, HEAD, OPTIONS"
FRESH = "public, max-age=0, must-revalidate"  # releases never change, but the folder does not say what is one
SAFE_HEADERS = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "ETag, Last-Modified, Content-Range, Accept-Ranges",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",  # a file is data, never a page
}
MEDIA_TYPES = {  # what the machine's own table does not know, or knows differently from machine to machine
    ".csv": "text/csv; charset=utf-8; header=present",
    ".geojson": "application/geo+json",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".md": "text/markdown; charset=utf-8",
    ".parquet": "application/vnd.apache.parquet",
    ".pem": "application/x-pem-file",
    ".py": "text/x-python; charset=utf-8",
    ".sha256": "text/plain; charset=utf-8",
    ".sig": "application/octet-stream",
    ".ttl": "text/turtle; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".zip": "application/zip",
}

_ONE_RANGE = r"(?:[0-9]{1,15}-[0-9]{0,15}|-[0-9]{1,15})"
_RANGE = re.compile(rf"bytes={_ONE_RANGE}(?:,\s*{_ONE_RANGE}){{0,9}}")  # more of them cost us more than the caller


class ReleaseFiles:
    """The ASGI application behind /data/ (mounted there): reads below one folder, never outside it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request with a file, a listing, or why not."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        response = await self._response(scope["method"], _below(scope), headers)
        for name, value in SAFE_HEADERS.items():
            response.headers.setdefault(name, value)
        if _RANGE.fullmatch(headers.get("range", "bytes=0-")) is None:  # a range that is none is to be ignored
            scope = {**scope, "headers": [h for h in scope["headers"] if h[0] != b"range"]}
        await response(scope, receive, send)

    async def _response(self, method: str, path: str, headers: dict[str, str]) -> Response:
        if method == "OPTIONS":
            preflight = {"allow": METHODS, "access-control-allow-methods": METHODS, "access-control-max-age": "86400"}
            return Response(status_code=204, headers={**preflight, "access-control-allow-headers": "*"})
        if method not in ("GET", "HEAD"):
            return PlainTextResponse("Files are read only.\n", 405, {"allow": METHODS})
        found = await run_sync(self._find, path)
        if found is None:
            return PlainTextResponse("There is no such file. / Berkas itu tidak ada.\n", 404)
        if found.is_file():
            return await run_sync(_file_response, found, headers)
        return await run_sync(self._folder_response, found, path, headers.get("accept"))

    def _find(self, path: str) -> Path | None:
        """The file or folder of a path, resolved; None when it is not served."""
        parts = [part for part in path.split("/") if part]
        found = _served(self._folder.resolve(), parts)
        return None if found is not None and found.is_file() and path.endswith("/") else found

    def _folder_response(self, folder: Path, path: str, accept: str | None) -> Response:
        if path and not path.endswith("/"):
            return RedirectResponse(f"./{quote(path.rpartition('/')[2])}/", 308)
        headers = {"cache-control": FRESH, "vary": "Accept"}
        entries = _entries(self._folder.resolve(), folder)
        if preferred(accept.encode("latin-1") if accept else None, (JSON, HTML)) == HTML:
            return Response(_page(path, entries), media_type=HTML, headers=headers)
        return JSONResponse(_index(path, entries), headers=headers)


def _served(root: Path, parts: Sequence[str]) -> Path | None:
    """What lies at a path below the root; None when that is absent, hidden, outside, or no file or folder."""
    if not parts:
        return root
    try:
        found = root.joinpath(*parts).resolve(strict=True)
    except (OSError, ValueError):  # absent, too long, a NUL in it
        return None
    if not found.is_relative_to(root) or _is_hidden(parts) or _is_hidden(found.relative_to(root).parts):
        return None
    return found if found.is_dir() or found.is_file() else None


def _is_hidden(parts: Sequence[str]) -> bool:
    return any(part.startswith(".") for part in parts)


def _below(scope: Scope) -> str:
    """The path below the place where we are mounted."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def _file_response(file: Path, headers: dict[str, str]) -> Response:
    response = FileResponse(
        file, stat_result=file.stat(), media_type=media_type(file.name), headers={"cache-control": FRESH}
    )
    if _is_known(response, headers):
        kept = {name: response.headers[name] for name in ("etag", "last-modified", "cache-control")}
        return Response(status_code=304, headers=kept)
    return response


def _is_known(response: Response, headers: dict[str, str]) -> bool:
    """Whether the caller has this version already (RFC 9110 section 13.2.2)."""
    if "if-none-match" in headers:
        tags = [tag.strip().removeprefix("W/") for tag in headers["if-none-match"].split(",")]
        return response.headers["etag"] in tags or "*" in tags
    return headers.get("if-modified-since") == response.headers["last-modified"]


def media_type(name: str) -> str:
    """The media type of a file by its name."""
    known = MEDIA_TYPES.get(Path(name).suffix.lower())
    return known or guess_type(name)[0] or "application/octet-stream"


@dataclass(frozen=True)
class Listed:
    """One line of a listing."""

    name: str
    is_folder: bool
    size: int
    modified: dt.datetime

    @property
    def address(self) -> str:
        """Where it is, relative to the listing; `./` keeps a colon in the name from reading as a scheme."""
        return f"./{quote(self.name)}{'/' if self.is_folder else ''}"


def _entries(root: Path, folder: Path) -> list[Listed]:
    """Folders first, then files, each by name: those that are served."""
    entries = []
    for item in folder.iterdir() if folder.is_dir() else ():
        found = _served(root, item.relative_to(root).parts)
        if found is not None:
            stat = found.stat()
            modified = dt.datetime.fromtimestamp(stat.st_mtime, dt.UTC).replace(microsecond=0)
            entries.append(Listed(item.name, found.is_dir(), stat.st_size, modified))
    return sorted(entries, key=lambda entry: (not entry.is_folder, entry.name))


def _index(path: str, entries: list[Listed]) -> dict[str, object]:
    """The listing for programs."""
    return {
        "path": path or "/",
        "folders": [{"name": e.name, "href": e.address} for e in entries if e.is_folder],
        "files": [
            {
                "name": e.name,
                "href": e.address,
                "bytes": e.size,
                "mediaType": media_type(e.name),
                "modified": e.modified.isoformat(),
            }
            for e in entries
            if not e.is_folder
        ],
    }


def _page(path: str, entries: list[Listed]) -> str:
    """The listing for people, Indonesian first; it needs no script."""
    here = f"/data{path or '/'}"
    up = "" if path in ("", "/") else '<p><a href="../">Naik satu folder / <span lang="en">Up one folder</span></a></p>'
    return _PAGE.format(here=escape(here), up=up, rows="\n".join(map(_row, entries)) or _EMPTY)


def _row(entry: Listed) -> str:
    name = escape(entry.name + ("/" if entry.is_folder else ""))
    size = "" if entry.is_folder else f"{entry.size:,}".replace(",", ".")
    day = entry.modified.astimezone(JAKARTA)
    return (
        f'<tr><th scope="row"><a href="{escape(entry.address)}">{name}</a></th><td>{size}</td>'
        f'<td><time datetime="{entry.modified.isoformat()}">{day:%Y-%m-%d %H:%M}</time></td></tr>'
    )


_EMPTY = '<tr><td colspan="3">Belum ada berkas. <span lang="en">No files yet.</span></td></tr>'
_PAGE = """<!doctype html>
<html lang="id">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Data terbuka KSBB: {here}</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }}
table {{ border-collapse: collapse; width: 100% }}
caption {{ text-align: start; padding: .5rem 0 }}
th, td {{ text-align: start; padding: .4rem .6rem; border-bottom: 1px solid #767676; overflow-wrap: anywhere }}
td:nth-child(2) {{ text-align: end }}
@media (prefers-color-scheme: dark) {{ body {{ background: #111; color: #eee }} a {{ color: #9cf }} }}
</style>
</head>
<body>
<main>
<h1>Data terbuka KSBB <span lang="en">(KSBB open data)</span></h1>
{up}
<table>
<caption>Isi {here} <span lang="en">(contents)</span></caption>
<thead><tr><th scope="col">Nama <span lang="en">(name)</span></th>
<th scope="col">Bita <span lang="en">(bytes)</span></th>
<th scope="col">Diubah, WIB <span lang="en">(modified, UTC+7)</span></th></tr></thead>
<tbody>
{rows}
</tbody>
</table>
</main>
</body>
</html>
"""
