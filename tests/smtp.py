"""A mail server for tests, which can refuse mails or hang up."""

import socketserver
import threading
from email import message_from_bytes, policy


class Server(socketserver.ThreadingTCPServer):
    """Accepts mails into ``mails``; tests set `answers`, `drops` and `then` to cause failures."""

    allow_reuse_address = daemon_threads = True
    block_on_close = False

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Session)
        self.mails = []  # (recipient, message) of each accepted mail
        self.answers = {}  # command, such as "RCPT", -> reply; "." is the end of a mail
        self.drops = set()  # commands at which it hangs up; at "." it has accepted the mail
        self.then = lambda: None  # called between accepting a mail and confirming it
        threading.Thread(target=self.serve_forever, args=[0.01], daemon=True).start()

    @property
    def port(self):
        return self.server_address[1]

    def handle_error(self, request, client_address):
        """Ignore errors: a client may be killed while talking to the server."""


class Session(socketserver.StreamRequestHandler):
    def handle(self):
        self.reply("220 here")
        while line := self.rfile.readline():
            command = line[:4].decode().strip().upper()
            if command in self.server.drops:
                return
            if command == "DATA" and command not in self.server.answers:
                if not self.receive_mail():
                    return
                continue
            if command == "RCPT":
                self.recipient = line.decode().partition("<")[2].partition(">")[0]
            self.reply(
                self.server.answers.get(command, "221 bye" if command == "QUIT" else "250 ok")
            )

    def receive_mail(self):
        """Receive a mail; False if the server hangs up after it."""
        self.reply("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        refusal = self.server.answers.get(".", "")
        if not refusal.startswith(("4", "5")):
            message = message_from_bytes(b"".join(lines), policy=policy.default)
            self.server.mails.append((self.recipient, message))
            self.server.then()
        if "." in self.server.drops:
            return False
        self.reply(refusal or "250 taken")
        return True

    def reply(self, line):
        self.wfile.write(line.encode() + b"\r\n")
