"""Every command line of README.md, run.

Those that need no server are run, and print what is shown, in
tests/formats/manual_test.py. The others run here on a real slurmdbd, in the
order in which README has them, as README's reader would: on a node of its own,
whose /etc and /var stand in a folder (ASSOCSYNC_* variables say where), with
--yes for the person who answers.

In the lab: tests/lab in python3 tests/sites/readme_test.py.
"""

import os
import pathlib
import re
import shlex
import shutil
import subprocess
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
LAB = HERE.parent / "lab"
BINARY = os.path.abspath(os.environ.get("ASSOCSYNC_BINARY",
                                        ROOT / "build/dev/assocsync"))
RELEASE = os.environ.get("ASSOCSYNC_TEST_RELEASE", "24.11")

# Lines that are not run, and why.
NOT_RUN = {
    "sh cli/quickstart": "tests/run runs it first of all",
    "cmake --install build/release": "writes to /usr/local; CI installs",
    "sh tests/run": "this is a part of it",
    "sh tests/run --quick": "this is a part of what that leaves out",
}
# Run otherwise.
BY_THE_LAB = {"systemctl stop slurmctld slurmdbd": ("stop",)}


def lab(*words):
    return subprocess.run([LAB, *words], check=True, text=True,
                          stdout=subprocess.PIPE).stdout.strip()


def lines():
    """(block's language and words, command) of each line that one types."""
    text = (ROOT / "README.md").read_text()
    for info, body in re.findall(r"^```([^\n]*)\n(.*?)^```$", text, re.M | re.S):
        prompt = r"[$#] " if info.startswith("console") else ""
        for line in re.findall(rf"^{prompt}(\S.*)$", body, re.M):
            yield info, re.sub(r" +# .*$", "", line)


class ReadmeTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="assocsync-readme-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.path = lab("path", RELEASE)
        lab("reset", RELEASE)
        self.addCleanup(lab, "reset", RELEASE)
        self.backups = self.folder / "backups"
        mariadb = pathlib.Path(self.path).parent / "mariadb" / "root.cnf"
        self.environment = {
            "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": self.folder,
            "ASSOCSYNC_SACCTMGR": f"{self.path}/bin/sacctmgr",
            "ASSOCSYNC_SLURMDBD": f"{self.path}/bin/slurmdbd",
            "ASSOCSYNC_SLURMDBD_CONF": f"{self.path}/slurmdbd.conf",
            "ASSOCSYNC_BACKUP_DIR": str(self.backups),
            "SLURM_CONF": f"{self.path}/slurm.conf",
        }
        self.root_login = {"ASSOCSYNC_DEFAULTS_FILE": str(mariadb)}

    def newest(self):
        """What was made last and holds a tree; README's name is its author's."""
        return max((p.parent for file in ("tree.cfg", "before.cfg")
                    for p in self.backups.glob(f"lab-*Z*/{file}")),
                   key=lambda p: p.stat().st_mtime)

    def assocsync(self, command):
        words = shlex.split(re.sub(r"/var/lib/assocsync/lab-\d+T\d+Z",
                                   lambda _: str(self.newest()), command))
        assert words[0] == "assocsync", command
        if words[1] in ("apply", "restore"):
            words.append("--yes")
        more = self.root_login if words[1] == "restore" else {}
        return subprocess.run(
            [BINARY, *words[1:]], env=dict(self.environment, **more), text=True,
            cwd=ROOT / "tests" / "formats" / "manual", stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)

    def dump(self):
        out = self.folder / "dump.cfg"
        out.unlink(missing_ok=True)
        subprocess.run([f"{self.path}/bin/sacctmgr", "dump", "lab",
                        f"file={out}"], check=True, capture_output=True)
        return sorted(out.read_text().splitlines())

    def test_every_line(self):
        stopped, ran, left = False, 0, set()
        for info, command in lines():
            if info == "console":
                continue  # manual_test.py
            if command in NOT_RUN:
                left.add(command)
                continue
            if command in BY_THE_LAB:
                lab(*BY_THE_LAB[command], RELEASE)
                stopped = True
                continue
            with self.subTest(command):
                self.assertRegex(command, r"^assocsync ")
                if stopped and " restore " not in command:
                    lab("start", RELEASE)
                    stopped = False
                self.before(command)
                done = self.assocsync(command)
                self.assertEqual(done.returncode, 0, done.stdout)
                if "apply" in command and "--only" in command:
                    self.assertEqual(self.dump(), self.whole)
                ran += 1
        if stopped:
            lab("start", RELEASE)
        self.assertEqual(left, set(NOT_RUN))
        self.assertGreater(ran, 5)
        self.assertEqual(self.dump(), self.lost)  # Undone.

    def before(self, command):
        """What has happened by then, in README's story."""
        if " plan " in command:  # "When something was lost"
            self.whole = self.dump()
            for words in (("delete", "user", "name=ann,gus"),
                          ("delete", "account", "name=genomics"),
                          ("delete", "account", "name=bio")):
                subprocess.run([f"{self.path}/bin/sacctmgr", "-i", *words],
                               capture_output=True)
            self.lost = self.dump()
            self.assertNotEqual(self.lost, self.whole)


if __name__ == "__main__":
    unittest.main()
