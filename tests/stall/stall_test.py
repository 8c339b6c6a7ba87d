"""Every wait ends: a proxy before MariaDB that falls silent after n bytes of the
server's answers, and programs that ignore SIGTERM, leave children or hang.

In the lab: tests/lab in python3 tests/stall/stall_test.py [RELEASE]. Each
command must end by its --timeout, and by a signal, with the right status and
nothing half done; a watchdog of a minute tells what hangs. The last lines are
the longest times seen, for people: nothing is asserted of them.
ASSOCSYNC_STALLS (default 4; tests/run --full: 40) is in how many places each
conversation is cut.
"""

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
LAB = HERE.parent / "lab"
BINARY = os.environ.get("ASSOCSYNC_BINARY",
                        str(HERE.parent.parent / "build/dev/assocsync"))
STALLS = int(os.environ.get("ASSOCSYNC_STALLS", "4"))
RELEASE = "24.11"
TIMEOUT = 1
WATCHDOG = 60
worst = {}


def lab(*words):
    return subprocess.run([LAB, *words], check=True, text=True,
                          stdout=subprocess.PIPE).stdout.strip()


class Proxy:
    """Passes `limit` bytes of the server's on, over all connections."""

    def __init__(self, server, limit):
        self.server, self.limit, self.passed = server, limit, 0
        self.silent = threading.Event()
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.sockets = [self.listener]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        try:
            while True:
                client = self.listener.accept()[0]
                server = socket.socket(socket.AF_UNIX)
                server.connect(self.server)
                self.sockets += [client, server]
                for a, b, counted in ((client, server, False),
                                      (server, client, True)):
                    threading.Thread(target=self.move, args=(a, b, counted),
                                     daemon=True).start()
        except OSError:
            pass

    def move(self, source, to, counted):
        try:
            while data := source.recv(65536):
                if counted and self.limit is not None:
                    with self.lock:
                        room = max(0, self.limit - self.passed)
                        self.passed += len(data[:room])
                        if room < len(data):
                            self.silent.set()
                    data = data[:room]
                elif counted:
                    self.passed += len(data)
                if self.silent.is_set() and not data:
                    continue  # Also what the client says gets no answer.
                to.sendall(data)
            if not self.silent.is_set():
                to.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self):
        for s in self.sockets:
            # A socket that a thread waits on is not closed by closing it, and
            # the server would keep the connection and its locks.
            with contextlib.suppress(OSError):
                s.shutdown(socket.SHUT_RDWR)
            s.close()


class StallTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(lab("path", RELEASE))
        lab("reset", RELEASE)
        cls.temp = tempfile.TemporaryDirectory()
        cls.work = pathlib.Path(cls.temp.name)
        # Who connects to it is root of this machine: the proxy.
        cls.server = str(cls.folder.parent / "mariadb/mariadb.sock")
        cls.free = Proxy(cls.server, None)
        cls.target = cls.work / "target.cfg"
        cls.target.write_text(
            "Cluster - 'lab'\nParent - 'root'\nUser - 'root':"
            "DefaultAccount='root':AdminLevel='Administrator':FairShare=1\n"
            "Account - 'made':Description='made':Organization='made'\n")
        cls.backups = cls.work / "whole"
        done = cls.run_free(["backup", "--backup-dir", cls.backups,
                             "--live", "mysql"], cls.free.port)
        assert done.returncode == 0, done.stderr
        cls.backup = next(p for p in cls.backups.iterdir() if p.is_dir())

    @classmethod
    def tearDownClass(cls):
        lab("start", RELEASE)
        lab("reset", RELEASE)
        cls.temp.cleanup()
        print("\nlongest, seconds:", file=sys.stderr)
        for what, seconds in sorted(worst.items()):
            print(f"  {what}: {seconds:.1f}", file=sys.stderr)

    @classmethod
    def login(cls, port):
        path = cls.work / "my.cnf"
        path.write_text(f"[client]\nprotocol = tcp\nhost = 127.0.0.1\n"
                        f"port = {port}\nuser = root\n")
        path.chmod(0o600)
        return path

    @classmethod
    def argv(cls, words, port, sacctmgr=None):
        argv = [BINARY, *map(str, words), "--slurmdbd-conf",
                str(cls.folder / "slurmdbd.conf"), "--defaults-file",
                str(cls.login(port)), "--timeout", str(TIMEOUT)]
        if words[0] in ("plan", "apply", "backup", "check"):
            argv += ["--sacctmgr", str(sacctmgr or cls.folder / "bin/sacctmgr")]
        return argv

    @classmethod
    def run_free(cls, words, port):
        argv = cls.argv(words, port)
        argv[argv.index("--timeout") + 1] = "60"
        return subprocess.run(argv, capture_output=True, text=True, timeout=120)

    def end(self, what, words, port, begun=None, signals=(), sacctmgr=None,
            timeout=None, path=os.environ["PATH"]):
        """Runs it to its end: (status, stderr). `signals` come when `begun`."""
        argv = self.argv(words, port, sacctmgr)
        if signals:  # Then the time limit is not what ends it.
            argv[argv.index("--timeout") + 1] = "300"
        if timeout:
            argv[argv.index("--timeout") + 1] = timeout
        since = time.monotonic()
        with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.PIPE,
                              env={**os.environ, "PATH": path}) as process:
            for number in signals:
                while process.poll() is None and not begun():
                    if time.monotonic() - since > WATCHDOG:
                        process.kill()
                        self.fail(f"{what} does not get there: {argv}")
                    time.sleep(0.02)
                time.sleep(0.4)
                since = time.monotonic()
                process.send_signal(number)
            try:
                _, err = process.communicate(timeout=WATCHDOG)
            except subprocess.TimeoutExpired:
                process.kill()
                self.fail(f"{what} hangs: {argv}")
        by = (f"after {signals[-1].name}" if signals
              else f"by --timeout {timeout or TIMEOUT}")
        key = f"{what} {by}"
        worst[key] = max(worst.get(key, 0), time.monotonic() - since)
        return process.returncode, err

    def sweep(self, words, allowed, cleanup=lambda: None):
        whole = Proxy(self.server, None)
        done = self.run_free(words, whole.port)
        whole.close()
        self.assertIn(done.returncode, allowed, done.stderr)
        for i in range(STALLS):
            limit = whole.passed * i // STALLS + (0 if i == 0 else 7)
            for signals in ((), (signal.SIGINT,), (signal.SIGTERM,)):
                with self.subTest(words=words[0], limit=limit, by=signals):
                    cleanup()
                    proxy = Proxy(self.server, limit)
                    status, err = self.end(words[0], words, proxy.port,
                                           proxy.silent.is_set, signals)
                    stalled = proxy.silent.is_set()
                    proxy.close()
                    if signals and stalled:
                        self.assertIn(status, (130, *allowed), err)
                    elif stalled:
                        self.assertIn(status, (1, *allowed), err)
                    self.assertNothingHalf()

    def assertNothingHalf(self):
        for path in self.work.rglob("*"):
            self.assertNotRegex(path.name, r"\.tmp|\.partial", str(path))

    def test_plan(self):
        self.sweep(["plan", self.target, "--live", "mysql"], (0, 3))

    def test_check(self):
        self.sweep(["check", self.target, "--live", "mysql"], (0, 3))

    def test_log(self):
        self.sweep(["log"], (0,))

    def test_backup(self):
        self.sweep(["backup", "--live", "mysql", "--backup-dir",
                    self.work / "cut"], (0,))

    def test_verify(self):
        self.sweep(["verify", self.backup, "--load"], (0,))

    def test_restore_preview(self):
        lab("stop", RELEASE)
        self.addCleanup(lab, "start", RELEASE)
        self.sweep(["restore", self.backup, "--release", RELEASE,
                    "--backup-dir", self.work / "restores"], (3,))

    def script(self, name, text):
        path = self.work / name
        path.write_text("#!/bin/sh\n" + text)
        path.chmod(0o755)
        return path

    def test_program_that_ignores_sigterm_and_leaves_children(self):
        mark = self.work / "mark"
        (self.work / "bin").mkdir()
        path = f"{self.work}/bin:{os.environ['PATH']}"
        program = self.script("bin/mariadb-dump", "[ \"$2\" != --version ] || "
                              "exec /usr/bin/mariadb-dump --version\n"
                              f"trap '' TERM INT\n(trap '' TERM; "
                              f"sleep 300) &\ntouch '{mark}'\nwait\nsleep 300\n")
        for signals in ((), (signal.SIGINT,), (signal.SIGTERM,)):
            for words, sacctmgr in (
                    (["plan", self.target, "--live", "sacctmgr"], program),
                    (["backup", "--backup-dir", self.work / "deaf-backups",
                      "--live", "mysql"], None)):
                with self.subTest(words=words[0], by=signals):
                    mark.unlink(missing_ok=True)
                    status, err = self.end("deaf " + words[0], words, self.free.port,
                                           mark.exists, signals, sacctmgr,
                                           path=path)
                    self.assertEqual(status, 130 if signals else 1, err)

    def apply_with(self, hang, signals, timeout=None):
        """apply whose changing command is `hang`: status and journal."""
        lab("reset", RELEASE)
        mark = self.work / "mark"
        mark.unlink(missing_ok=True)
        real = self.folder / "bin/sacctmgr"
        program = self.script("sacctmgr", f"""
[ "$1" = -i ] || exec '{real}' "$@"
trap '' TERM
touch '{mark}'
{hang}
""")
        runs = self.work / f"runs{time.monotonic_ns()}"
        status, err = self.end(
            "apply", ["apply", self.target, "--yes", "--live", "mysql",
                      "--backup-dir", runs], self.free.port, mark.exists, signals,
            program, timeout)
        journals = list(runs.rglob("journal.jsonl"))
        self.assertEqual(len(journals), 1, err)
        return status, journals[0].read_text(), err

    def test_apply_whose_command_hangs(self):
        for signals, timeout in (((), "4s"), ((signal.SIGINT,) * 2, None),
                                 ((signal.SIGINT, signal.SIGTERM), None)):
            with self.subTest(by=signals):
                status, journal, err = self.apply_with("sleep 300", signals,
                                                       timeout)
                self.assertIn(status, (1, 4), err)
                # The rows were looked at: nothing of it happened, or not known.
                self.assertRegex(journal, r'"(unknown|no effect|refused)"')

    def test_apply_finishes_the_command_at_hand(self):
        status, journal, err = self.apply_with(
            f"sleep 2; exec '{self.folder}/bin/sacctmgr' \"$@\"",
            (signal.SIGINT,))
        self.assertIn(status, (0, 4), err)
        self.assertIn('"done"', journal)


if __name__ == "__main__":
    if len(sys.argv) > 1 and not sys.argv[1].startswith("-"):
        if not sys.argv[1].startswith("StallTest"):
            RELEASE = sys.argv.pop(1)
    unittest.main()
