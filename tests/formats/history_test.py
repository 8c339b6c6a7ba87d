"""assocsync history: its JSON by its schema, and its text.

Part of tests/formats/formats_test.py.
"""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import unittest

import jsonschema

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
BINARY = os.path.abspath(os.environ["ASSOCSYNC_BINARY"])

TREE = """Cluster - 'lab':Fairshare=1
Parent - 'root'
User - 'root':DefaultAccount='root':AdminLevel='Administrator':Fairshare=1
Account - 'bio':Description='b':Organization='b':Fairshare=1
"""
ANN = "Parent - 'bio'\nUser - 'ann':DefaultAccount='bio':Fairshare=1:MaxJobs={}\n"


class HistoryTest(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="assocsync-history-")
        self.addCleanup(shutil.rmtree, self.dir)
        for day, tree in ((24, TREE), (25, TREE + ANN.format(4)),
                          (26, TREE + ANN.format(4)),
                          (27, TREE + ANN.format(8)), (28, TREE)):
            self.put(day, tree)

    def put(self, day, tree):
        folder = os.path.join(self.dir, f"lab-202611{day}T010000Z")
        os.mkdir(folder, 0o700)
        with open(os.path.join(folder, "tree.cfg"), "w") as out:
            out.write(tree)
        with open(os.path.join(folder, "manifest.json"), "w") as out:
            json.dump({
                "format_version": 1, "created": f"2026-11-{day}T01:00:00Z",
                "cluster": "lab", "database": "", "server_version": "",
                "slurm_release": "24.11.5",
                "tool": "the trees alone, by sacctmgr", "version": "0.1.0",
                "files": [{"name": "tree.cfg", "bytes": len(tree),
                           "sha256": hashlib.sha256(tree.encode()).hexdigest()}],
                "tables": [], "made_by": "assocsync backup",
                "trees": [{"cluster": "lab", "file": "tree.cfg"}]}, out)

    def history(self, *words):
        return subprocess.run(
            [BINARY, "history", *words, "--backup-dir", self.dir,
             "--slurmdbd-conf", "/nonexistent"], capture_output=True, text=True,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            stdin=subprocess.DEVNULL, timeout=60)

    def test_json_by_its_schema(self):
        with open(os.path.join(ROOT, "engine", "render",
                               "history.schema.json")) as schema:
            schema = json.load(schema)
        jsonschema.Draft202012Validator.check_schema(schema)
        for row in ("bio/ann", "user=ann", "account=bio"):
            done = self.history(row, "--format", "json")
            self.assertEqual(done.returncode, 0, done.stderr)
            if row != "account=bio":  # Nobody changed it.
                self.assertIn("who changed what is not known", done.stderr)
            document = json.loads(done.stdout)
            jsonschema.validate(document, schema)
        document = json.loads(self.history("bio/ann", "--format", "json").stdout)
        self.assertEqual([entry["there"] for entry in document["entries"]],
                         [False, True, True, False])
        self.assertEqual(document["trees"], 5)
        self.assertFalse(document["log_read"])

    def test_text(self):
        done = self.history("bio/ann", "--quiet")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout, """\
Cluster lab, bio/ann: 5 saved trees

2026-11-24 01:00:00  lab-20261124T010000Z/tree.cfg
    is not there

2026-11-25 01:00:00  lab-20261125T010000Z/tree.cfg
    + association bio/ann  MaxJobs 4

2026-11-27 01:00:00  lab-20261127T010000Z/tree.cfg
    ~ association bio/ann  MaxJobs 4 -> 8

2026-11-28 01:00:00  lab-20261128T010000Z/tree.cfg
    is not there
    - association bio/ann
""")
        some = self.history("bio/ann", "--quiet", "--until", "2026-11-26T12:00")
        self.assertIn("The same up to 2026-11-26 01:00:00", some.stdout)

    def test_what_is_wrong(self):
        with open(os.path.join(self.dir, "lab-20261125T010000Z", "tree.cfg"),
                  "a") as out:
            out.write("#\n")
        done = self.history("bio/ann")
        self.assertEqual(done.returncode, 0)
        self.assertIn("passed over: ", done.stderr)
        self.assertIn("lab-20261126T010000Z", done.stdout)
        for words, status, told in (
                (["bio/"], 1, "is no row"), ([], 64, "which row?"),
                (["qos=long"], 1, "that lists QOS"),
                (["bio/ann", "--cluster", "no"], 1, "only of lab"),
                (["bio/ann", "--since", "2027-01-01"], 1, "in that time")):
            done = self.history(*words)
            self.assertEqual((done.returncode, done.stdout), (status, ""))
            self.assertIn(told, done.stderr)


if __name__ == "__main__":
    unittest.main()
