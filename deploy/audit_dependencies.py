"""Known vulnerabilities of the locked packages: `audit_dependencies.py PIP_AUDIT [ARGUMENT ...]`.

pip-audit says "no known vulnerabilities" also of packages that its source of advisories did not answer for. Here those
are an audit that did not take place. Exit codes: 0 every package was looked up and none is vulnerable, 1 some are, 3
not every package could be looked up.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

LOCK = Path(__file__).parents[1] / "requirements.lock"
VULNERABLE, NOT_AUDITED = 1, 3

_NAMED = 5
"""Packages that were not audited, of which that many are named."""


def verdict(report: str) -> tuple[int, list[str]]:
    """The exit code and the lines for a reader, of a report of pip-audit in JSON; empty: it made none."""
    if not report.strip():
        return NOT_AUDITED, ["The packages were NOT audited: the source of advisories did not answer."]
    packages = json.loads(report)["dependencies"]
    lines = [
        f"{package['name']} {package['version']}: {found['id']}, fixed in {', '.join(found['fix_versions']) or 'none'}"
        for package in packages
        for found in package.get("vulns", [])
    ]
    unknown = [package["name"] for package in packages if "skip_reason" in package]
    code = VULNERABLE if lines else NOT_AUDITED if unknown or not packages else 0
    if unknown or not packages:
        lines.append(
            f"{len(unknown)} of {len(packages)} packages were NOT audited: the source of advisories does not know "
            f"them, or cannot be reached from here ({', '.join(unknown[:_NAMED])}{', ...' * (len(unknown) > _NAMED)})."
        )
    return code, lines or [f"{len(packages)} packages were looked up; none has a known vulnerability."]


def main(program: str, *arguments: str) -> int:
    """Run pip-audit on the lock, print what it found, and return the exit code."""
    asked = [program, "--requirement", str(LOCK), "--require-hashes", "--disable-pip", "--format", "json"]
    done = subprocess.run(
        [*asked, "--progress-spinner", "off", *arguments], capture_output=True, text=True, check=False
    )
    code, lines = verdict(done.stdout)
    if not done.stdout.strip():
        lines += done.stderr.splitlines()[-1:]
    print("\n".join(lines), file=sys.stderr if code else sys.stdout)
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
