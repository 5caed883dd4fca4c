"""An audit that found nothing out is no clean one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from deploy import audit_dependencies
from deploy.audit_dependencies import NOT_AUDITED, VULNERABLE, verdict

LOOKED_UP = {"name": "anyio", "version": "4.16.0", "vulns": []}
SKIPPED = {"name": "ksbb", "skip_reason": "Dependency not found"}
VULNERABILITY = {"id": "PYSEC-2026-1", "fix_versions": ["4.17.0"], "aliases": [], "description": ""}


def report(*packages: object) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


def test_packages_that_were_looked_up_pass() -> None:
    assert verdict(report(LOOKED_UP)) == (0, ["1 packages were looked up; none has a known vulnerability."])


def test_a_vulnerable_package_is_named_with_the_version_that_is_not() -> None:
    code, lines = verdict(report(LOOKED_UP | {"vulns": [VULNERABILITY]}, SKIPPED))
    assert code == VULNERABLE
    assert lines[0] == "anyio 4.16.0: PYSEC-2026-1, fixed in 4.17.0"
    assert "1 of 2 packages were NOT audited" in lines[1]


@pytest.mark.parametrize("told", ["", report(), report(LOOKED_UP, SKIPPED)], ids=["none", "empty", "skipped"])
def test_packages_that_nobody_looked_up_do_not_pass(told: str) -> None:
    code, lines = verdict(told)
    assert code == NOT_AUDITED
    assert "NOT audited" in lines[-1]


def test_an_audit_without_an_answer_has_an_exit_code_of_its_own_and_the_reason(tmp_path: Path) -> None:
    silent = tmp_path / "pip-audit"
    silent.write_text("#!/bin/sh\necho Trace >&2\necho no route to the advisories >&2\nexit 1\n")
    silent.chmod(0o755)
    done = subprocess.run(
        [sys.executable, audit_dependencies.__file__, str(silent)], capture_output=True, text=True, check=False
    )
    assert done.returncode == NOT_AUDITED
    assert done.stderr.splitlines()[-1] == "no route to the advisories"
