"""What one would use instead of `ksbb publish`: pandas, ANJANA and frictionless; run by `bench/publish.py` in its own
environment.

    python usual_publish.py RECIPIENTS.csv OUT
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path


def main(source: Path, out: Path) -> None:
    """Anonymise a file of recipients to k = 10, write and validate it; the seconds of each step as JSON."""
    import pandas as pd
    from anjana.anonymity import k_anonymity
    from frictionless import Resource

    began = time.perf_counter()
    data = pd.read_csv(source, dtype=str)
    read = time.perf_counter()
    levels = {level: data["region_code"].str[:length].to_numpy() for level, length in enumerate((13, 8, 5, 2))}
    hierarchies = {
        "region_code": levels,
        "kbli_section": {0: data["kbli_section"].to_numpy(), 1: data["kbli_section"].map(lambda _: "*").to_numpy()},
        "scale": {0: data["scale"].to_numpy(), 1: data["scale"].map(lambda _: "*").to_numpy()},
        "sex": {0: data["sex"].to_numpy(), 1: data["sex"].map(lambda _: "*").to_numpy()},
    }
    anonymous = k_anonymity(data, [], list(hierarchies), 10, 2.5, hierarchies)
    treated = time.perf_counter()
    out.mkdir(parents=True, exist_ok=True)
    anonymous.to_csv(out / "recipients.csv", index=False)
    written = time.perf_counter()
    report = Resource(path="recipients.csv", basepath=str(out)).validate()
    ended = time.perf_counter()
    steps = {"read": read - began, "anonymise": treated - read, "write": written - treated, "validate": ended - written}
    shown = {
        "seconds": round(ended - began, 2),
        "steps": {name: round(seconds, 2) for name, seconds in steps.items()},
        "rows": len(anonymous),
        "keeps_kelurahan": round(float((anonymous["region_code"].str.len() == 13).mean()), 3),
        "valid": bool(report.valid),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }
    print(json.dumps(shown))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
