"""A receiver of webhooks of KSBB Terbuka: Python's standard library only.

    KSBB_SECRET=whsec_... python webhook_receiver.py 8080

It verifies the signature (Standard Webhooks), refuses what is old, drops what came before, prints one line per event,
and answers. In production: behind HTTPS, with message and id kept in one transaction before the answer, and long work
after it: who does not answer within 15 seconds gets the message again.
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
        message_id = self.headers["webhook-id"]
        if message_id not in self.seen:  # else sent again: an answer got lost, or somebody asked for a replay
            message = json.loads(body)
            data = message["data"]
            print(message["type"], data.get("subjectType", "-"), data.get("subjectId", "-"), data["id"], flush=True)
            self.seen.add(message_id)
        self.answer(204)  # once it is kept: what was answered is never sent again

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
