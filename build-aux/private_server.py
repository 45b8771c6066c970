"""What the private servers share: certificates, ports, and orders by lines.

`prosody` and `ejabberd`, beside this file, are the programs.
"""

import json
import shutil
import signal
import socket
import subprocess
import sys
import time

CERTIFICATES = ["good", "expired", "other-name", "unknown-issuer"]


def free_ports(count):
    """Returns ports that nobody listens on now; held together so that they differ."""
    held = [socket.socket() for _ in range(count)]
    for one in held:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def authority(folder, name):
    """Makes a certificate authority; Python 3.13 wants its key usage spelled out."""
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
            "-subj", f"/CN=Stonechat test authority ({name})",
            "-addext", "basicConstraints=critical,CA:true", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
            "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.pem")
    return folder / f"{name}.pem", folder / f"{name}.key"


def certificates(folder, domain, kind):
    """Makes the authority a client is told to trust, and the certificate the server shows."""
    ca, key = authority(folder, "ca")
    if kind == "unknown-issuer":
        ca, key = authority(folder, "stranger")
    name = "other.example" if kind == "other-name" else domain
    times = ["-days", "14"]
    if kind == "expired":
        stamp = lambda days: time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() - days * 86400))
        times = ["-not_before", stamp(60), "-not_after", stamp(2)]
    (folder / "extensions").write_text(
        f"subjectAltName=DNS:{name}\nbasicConstraints=critical,CA:false\nextendedKeyUsage=serverAuth\n"
        "keyUsage=critical,digitalSignature\nauthorityKeyIdentifier=keyid\n")
    openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
            "-keyout", folder / "server.key", "-out", folder / "server.csr")
    openssl("x509", "-req", "-in", folder / "server.csr", "-CA", ca, "-CAkey", key, "-CAcreateserial",
            *times, "-extfile", folder / "extensions", "-out", folder / "server.pem")


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


class Running:
    """The server's process: started, ended, and never left behind."""

    def __init__(self, name, command, ports, log, said, environment=None, mark=None, settle=None):
        """`mark` is a file which the server itself writes when its start is over;
        `settle` waits for a moment in which it can be ended by a signal."""
        self.name, self.command, self.ports, self.log, self.said = name, command, ports, log, said
        self.environment, self.mark, self.settle = environment, mark, settle
        self.process = None

    def start(self):
        if self.process:
            raise RuntimeError("the server runs already")
        if self.mark:
            self.mark.unlink(missing_ok=True)
        with open(self.said, "ab") as said:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                                            env=self.environment)
        until = time.monotonic() + 60
        while not self.is_up():
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.name} ended at once: " + self.said.read_text()[-2000:])
            if time.monotonic() > until:
                raise RuntimeError(f"{self.name} does not answer after 60 s; see {self.log}")
            time.sleep(0.02)

    def is_up(self):
        return (not self.mark or self.mark.exists()) and all(answers(port) for port in self.ports)

    def end_when_settled(self, with_signal):
        if self.process and self.settle:
            self.settle(with_signal)
        self.end(with_signal)

    def end(self, with_signal):
        if not self.process:
            return
        self.process.send_signal(with_signal)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise RuntimeError(f"{self.name} did not stop within 20 s and was killed")
        finally:
            self.process = None


def say(answer):
    print(json.dumps(answer), flush=True)


def serve(server, running, folder, is_temporary, ready):
    """Starts the server, obeys the lines of stdin, and leaves nothing running."""
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, lambda *_: sys.exit(0))
    orders = {
        "stop": lambda _: running.end_when_settled(signal.SIGTERM),
        "kill": lambda _: running.end_when_settled(signal.SIGKILL),
        "start": lambda _: running.start(),
        "account": lambda order: server.account(order["name"], order["password"], order.get("contacts", {})),
        "forget-tokens": lambda _: server.forget_tokens(),
        "history": lambda order: server.history(order["messages"]),
    }
    try:
        running.start()
        say({"ready": True, **ready})
        for line in sys.stdin:
            try:
                order = json.loads(line)
                if order.get("do") not in orders:
                    raise ValueError(f"no such order: {order.get('do')}")
                orders[order["do"]](order)
                say({"ok": True})
            except Exception as problem:  # told to the one who asked, in words
                say({"error": str(problem) or repr(problem)})
    finally:
        try:
            running.end(signal.SIGTERM)
        finally:
            if is_temporary:
                shutil.rmtree(folder)
