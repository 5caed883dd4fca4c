"""A receiver of webhooks of KSBB Terbuka: Python's standard library only.

    KSBB_SECRET=whsec_... python webhook_receiver.py 8080

It verifies the signature (Standard Webhooks), refuses what is old, drops what came before, answers at once, and prints
one line per event. In production: behind HTTPS, with the set of ids in a database, and the work done after the answer.
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

TOLERANCE_S = 300
LARGEST = 100_000  # bytes; messages have less than 1,000


def is_signed(secret: str, headers: Message, body: bytes) -> bool:
    """Whether one of the signatures is ours: while a secret is being changed, there are two."""
    message_id, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not at.isdecimal() or abs(time.time() - int(at)) > TOLERANCE_S:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.new(key, f"{message_id}.{at}.".encode() + body, hashlib.sha256).digest()
    expected = "v1," + base64.b64encode(signed).decode()
    given = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(expected.encode(), one.encode()) for one in given)


class Receiver(BaseHTTPRequestHandler):
    """Answers one message at a time."""

    protocol_version = "HTTP/1.1"
    secret = ""
    seen: ClassVar[set[str]] = set()

    def do_POST(self) -> None:
        """Take a message."""
        length = int(self.headers.get("content-length", 0))
        if length > LARGEST:
            self.answer(413)
            self.close_connection = True
            return
        body = self.rfile.read(length)
        if not is_signed(self.secret, self.headers, body):
            self.answer(401)
            return
        self.answer(204)  # first the answer, then the work: who is slow gets the message again
        message_id = self.headers["webhook-id"]
        if message_id in self.seen:
            return  # sent again, because an answer got lost or somebody asked for a replay
        self.seen.add(message_id)
        message = json.loads(body)
        data = message["data"]
        print(message["type"], data.get("subjectType", "-"), data.get("subjectId", "-"), data["id"], flush=True)

    def answer(self, status: int) -> None:
        """Answer without a body."""
        self.send_response(status)
        if status != 204:
            self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing: the standard log would print every address."""


if __name__ == "__main__":
    Receiver.secret = os.environ["KSBB_SECRET"]
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver)
    print("listens", server.server_address[1], flush=True)
    server.serve_forever()
