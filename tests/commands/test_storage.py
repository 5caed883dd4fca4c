"""Where files of evidence lie: the same promises by a folder and by a bucket."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import stat
import sys
from asyncio import to_thread
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import boto3
import pytest
from moto.server import ThreadedMotoServer

from commands.storage import FileGone, FolderStorage, S3Storage, Storage, StorageUnavailable, storage_name, storage_of
from commands.upload import ADDRESS_LASTS, KEPT_UNATTACHED
from kernel.settings import Settings, UnusableSetting
from models.vocabulary import DocumentKind
from policy.viewer import Role
from tests.acting import Acting
from tests.uploading import an_upload

KEY, CONTENT = UUID("0198f000-0000-7000-8000-0000000000ab"), b"contoh" * 50_000
NAME = storage_name(KEY, hashlib.sha256(CONTENT).hexdigest())


@pytest.fixture(scope="module")
def bucket() -> Iterator[tuple[str, str]]:
    """A bucket on a server of the S3 API on loopback, and its address."""
    given = {"AWS_ACCESS_KEY_ID": "contoh", "AWS_SECRET_ACCESS_KEY": "contoh", "AWS_DEFAULT_REGION": "us-east-1"}
    before = {name: os.environ.get(name) for name in given}
    os.environ.update(given)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        endpoint = f"http://{host}:{port}"
        boto3.client("s3", endpoint_url=endpoint).create_bucket(Bucket="bukti")
        yield "bukti", endpoint
    finally:
        server.stop()
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


@pytest.fixture(params=["folder", "bucket"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    """Each of the stores, by its settings."""
    if request.param == "folder":
        return storage_of(Settings(data_dir=tmp_path))
    name, endpoint = request.getfixturevalue("bucket")
    return storage_of(Settings(data_dir=tmp_path, evidence_s3_bucket=name, evidence_s3_endpoint=endpoint))


def a_draft(storage: Storage, content: bytes = CONTENT) -> Path:
    """A file that arrived."""
    storage.drafts.mkdir(parents=True, exist_ok=True)
    draft = storage.drafts / "draft"
    draft.write_bytes(content)
    return draft


def content(storage: Storage, name: str) -> bytes:
    """What lies under a name."""
    with storage.get(name) as file:
        return file.read()


def test_what_was_put_is_got(storage: Storage) -> None:
    storage.put(NAME, a_draft(storage))
    assert content(storage, NAME) == CONTENT
    storage.put(NAME, a_draft(storage))  # once more changes nothing
    assert content(storage, NAME) == CONTENT


def test_what_was_dropped_is_gone(storage: Storage) -> None:
    other = storage_name(UUID(int=KEY.int + 1), "0" * 64)
    storage.put(NAME, a_draft(storage))
    if isinstance(storage, FolderStorage):
        storage.put(other, a_draft(storage))
    storage.drop(KEY.hex)
    storage.drop(KEY.hex)
    with pytest.raises(FileGone):
        storage.get(NAME)
    if isinstance(storage, FolderStorage):
        assert content(storage, other) == CONTENT


@pytest.mark.parametrize("name", ["", "..", "../secret.key", f"{NAME}/..", f"/{NAME}", f"{NAME}\0", "*" * 97])
def test_no_name_leads_elsewhere(storage: Storage, name: str) -> None:
    storage.put(NAME, a_draft(storage))
    with pytest.raises(FileGone):
        storage.get(name)
    if isinstance(storage, FolderStorage):
        storage.drop(name)
        assert content(storage, NAME) == CONTENT


def test_files_in_the_folder_are_private_and_tell_no_time(tmp_path: Path) -> None:
    storage = storage_of(Settings(evidence_dir=str(tmp_path / "bukti")))
    draft = a_draft(storage)
    draft.chmod(0o600)
    storage.put(NAME, draft)
    (file,) = (found for found in (tmp_path / "bukti").rglob("*") if found.is_file())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.relative_to(tmp_path) == Path("bukti", "ab", NAME)
    assert not draft.exists()


def test_a_bucket_is_told_the_hash_by_which_it_checks_what_arrives(bucket: tuple[str, str], tmp_path: Path) -> None:
    S3Storage(*bucket, tmp_path).put(NAME, a_draft(FolderStorage(tmp_path)))
    kept = boto3.client("s3", endpoint_url=bucket[1]).head_object(Bucket=bucket[0], Key=NAME, ChecksumMode="ENABLED")
    assert b64decode(kept["ChecksumSHA256"]) == hashlib.sha256(CONTENT).digest()


def test_a_bucket_that_does_not_answer_is_a_situation(bucket: tuple[str, str], tmp_path: Path) -> None:
    for name, endpoint in (("absent", bucket[1]), (bucket[0], "http://127.0.0.1:9")):
        with pytest.raises(StorageUnavailable):
            S3Storage(name, endpoint, tmp_path).put(NAME, a_draft(FolderStorage(tmp_path)))


def test_a_bucket_without_its_package_is_told_at_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(UnusableSetting, match=r"ksbb-terbuka\[s3\]"):
        storage_of(Settings(data_dir=tmp_path, evidence_s3_bucket="bukti"))


async def test_a_file_that_no_form_names_is_dropped_after_days(acting: Acting) -> None:
    storage, secrets = storage_of(acting.city.settings), acting.city.secrets
    identifier = await an_upload(acting, Role.KOLABORATOR, DocumentKind.BAST)
    key = secrets.internal_key(identifier)[1]
    name = await acting.tables.fetchval("select storage_name from ksbb.upload where id = $1", key)
    await to_thread(storage.put, name, a_draft(storage))
    acting.clock.move(ADDRESS_LASTS + KEPT_UNATTACHED - dt.timedelta(minutes=1))
    await acting.bus.tick()
    assert content(storage, name) == CONTENT
    acting.clock.move(dt.timedelta(minutes=2))
    assert (await acting.bus.tick())["uploads dropped"] > 0
    with pytest.raises(FileGone):
        storage.get(name)
    assert (await acting.bus.tick())["uploads dropped"] == 0
