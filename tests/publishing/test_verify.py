"""A release that is not what was signed is refused, with a sentence on what is wrong where."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel.settings import Settings
from policy.secrets import Secrets
from publishing.release.manifest import MANIFEST, SIGNATURE, ManifestNotReadable, NotARelease, read_manifest
from publishing.release.released import Released
from publishing.release.signing import KEYS, ReleaseKey, UnusableKey
from publishing.release.verify import FolderPlace, NoManifest, NoPublicKey, SignatureWrong, Verdict, WrongKey, verify
from tests.publishing.city import KEY
from tests.publishing.releasing import TABLES, a_release, contents

OTHER_KEY = ReleaseKey.of(Settings(), Secrets(b"+" * 32))


@pytest.fixture
def release(tmp_path: Path) -> Released:
    return a_release(tmp_path / "catalogue")


def verified(release: Released, key_file: Path | None = None) -> Verdict:
    return verify(FolderPlace.at(str(release.folder)), key_file)


def faults(release: Released) -> list[tuple[str, str]]:
    return [(fault.code, fault.path) for fault in verified(release).faults]


def test_a_release_is_what_was_signed(release: Released, tmp_path: Path) -> None:
    verdict = verified(release)
    assert verdict.holds
    assert verdict.version == "1.0.1"
    assert verdict.fingerprint == KEY.public.fingerprint
    assert f"{KEYS}/{KEY.public.fingerprint}.pem" in verdict.key_from
    (tmp_path / "key.pem").write_bytes(KEY.public.pem)
    shutil.rmtree(tmp_path / "catalogue" / KEYS)
    assert verified(release, tmp_path / "key.pem").key_from == f"read from {tmp_path / 'key.pem'}"


def test_the_manifest_names_every_file_and_the_release_before(release: Released, tmp_path: Path) -> None:
    second = a_release(tmp_path / "catalogue", before=release)
    manifest = read_manifest((second.folder / MANIFEST).read_bytes())
    assert {file.path for file in manifest.files} == set(contents(second.folder)) - {MANIFEST, SIGNATURE}
    assert manifest.previous is not None
    assert manifest.previous[0] == "1.0.1"
    assert verified(second).holds
    (release.folder / MANIFEST).write_text("{}")
    assert faults(second) == [("OTHER_PREVIOUS", MANIFEST)]


def test_a_release_after_one_without_manifest_names_it_all_the_same(release: Released, tmp_path: Path) -> None:
    for name in (MANIFEST, SIGNATURE):
        (release.folder / name).unlink()
    second = a_release(tmp_path / "catalogue", before=release)
    assert read_manifest((second.folder / MANIFEST).read_bytes()).previous == ("1.0.1", None)
    assert verified(second).holds


@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
def test_a_changed_byte_anywhere_is_found(release: Released, data: st.DataObject) -> None:
    files = contents(release.folder)
    path = data.draw(st.sampled_from(sorted(files)))
    at = data.draw(st.integers(0, len(files[path]) - 1))
    changed = bytearray(files[path])
    changed[at] ^= data.draw(st.integers(1, 255))
    (release.folder / path).write_bytes(changed)
    try:
        assert faults(release) == [("FILE_CHANGED", path)]
    except (SignatureWrong, ManifestNotReadable, NoPublicKey):
        assert path in (MANIFEST, SIGNATURE)
    finally:
        (release.folder / path).write_bytes(files[path])


def extra_file(folder: Path) -> None:
    (folder / "data" / "sisip.csv").write_text("a\n")


def missing_file(folder: Path) -> None:
    (folder / "data" / "bantuan.csv").unlink()


def longer_file(folder: Path) -> None:
    with (folder / "data" / "bantuan.csv").open("a") as file:
        file.write("\n")


def swapped_files(folder: Path) -> None:
    one, other = folder / "data" / "bantuan.csv", folder / "data" / "wilayah.csv"
    kept = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(kept)


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (extra_file, [("EXTRA_FILE", "data/sisip.csv")]),
        (missing_file, [("FILE_MISSING", "data/bantuan.csv")]),
        (longer_file, [("FILE_CHANGED", "data/bantuan.csv")]),
        (swapped_files, [("FILE_CHANGED", "data/bantuan.csv"), ("FILE_CHANGED", "data/wilayah.csv")]),
    ],
)
def test_files_that_are_not_those_of_the_manifest_are_named(
    release: Released, damage: Callable[[Path], None], found: list[tuple[str, str]]
) -> None:
    damage(release.folder)
    verdict = verified(release)
    assert faults(release) == found
    assert all(path in line for (_, path), line in zip(found, verdict.lines(), strict=False))
    assert verdict.lines()[-1].startswith("Release 1.0.1 of contoh is NOT what was signed")


def test_the_manifest_of_another_release_is_found(release: Released, tmp_path: Path) -> None:
    second = a_release(tmp_path / "catalogue", {**TABLES, "bantuan": []}, before=release)
    for name in (MANIFEST, SIGNATURE):
        shutil.copy(release.folder / name, second.folder / name)
    assert ("OTHER_RELEASE", MANIFEST) in faults(second)


def test_an_older_release_in_the_place_of_a_newer_one_is_found(release: Released, tmp_path: Path) -> None:
    second = a_release(tmp_path / "catalogue", before=release)
    shutil.rmtree(second.folder)
    shutil.copytree(release.folder, second.folder)
    assert faults(second) == [("OTHER_RELEASE", MANIFEST)]


def test_a_link_in_a_release_is_refused(release: Released, tmp_path: Path) -> None:
    file = release.folder / "data" / "bantuan.csv"
    shutil.move(file, tmp_path / "bantuan.csv")
    file.symlink_to(tmp_path / "bantuan.csv")
    with pytest.raises(NotARelease, match=r"data/bantuan\.csv"):
        verified(release)


def test_a_name_that_would_steer_a_terminal_is_shown_as_it_is_written(release: Released) -> None:
    (release.folder / "\x1b[2J").write_text("x")
    assert faults(release) == [("EXTRA_FILE", "'\\x1b[2J'")]


def resigned(release: Released, change: Callable[[dict[str, object]], object], key: ReleaseKey = KEY) -> None:
    """The manifest with a change, signed anew."""
    content = json.loads((release.folder / MANIFEST).read_text())
    change(content)
    new = json.dumps(content).encode()
    (release.folder / MANIFEST).write_bytes(new)
    (release.folder / SIGNATURE).write_bytes(key.sign(new))


@pytest.mark.parametrize(
    "path", ["../1.0.1/x", "/etc/passwd", "data/../../x", "a\\..\\b", "", ".", "data//x", "a\0", MANIFEST, 1, "a b"]
)
def test_a_path_that_leads_out_of_a_release_is_refused(release: Released, path: object) -> None:
    resigned(release, lambda content: content["files"].append({"path": path, "bytes": 1, "sha256": "0" * 64}))  # type: ignore[attr-defined]  # JSON
    with pytest.raises(ManifestNotReadable, match=r"path of file|twice"):
        verified(release)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"null",
        b"\xff",
        b"[" * 100_000,
        b'{"package": "x"}',
        b'{"package": 1, "version": "1", "previous": null, "key": {"fingerprint": "0"}, "files": []}',
    ],
    ids=range(7),
)
def test_a_manifest_that_is_none_is_refused(release: Released, content: bytes) -> None:
    (release.folder / MANIFEST).write_bytes(content)
    with pytest.raises(ManifestNotReadable):
        verified(release)


def test_a_manifest_that_promises_more_than_a_release_holds_is_refused(release: Released) -> None:
    def larger(content: dict[str, object]) -> None:
        content["files"] = [{"path": "bom", "bytes": 10**15, "sha256": "0" * 64}]

    resigned(release, larger)
    with pytest.raises(ManifestNotReadable, match="larger than"):
        verified(release)


def test_a_manifest_signed_with_another_key_is_refused(release: Released, tmp_path: Path) -> None:
    (tmp_path / "other.pem").write_bytes(OTHER_KEY.public.pem)
    with pytest.raises(WrongKey, match=OTHER_KEY.public.fingerprint):
        verified(release, tmp_path / "other.pem")
    resigned(release, lambda _: None, OTHER_KEY)
    with pytest.raises(SignatureWrong):
        verified(release)


def test_a_key_under_the_name_of_another_is_refused(release: Released, tmp_path: Path) -> None:
    file = tmp_path / "catalogue" / KEYS / f"{KEY.public.fingerprint}.pem"
    file.write_bytes(OTHER_KEY.public.pem)
    resigned(release, lambda _: None, OTHER_KEY)
    with pytest.raises(WrongKey):
        verified(release)
    file.write_bytes(b"no key")
    with pytest.raises(UnusableKey, match="BEGIN PUBLIC KEY"):
        verified(release)
    file.unlink()
    with pytest.raises(NoPublicKey, match="--key"):
        verified(release)


def test_a_release_without_signature_is_none(release: Released, tmp_path: Path) -> None:
    (release.folder / SIGNATURE).unlink()
    with pytest.raises(NoManifest, match=SIGNATURE):
        verified(release)
    with pytest.raises(NoManifest, match="no folder"):
        FolderPlace.at(str(tmp_path / "nowhere"))


def test_a_key_of_ones_own_signs_in_place_of_the_derived_one(tmp_path: Path) -> None:
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "own.pem").write_bytes(pem)
    own = ReleaseKey.of(Settings(release_key_file=str(tmp_path / "own.pem")), Secrets(b"-" * 32))
    assert own.public.fingerprint != KEY.public.fingerprint
    assert own.public.has_signed(b"x", private.sign(b"x"))


@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN PRIVATE KEY-----\n", KEY.public.pem], ids=range(4))
def test_a_file_that_holds_no_private_key_is_refused(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "own.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UnusableKey, match="KSBB_RELEASE_KEY_FILE"):
        ReleaseKey.of(Settings(release_key_file=str(file)), Secrets(b"-" * 32))
