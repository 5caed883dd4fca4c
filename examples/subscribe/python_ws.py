"""Follow the events of KSBB Terbuka over a websocket, and lose none (docs/subscribe.md).

    pip install 'websockets>=15'
    TOKEN=... python python_ws.py --url ws://127.0.0.1:8000/graphql --cursor-file cursor.txt

Prints one line of JSON per event. Stop it and start it again with the same cursor file: it goes on where it was.
Without TOKEN it hears what the public may hear.
"""

import argparse
import json
import os
import random
import sys
import time
from pathlib import Path
from typing import Any

from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

# Ask for as much of the subject as you need, like in a query: `subject { ... on Complaint { status category } }`.
EVENTS = """subscription ($after: String) {
  events(after: $after) { id cursor type at left subjectId regionCode fetchInstead subject { __typename id } }
}"""
SILENCE_S = 60
"""The server pings after 25 s of silence: who hears nothing for a minute has lost the connection."""
# After these closing codes nothing gets better by coming back. 4403: get another token first.
FINAL = {4400, 4401, 4403, 4406, 4409, 4429}


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
            with connect(options.url, subprotocols=[Subprotocol("graphql-transport-ws")], max_size=None) as socket:
                for event in events(socket, os.environ.get("TOKEN"), cursor_file):
                    handle(event)
                    # Only now: whoever stores the cursor first and is stopped in between has lost an event.
                    store(cursor_file, event["cursor"])
                    failures, left = 0, left - 1
                    if left == 0:
                        break
        except ConnectionClosed as closed:
            if closed.rcvd is not None and closed.rcvd.code in FINAL:
                sys.exit(f"{closed.rcvd.code} {closed.rcvd.reason}")
            print(f"The connection ended: {closed}", file=sys.stderr)
        except Refused as refused:
            sys.exit(str(refused))
        except (Interrupted, InvalidHandshake, OSError) as ended:  # OSError: no network, no server, silence
            print(f"The connection ended: {ended}", file=sys.stderr)
        if left != 0:
            time.sleep(min(30, 2**failures) * random.uniform(0.5, 1))
            failures += 1


def events(socket: ClientConnection, token: str | None, cursor_file: Path) -> Any:
    """The events of one connection."""
    send(socket, type="connection_init", payload={"Authorization": f"Bearer {token}"} if token else {})
    acknowledged = json.loads(socket.recv(SILENCE_S))
    if not cursor_file.exists():  # the very first start: nothing that happens from now on may be lost
        store(cursor_file, acknowledged["payload"]["cursor"])
    variables = {"after": cursor_file.read_text(encoding="utf-8").strip()}
    send(socket, type="subscribe", id="1", payload={"query": EVENTS, "variables": variables})
    while True:
        message = json.loads(socket.recv(SILENCE_S))
        match message["type"]:
            case "next" if "errors" not in message["payload"]:
                yield message["payload"]["data"]["events"]
            case "next":
                end(message["payload"]["errors"])
            case "error":
                end(message["payload"])
            case "ping":
                send(socket, type="pong")


def end(errors: list[dict[str, Any]]) -> None:
    """Errors with a cursor end a stream that was under way: it may be taken up again, but not without a token."""
    extensions = errors[0].get("extensions", {})
    may_go_on = "cursor" in extensions or extensions.get("code") == "INTERNAL_SERVER_ERROR"
    if not may_go_on or extensions.get("code") == "TOKEN_ENDED":
        raise Refused(errors[0]["message"])
    raise Interrupted(errors[0]["message"])


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


def send(socket: ClientConnection, **message: Any) -> None:
    """Send one message of the protocol."""
    socket.send(json.dumps(message))


def arguments() -> argparse.Namespace:
    """What was said on the command line."""
    parser = argparse.ArgumentParser(description="Print the events of KSBB Terbuka, one line of JSON each.")
    parser.add_argument("--url", default=os.environ.get("URL", "ws://127.0.0.1:8000/graphql"))
    parser.add_argument("--cursor-file", default=os.environ.get("CURSOR_FILE", "cursor.txt"))
    parser.add_argument("--count", type=int, default=int(os.environ.get("COUNT", "-1")), help="stop after so many")
    return parser.parse_args()


if __name__ == "__main__":
    main()
