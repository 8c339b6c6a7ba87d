"""The pager: when there is one, which one, and that it costs no output.

Part of tests/formats/formats_test.py.
"""

import fcntl
import os
import pty
import signal
import subprocess
import tempfile
import termios
import time
import unittest

import terminal
from manual_test import BINARY, FILES, environment

PLAN = ["plan", "backup.cfg", "--live", "today.cfg", "--release", "24.11"]

# Writes down how it was called, and passes everything on.
PAGER = """#!/bin/sh
echo "$LESS,$LV,$*" > "$0.said"
exec cat
"""
# Leaves at once.
LEAVES = """#!/bin/sh
exec true
"""
# As less: Ctrl-C is its own. Reads on once it has come.
WAITS = """#!/bin/sh
interrupted=
trap 'interrupted=1' INT
: > "$0.said"
while [ -z "$interrupted" ]; do sleep 0.1; done
exec cat
"""


class PagerTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.pager = self.script("pager", PAGER)

    def script(self, name, text, folder=None):
        path = os.path.join(folder or self.folder, name)
        with open(path, "w") as f:
            f.write(text)
        os.chmod(path, 0o755)
        return path

    def said(self, path=None):
        """How the pager was called; None: it was not."""
        try:
            with open((path or self.pager) + ".said") as f:
                said = f.read().strip()
            os.unlink((path or self.pager) + ".said")
            return said
        except FileNotFoundError:
            return None

    def start(self, words, **variables):
        ours, theirs = pty.openpty()

        def own_terminal():
            os.setsid()
            fcntl.ioctl(1, termios.TIOCSCTTY, 0)

        process = subprocess.Popen(
            [BINARY, *words], cwd=FILES, stdin=theirs, stdout=theirs,
            stderr=theirs, preexec_fn=own_terminal,
            env=environment(self.folder, **{"TERM": "xterm", **variables}))
        os.close(theirs)
        return process, ours

    def finish(self, process, ours):
        return terminal.all_of(ours), process.wait(60)

    def shown(self, words, **variables):
        return self.finish(*self.start(words, **variables))

    def test_what_is_paged(self):
        status = ["--detailed-exitcode"]
        for words, code in ((PLAN + status, 2),
                            (["diff", "base.cfg", "proposal.cfg"], 0),
                            (["check", "proposal.cfg"], 0),
                            (PLAN + ["--quiet"], 0)):
            with self.subTest(words):
                text, got = self.shown(words, PAGER=self.pager + " -a b")
                self.assertEqual(got, code, text)
                self.assertEqual(self.said(), "FRX,-c,-a b")
                plain, _ = self.shown(words + ["--no-pager"],
                                      PAGER=self.pager)
                self.assertIsNone(self.said())
                self.assertEqual(text.split("\r")[-1], plain.split("\r")[-1])
        # What people type at, or nothing but a line comes of.
        for words in (["fmt", "backup.cfg"], ["plan", "--help"]):
            self.shown(words, PAGER=self.pager)
            self.assertIsNone(self.said(), words)

    def test_which(self):
        other = self.script("other", PAGER)
        for variables, one, two in (
                ({"PAGER": self.pager, "ASSOCSYNC_PAGER": other}, None, "FRX"),
                ({"PAGER": self.pager, "LESS": "R"}, "R", None),
                ({"PAGER": self.pager, "ASSOCSYNC_PAGER": ""}, None, None),
                ({"PAGER": ""}, None, None),
                ({"PAGER": self.pager, "ASSOCSYNC_PAGER": "cat"}, None, None),
                ({"PAGER": self.pager, "ASSOCSYNC_NO_PAGER": "1"}, None, None),
                ({"PAGER": self.pager, "TERM": "dumb"}, None, None)):
            with self.subTest(variables):
                text, code = self.shown(PLAN, **variables)
                self.assertEqual(code, 0)
                self.assertIn("Plan: 5 to add", text)
                for path, want in ((self.pager, one), (other, two)):
                    said = self.said(path)
                    self.assertEqual(said and said.split(",")[0], want)

    def test_without_a_terminal(self):
        done = subprocess.run([BINARY, *PLAN], cwd=FILES, capture_output=True,
                              env=environment(self.folder, PAGER=self.pager))
        self.assertEqual(done.returncode, 0)
        self.assertIsNone(self.said())

    def test_no_shell(self):
        for value in (self.pager + " | cat", self.pager + "; touch x",
                      "X=1 " + self.pager, f"'{self.pager}'", "$PAGER",
                      self.pager + "\n", "~/pager", " ", "no-such-pager",
                      self.folder):
            with self.subTest(value):
                text, code = self.shown(PLAN, PAGER=value)
                self.assertEqual(code, 0)
                self.assertIn("warning: no pager: ", text)
                self.assertIn("Plan: 5 to add", text)
                self.assertIsNone(self.said())

    def test_a_pager_that_others_can_change(self):
        folder = os.path.join(self.folder, "open")
        os.mkdir(folder)
        os.chmod(folder, 0o777)
        path = self.script("pager", PAGER, folder)
        text, code = self.shown(PLAN, PAGER=path)
        self.assertEqual(code, 0)
        self.assertIn("warning: no pager: ", text)
        self.assertIsNone(self.said(path))

    def test_who_leaves_early(self):
        leaves = self.script("leaves", LEAVES)
        words = PLAN + ["--verbose", "--detailed-exitcode"]
        for _ in range(3):
            text, code = self.shown(words, PAGER=leaves)
            self.assertEqual(code, 2, text)

    def test_interrupt_is_the_pagers(self):
        waits = self.script("waits", WAITS)
        process, ours = self.start(PLAN, PAGER=waits)
        for _ in range(600):
            if self.said(waits) is not None:
                break
            time.sleep(0.05)
        self.assertIsNone(process.poll())
        os.write(ours, b"\x03")
        text, code = self.finish(process, ours)
        self.assertEqual(code, 0)
        self.assertIn("Plan: 5 to add, 1 to change, 0 to move, 1 to delete",
                      text)

    def test_less(self):
        """What is more than a screen waits for its reader; q is no error."""
        process, ours = self.start(
            ["diff", "backup.cfg", "today.cfg", "-U99", "--detailed-exitcode"],
            LINES="5", COLUMNS="80")
        time.sleep(1)
        os.write(ours, b"q")
        text, code = self.finish(process, ours)
        self.assertEqual(code, 2, text)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    unittest.main()
