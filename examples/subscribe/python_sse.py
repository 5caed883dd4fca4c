"""Follow the events of KSBB Terbuka as server-sent events, and lose none (docs/subscribe.md).

    TOKEN=... python python_sse.py --url http://127.0.0.1:8000/graphql --cursor-file cursor.txt

Needs nothing but Python. Prints one line of JSON per event. Stop it and start it again with the same cursor file: it
goes on where it was. Without TOKEN it hears what the public may hear.
"""

import argparse
import json
import os
import random
import sys
import time
import urllib.request
from collections.abc import Iterable, Iterator
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

# Ask for as much of the subject as you need, like in a query: `subject { ... on Complaint { status category } }`.
EVENTS = """subscription {
  events { id cursor type at left subjectId regionCode fetchInstead subject { __typename id } }
}"""
SILENCE_S = 45
"""The server sends a comment after 15 s of silence: who hears nothing for three times as long is cut off."""
TRY_LATER = {429, 500, 502, 503, 504}
"""Status codes after which it helps to come back; after any other a person has to look."""


class Refused(Exception):
    """The server says no, and will say it again: a person has to look."""


class Interrupted(Exception):
    """The stream ended, and goes on after the cursor."""


def main() -> None:
    """Follow, and come back whenever the stream ends, a little later each time that nothing came."""
    options = arguments()
    cursor_file = Path(options.cursor_file)
    left, failures = options.count, 0
    while left != 0:
        try:
            with urllib.request.urlopen(request(options.url, cursor_file), timeout=SILENCE_S) as stream:
                for cursor, result in blocks(stream):
                    if result is not None:
                        handle(event_of(result))
                        failures, left = 0, left - 1
                    # Only now: whoever stores the cursor first and is stopped in between has lost an event.
                    store(cursor_file, cursor)
                    if left == 0:
                        break
        except HTTPError as refused:
            if refused.code not in TRY_LATER:
                sys.exit(f"{refused.code} {refused.read().decode()}")
            print(f"The server says {refused.code}", file=sys.stderr)
        except Refused as refused:
            sys.exit(str(refused))
        except (Interrupted, HTTPException, OSError) as ended:  # OSError: no network, no server, silence
            print(f"The stream ended: {ended}", file=sys.stderr)
        if left != 0:
            time.sleep(min(30, 2**failures) * random.uniform(0.5, 1))
            failures += 1


def request(url: str, cursor_file: Path) -> urllib.request.Request:
    """The subscription; `Last-Event-ID` says after which event it begins."""
    headers = {"Accept": "text/event-stream", "Content-Type": "application/json"}
    if token := os.environ.get("TOKEN"):
        headers["Authorization"] = f"Bearer {token}"
    if cursor_file.exists():
        headers["Last-Event-ID"] = cursor_file.read_text(encoding="utf-8").strip()
    return urllib.request.Request(url, json.dumps({"query": EVENTS}).encode(), headers)


def blocks(lines: Iterable[bytes]) -> Iterator[tuple[str, Any]]:
    """Cursor and result of each block. The first block of a stream has no result: it says where the stream begins."""
    cursor, data = "", None
    for line in lines:
        name, _, value = line.decode().rstrip("\r\n").partition(":")
        match name:
            case "id":
                cursor = value.strip()
            case "data" if value.strip():
                data = json.loads(value)
            case "" if not value and (cursor or data):  # an empty line ends a block; ":" alone is a sign of life
                yield cursor, data
                cursor, data = "", None


def event_of(result: dict[str, Any]) -> dict[str, Any]:
    """The event of a result.

    Errors with a cursor end a stream that was under way: it may be taken up again, but not without a token.
    """
    if "errors" not in result:
        event: dict[str, Any] = result["data"]["events"]
        return event
    error = result["errors"][0]
    extensions = error.get("extensions", {})
    may_go_on = "cursor" in extensions or extensions.get("code") == "INTERNAL_SERVER_ERROR"
    if not may_go_on or extensions.get("code") == "TOKEN_ENDED":
        raise Refused(error["message"])
    raise Interrupted(error["message"])


def handle(event: dict[str, Any]) -> None:
    """What you do with an event: here it is printed.

    An event that was processed when the program was killed before its cursor was stored comes again. Do something that
    may be repeated, or keep `event["id"]` (unique) in the same transaction as your work, and drop what you have.
    """
    print(json.dumps(event), flush=True)


def store(cursor_file: Path, cursor: str) -> None:
    """Keep the cursor: the old one or the new one, never half of it."""
    beside = cursor_file.with_suffix(".new")
    beside.write_text(cursor, encoding="utf-8")
    beside.replace(cursor_file)


def arguments() -> argparse.Namespace:
    """What was said on the command line."""
    parser = argparse.ArgumentParser(description="Print the events of KSBB Terbuka, one line of JSON each.")
    parser.add_argument("--url", default=os.environ.get("URL", "http://127.0.0.1:8000/graphql"))
    parser.add_argument("--cursor-file", default=os.environ.get("CURSOR_FILE", "cursor.txt"))
    parser.add_argument("--count", type=int, default=int(os.environ.get("COUNT", "-1")), help="stop after so many")
    return parser.parse_args()


if __name__ == "__main__":
    main()
