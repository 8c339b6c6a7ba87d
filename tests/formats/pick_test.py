"""--pick: the changes in an editor, on a terminal of its own.

The editor is a small script: no person is needed. Part of
tests/formats/formats_test.py.
"""

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

BINARY = os.path.abspath(os.environ["ASSOCSYNC_BINARY"])

LIVE = """# assocsync:1 Slurm 24.11
Cluster - 'lab':Fairshare=1
Parent - 'root'
User - 'root':DefaultAccount='root':AdminLevel='Administrator':Fairshare=1
Account - 'bio':Description='bio':Organization='bio':Fairshare=1
Account - 'hep':Description='hep':Organization='hep':Fairshare=1
Parent - 'bio'
User - 'ann':DefaultAccount='bio':Fairshare=1
User - 'bob':DefaultAccount='bio':Fairshare=1
Parent - 'hep'
User - 'carl':DefaultAccount='hep':Fairshare=1:MaxJobs=4
# assocsync:end
"""
# bio goes, with ann and bob; chem comes, with dan below sub; carl gets more.
TARGET = """# assocsync:1 Slurm 24.11
Cluster - 'lab':Fairshare=1
Parent - 'root'
User - 'root':DefaultAccount='root':AdminLevel='Administrator':Fairshare=1
Account - 'chem':Description='chem':Organization='chem':Fairshare=1
Account - 'hep':Description='hep':Organization='hep':Fairshare=1
Parent - 'chem'
Account - 'sub':Description='sub':Organization='chem':Fairshare=1
Parent - 'hep'
User - 'carl':DefaultAccount='hep':Fairshare=1:MaxJobs=8
Parent - 'sub'
User - 'dan':DefaultAccount='sub':Fairshare=1
# assocsync:end
"""


class PickTest(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="assocsync-pick-")
        self.addCleanup(shutil.rmtree, self.dir)
        os.mkdir(self.path("tmp"))
        for name, text in (("live.cfg", LIVE), ("target.cfg", TARGET)):
            with open(self.path(name), "w") as out:
                out.write(text)

    def path(self, name):
        return os.path.join(self.dir, name)

    def editor(self, script, name="editor"):
        """A program that does this to the file $1."""
        path = self.path(name)
        with open(path, "w") as out:
            out.write("#!/bin/sh\n" + script + "\n")
        os.chmod(path, 0o700)
        return path

    def pick(self, script, *more, command="plan", terminal=True, variables=None,
             keys=None):
        """(status, stdout, stderr) with a terminal that nobody sees."""
        env = {"PATH": "/usr/bin:/bin", "HOME": self.dir, "TERM": "xterm",
               "TMPDIR": self.path("tmp"), "LC_ALL": "C.UTF-8",
               "XDG_STATE_HOME": self.dir}
        env.update(variables if variables is not None
                   else {"EDITOR": self.editor(script)})
        words = [BINARY, command, self.path("target.cfg"), "--live",
                 self.path("live.cfg"), "--release", "24.11", "--max-delete",
                 "100%", "--pick", *more]
        out, err = self.path("out"), self.path("err")
        pid, terminal_fd = pty.fork() if terminal else (os.fork(), None)
        if pid == 0:
            if not terminal:
                os.setsid()  # No terminal is its own any more.
                null = os.open("/dev/null", os.O_RDONLY)
                os.dup2(null, 0)
            for fd, path in ((1, out), (2, err)):
                file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
                os.dup2(file, fd)
            os.execve(words[0], words, env)
        if keys is not None:
            keys(pid, terminal_fd)
        _, status = os.waitpid(pid, 0)
        if terminal_fd is not None:
            os.close(terminal_fd)
        with open(out) as stdout, open(err) as stderr:
            return os.waitstatus_to_exitcode(status), stdout.read(), stderr.read()

    def left(self):
        return os.listdir(self.path("tmp"))

    def test_what_is_shown_and_left(self):
        status, out, err = self.pick(
            f'cp "$1" {self.path("shown")}; stat -c "%a %h" "$1" "$(dirname '
            f'"$1")" > {self.path("modes")}; tty > {self.path("tty")}; '
            'sed -i "/carl/!d" "$1"')
        self.assertEqual(status, 0, err)
        with open(self.path("shown")) as shown:
            lines = shown.read().splitlines()
        changes = [line for line in lines if re.match(r"\d+ [-+~] ", line)]
        self.assertEqual(len(changes), len([l for l in lines if l
                                            and not l.startswith("#")]))
        self.assertTrue(any("~ association hep/carl  MaxJobs 4 -> 8" in line
                            for line in changes), lines)
        self.assertTrue(lines[-1].startswith("#"))
        with open(self.path("modes")) as modes:
            self.assertEqual(modes.read().split()[::2], ["600", "700"])
        with open(self.path("tty")) as tty:
            self.assertIn("/dev/", tty.read())
        self.assertIn("carl", out)
        self.assertIn("1 of ", out)
        self.assertNotIn("chem", out)
        self.assertEqual(self.left(), [])

    def test_what_it_needs_comes_and_is_told(self):
        status, out, err = self.pick('sed -i "/association sub\\/dan/!d" "$1"')
        self.assertEqual(status, 0, err)
        self.assertIn("account sub: sub/dan is below it", out)
        self.assertIn("account chem: sub is below it", out)
        self.assertIn("chem", out)
        self.assertNotIn("bob", out)
        # An account that goes takes its users.
        status, out, err = self.pick('sed -i "/- account bio/!d" "$1"')
        self.assertEqual(status, 0, err)
        self.assertIn("bio/ann: account bio goes", out)
        self.assertNotIn("chem", out)

    def test_comments_and_all_of_it(self):
        whole = self.pick("true")
        commented = self.pick('sed -i "/chem/s/^/# /; /sub/s/^/#/" "$1"')
        for status, _, err in (whole, commented):
            self.assertEqual(status, 0, err)
        self.assertIn("chem", whole[1])
        self.assertNotIn("was picked", whole[1])  # It is the plan itself.
        self.assertNotIn("chem", commented[1])
        self.assertIn("was picked", commented[1])

    def test_nothing(self):
        for script in (': > "$1"', 'sed -i "s/^/#/" "$1"'):
            status, out, err = self.pick(script)
            self.assertEqual((status, out), (0, ""), err)
            self.assertIn("nothing was picked", err)
            self.assertEqual(self.left(), [])

    def test_lines_that_are_none_are_kept(self):
        for script, word in (('sed -i "s/4 -> 8/4 -> 9/" "$1"', "4 -> 9"),
                             ('echo "99 + user eve" >> "$1"', "eve")):
            status, out, err = self.pick(script)
            self.assertEqual((status, out), (1, ""), err)
            self.assertIn(word, err)
            path = re.search(r"(\S+/changes): line \d+", err).group(1)
            with open(path) as kept:
                self.assertIn(word, kept.read())
            shutil.rmtree(os.path.dirname(path))
        status, _, err = self.pick('rm "$1"')
        self.assertEqual(status, 1, err)

    def test_editors_that_fail_or_are_none(self):
        status, out, err = self.pick("exit 3")
        self.assertEqual((status, out), (1, ""))
        self.assertIn("exit code 3", err)
        self.assertEqual(self.left(), [])
        witness = self.path("witness")
        for words in (f"touch {witness}; true", f"$(touch {witness})",
                      "'a b'", "no-such-editor"):
            status, out, err = self.pick("", variables={"EDITOR": words})
            self.assertIn(status, (1, 3), err)
            self.assertEqual(out, "")
            self.assertFalse(os.path.exists(witness))
        # $VISUAL wins; words behind the program are its own.
        visual = self.editor(f'echo "$1" > {self.path("word")}; sed -i '
                             '"/carl/!d" "$2"', "visual")
        status, out, err = self.pick(
            "", variables={"EDITOR": "no-such-editor",
                           "VISUAL": visual + "  --wait "})
        self.assertEqual(status, 0, err)
        with open(self.path("word")) as word:
            self.assertEqual(word.read(), "--wait\n")

    def test_an_editor_that_others_can_change_is_not_run(self):
        editor = self.editor("true")
        os.chmod(editor, 0o777)
        status, _, err = self.pick("", variables={"EDITOR": editor})
        self.assertEqual(status, 3, err)
        self.assertIn("refused", err)

    def test_without_a_terminal(self):
        status, out, err = self.pick("true", terminal=False)
        self.assertEqual((status, out), (3, ""))
        self.assertIn("--only", err)

    def test_keys_are_the_editors(self):
        def press(_, terminal):
            while not os.path.exists(self.path("ready")):
                time.sleep(0.02)
            os.write(terminal, b"\x03")

        status, out, err = self.pick(
            f'trap "sed -i /carl/!d \\"$1\\"; exit 0" INT; touch '
            f'{self.path("ready")}; while :; do sleep 0.05; done', keys=press)
        self.assertEqual(status, 0, err)
        self.assertIn("carl", out)

    def test_end_of_the_command_is_that_of_the_editor(self):
        def end(pid, _):
            while not os.path.exists(self.path("ready")):
                time.sleep(0.02)
            os.kill(pid, signal.SIGTERM)

        status, out, _ = self.pick(
            f'touch {self.path("ready")}; exec sleep 60', keys=end)
        self.assertEqual(status, 130)
        self.assertEqual(out, "")

    def test_saved_plans_carry_it(self):
        plan = self.path("plan.json")
        status, out, err = self.pick('sed -i "/carl/!d" "$1"', "--out", plan,
                                     "--format", "json")
        self.assertEqual(status, 0, err)
        with open(plan) as text:
            saved = json.load(text)
        self.assertEqual(saved["options"]["pick"],
                         [{"what": "association", "qos": "", "account": "hep",
                           "user": "carl", "partition": ""}])
        self.assertEqual(json.loads(out)["changes"], saved["changes"])
        self.assertEqual(len(saved["changes"]), 1)
        # apply reads it, and is stopped by live alone, which is no server.
        again = subprocess.run(
            [BINARY, "apply", plan, "--live", "sacctmgr", "--sacctmgr",
             "/nonexistent", "--no-sql-dump"], text=True, capture_output=True,
            env={"PATH": "/usr/bin:/bin", "HOME": self.dir})
        self.assertEqual(again.returncode, 1)
        self.assertIn("/nonexistent", again.stderr)


if __name__ == "__main__":
    unittest.main()
