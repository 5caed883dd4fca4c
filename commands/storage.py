"""Where the files of evidence lie: a folder, or a bucket behind the S3 API.

A name says the key of the upload and the SHA-256 of the bytes, never a person. Everything here blocks: call it in a
thread.
"""

from __future__ import annotations

import os
import re
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast
from uuid import UUID

from kernel.errors import KsbbError
from kernel.settings import Settings, UnusableSetting

DRAFTS = ".drafts"
_NAME = re.compile(r"[0-9a-f]{32}-[0-9a-f]{64}")
_SHELF = slice(30, 32)
"""The digits of a name by which a folder is divided: the end of a key, which is chance; its beginning is the time."""
_CONNECT_S, _READ_S, _TRIES = 5, 30, 3


class FileGone(KsbbError):
    """There are no bytes under a name."""

    code = "FILE_GONE"

    def __init__(self) -> None:
        super().__init__("There is no file under this name.")


class StorageUnavailable(KsbbError):
    """The store does not answer, or refuses."""

    code = "STORAGE_UNAVAILABLE"

    def __init__(self) -> None:
        super().__init__("The store of the files does not answer at the moment. Try again in a minute.")


class Storage(Protocol):
    """Keeps files by name; what was kept is never changed."""

    drafts: Path
    """A folder on this machine for files that are still arriving."""

    def put(self, name: str, draft: Path) -> None:
        """Keep a file, whole or not at all; the draft may be gone afterwards."""

    def get(self, name: str) -> BinaryIO:
        """The bytes from their beginning, to be closed.

        Raises:
            FileGone: there are none.
        """

    def drop(self, beginning: str) -> None:
        """Forget the files whose names begin so: a whole name, or a key; nothing is done when there are none."""


def storage_name(key: UUID, sha256: str) -> str:
    """The name of the file of an upload."""
    return f"{key.hex}-{sha256}"


def storage_of(settings: Settings) -> Storage:
    """The store that the settings name.

    Raises:
        UnusableSetting: a bucket, but the package boto3 is not installed.
    """
    folder = Path(settings.evidence_dir) if settings.evidence_dir else settings.data_dir / "evidence"
    if not settings.evidence_s3_bucket:
        return FolderStorage(folder)
    try:
        return S3Storage(settings.evidence_s3_bucket, settings.evidence_s3_endpoint, folder / DRAFTS)
    except ImportError:
        raise UnusableSetting(
            "KSBB_EVIDENCE_S3_BUCKET needs the package boto3: install `ksbb-terbuka[s3]`.",
            name="KSBB_EVIDENCE_S3_BUCKET",
        ) from None


class FolderStorage:
    """Files in a folder of this machine, readable by this user only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.drafts = folder / DRAFTS

    def put(self, name: str, draft: Path) -> None:
        """Keep a file: on the disk first, then under its name in one step."""
        file = self._file(name)
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        to_disk(draft)
        draft.replace(file)
        to_disk(file.parent)

    def get(self, name: str) -> BinaryIO:
        """The bytes, as an open file.

        Raises:
            FileGone: there are none.
        """
        if _NAME.fullmatch(name) is None:
            raise FileGone
        try:
            return self._file(name).open("rb")
        except FileNotFoundError:
            raise FileGone from None

    def drop(self, beginning: str) -> None:
        """Remove what begins so."""
        if re.fullmatch(r"[0-9a-f]{32}(-[0-9a-f]{0,64})?", beginning):
            for file in (self._folder / beginning[_SHELF]).glob(f"{beginning}*"):
                file.unlink(missing_ok=True)

    def _file(self, name: str) -> Path:
        return self._folder / name[_SHELF] / name


class S3Storage:
    """Files in a bucket; who we are to it is found by boto3 (`AWS_ACCESS_KEY_ID`, a profile, the machine's role)."""

    def __init__(self, bucket: str, endpoint: str, drafts: Path) -> None:
        import boto3  # an optional extra
        from botocore.config import Config

        config = Config(
            connect_timeout=_CONNECT_S, read_timeout=_READ_S, retries={"total_max_attempts": _TRIES, "mode": "standard"}
        )
        self._client: Any = boto3.client("s3", endpoint_url=endpoint or None, config=config)
        self._bucket = bucket
        self.drafts = drafts

    def put(self, name: str, draft: Path) -> None:
        """Keep a file; the store checks the SHA-256 that the name says."""
        digest = b64encode(bytes.fromhex(name.partition("-")[2])).decode()
        with _answered(), draft.open("rb") as file:
            self._client.put_object(
                Bucket=self._bucket,
                Key=name,
                Body=file,
                ContentType="application/octet-stream",
                ChecksumAlgorithm="SHA256",
                ChecksumSHA256=digest,
            )

    def get(self, name: str) -> BinaryIO:
        """The bytes, as they come.

        Raises:
            FileGone: there are none.
        """
        if _NAME.fullmatch(name) is None:
            raise FileGone
        with _answered():
            body = self._client.get_object(Bucket=self._bucket, Key=name)["Body"]
        return cast("BinaryIO", body)

    def drop(self, beginning: str) -> None:
        """Remove what begins so."""
        with _answered():
            listed = self._client.list_objects_v2(Bucket=self._bucket, Prefix=beginning)
            for found in listed.get("Contents", ()):
                self._client.delete_object(Bucket=self._bucket, Key=found["Key"])


@contextmanager
def _answered() -> Iterator[None]:
    """What the store says, as situations; its own words may hold addresses and names."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as refused:
        if refused.response.get("Error", {}).get("Code") in {"NoSuchKey", "404"}:
            raise FileGone from None
        raise StorageUnavailable from refused
    except BotoCoreError as failed:
        raise StorageUnavailable from failed


def to_disk(path: Path) -> None:
    """Wait until a file or folder survives a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
