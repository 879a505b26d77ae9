"""A mail server for tests: a real one to talk to, which refuses or falls silent as it is told."""

import socketserver
import threading
from email import message_from_bytes, policy


class Server(socketserver.ThreadingTCPServer):
    """Keeps the mails it took in ``mails``; `answers`, `drops` and `then` are its moods."""

    allow_reuse_address = daemon_threads = True
    block_on_close = False

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Session)
        self.mails = []  # (recipient, message) of each that it took
        self.answers = {}  # what it says to a command, "RCPT" say; "." is the end of a mail
        self.drops = set()  # the commands at which it hangs up; at "." it has taken the mail
        self.then = lambda: None  # what it does between taking a mail and saying so
        threading.Thread(target=self.serve_forever, args=[0.01], daemon=True).start()

    @property
    def port(self):
        return self.server_address[1]

    def handle_error(self, request, client_address):
        """Who is killed while talking is no error of the server."""


class Session(socketserver.StreamRequestHandler):
    def handle(self):
        self.say("220 here")
        while line := self.rfile.readline():
            command = line[:4].decode().strip().upper()
            if command in self.server.drops:
                return
            if command == "DATA" and command not in self.server.answers:
                if not self.take():
                    return
                continue
            if command == "RCPT":
                self.recipient = line.decode().partition("<")[2].partition(">")[0]
            self.say(self.server.answers.get(command, "221 bye" if command == "QUIT" else "250 ok"))

    def take(self):
        """A mail; False where it hangs up then."""
        self.say("354 go on")
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
        self.say(refusal or "250 taken")
        return True

    def say(self, reply):
        self.wfile.write(reply.encode() + b"\r\n")
