"""What the nights print and install, read by others: `backups`, `prune` and
`status` by their schemas, the units by systemd.

Part of tests/formats/formats_test.py.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import unittest

import jsonschema

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
BINARY = os.path.abspath(os.environ["ASSOCSYNC_BINARY"])
UNITS = os.path.join(ROOT, "cli", "systemd")

TREE = ("Cluster - 'lab':Fairshare=1:QOS='normal'\nParent - 'root'\n"
        "User - 'root':DefaultAccount='root':AdminLevel='Administrator'\n")

# Of systemd.directives(7): those that the units may use, with the version that
# brought them. RHEL 8 has 239.
SINCE = {
    "Description": 0, "Documentation": 0, "Wants": 0, "After": 0,
    "OnFailure": 10, "WantedBy": 0, "Type": 0, "Environment": 0,
    "EnvironmentFile": 0, "ExecStart": 0, "TimeoutStartSec": 188, "Nice": 0,
    "IOSchedulingClass": 0, "UMask": 0, "StateDirectory": 235,
    "StateDirectoryMode": 235, "ProtectSystem": 232, "ProtectHome": 214,
    "PrivateTmp": 0, "PrivateDevices": 209, "ProtectKernelTunables": 232,
    "ProtectKernelModules": 232, "ProtectControlGroups": 232,
    "NoNewPrivileges": 187, "CapabilityBoundingSet": 0,
    "RestrictAddressFamilies": 211, "RestrictNamespaces": 233,
    "RestrictRealtime": 231, "LockPersonality": 235,
    "SystemCallArchitectures": 209, "OnCalendar": 0, "RandomizedDelaySec": 229,
    "Persistent": 212,
}


def make_backup(backups, name, missing=False):
    folder = os.path.join(backups, name)
    os.mkdir(folder, 0o700)
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ",
                          time.strptime(name[4:], "%Y%m%dT%H%M%SZ"))
    if not missing:
        with open(os.path.join(folder, "tree.cfg"), "w") as out:
            out.write(TREE)
    manifest = {
        "format_version": 1, "created": stamp, "cluster": "lab",
        "database": "", "server_version": "", "slurm_release": "24.11.5",
        "tool": "the trees alone, by sacctmgr", "version": "0.1.0",
        "files": [{"name": "tree.cfg", "bytes": len(TREE), "sha256":
                   hashlib.sha256(TREE.encode()).hexdigest()}],
        "tables": [], "made_by": "assocsync backup", "clusters": ["lab"],
        "trees": [{"cluster": "lab", "file": "tree.cfg"}]}
    with open(os.path.join(folder, "manifest.json"), "w") as out:
        json.dump(manifest, out)


class NightsTest(unittest.TestCase):

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="assocsync-nights-")
        self.addCleanup(shutil.rmtree, self.dir)
        self.backups = os.path.join(self.dir, "backups")
        os.mkdir(self.backups, 0o700)
        for n, name in enumerate(["lab-20261123T003000Z",
                                  "lab-20261124T003000Z",
                                  "lab-20261125T003000Z"]):
            make_backup(self.backups, name, missing=n == 2)
        os.symlink("/etc", os.path.join(self.backups, "link"))
        with open(os.path.join(os.fsencode(self.backups), b"\xff"), "w"):
            pass

    def run_json(self, command, *words):
        done = subprocess.run(
            [BINARY, command, "--backup-dir", self.backups, "--format", "json",
             *words], env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(os.path.join(ROOT, "engine", "render",
                               command + ".schema.json")) as f:
            schema = json.load(f)
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.Draft202012Validator(schema).validate(json.loads(done.stdout))
        return json.loads(done.stdout)

    def test_schemas_hold(self):
        listed = self.run_json("backups")
        self.assertEqual([b["good"] for b in listed["backups"]],
                         [False, True, True])
        self.assertEqual(listed["others"][1]["name"], {"base64": "/w=="})
        status = self.run_json("status", "--no-live")
        self.assertEqual(status["last_backup"]["name"], "lab-20261124T003000Z")
        self.assertIsNone(status["last_verify"])
        subprocess.run([BINARY, "verify", "--backup-dir", self.backups,
                        os.path.join(self.backups, "lab-20261124T003000Z")],
                       check=True, capture_output=True)
        tree = os.path.join(self.dir, "tree.cfg")
        with open(tree, "w") as out:
            out.write(TREE)
        status = self.run_json("status", tree, "--live", tree)
        self.assertTrue(status["last_verify"]["good"])
        self.assertEqual(status["drift"][0]["changes"], 0)
        status = self.run_json("status", tree, "--live", "/none.cfg")
        self.assertIsNone(status["drift"][0]["changes"])
        dry = self.run_json("prune", "--keep-last", "1", "--dry-run")
        self.assertEqual([b["keep"] for b in dry["backups"]], [True, False])
        self.assertEqual(len(dry["left_alone"]), 1)
        pruned = self.run_json("prune", "--keep-last", "1")
        self.assertEqual(pruned["removed"],
                         [os.path.join(self.backups, "lab-20261123T003000Z")])


class UnitsTest(unittest.TestCase):

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="assocsync-units-")
        self.addCleanup(shutil.rmtree, self.dir)
        for name in os.listdir(UNITS):
            with open(os.path.join(UNITS, name)) as f:
                text = f.read()
            text = text.replace("@CMAKE_INSTALL_FULL_BINDIR@",
                                os.path.dirname(BINARY))
            self.assertNotIn("@CMAKE", text)
            with open(os.path.join(self.dir, name.removesuffix(".in")),
                      "w") as out:
                out.write(text)

    def text(self, name):
        with open(os.path.join(self.dir, name)) as f:
            return f.read()

    def test_systemd_239_knows_all_of_it(self):
        for name in os.listdir(self.dir):
            text = self.text(name)
            keys = re.findall(r"^(\w+)=", text, re.M)
            self.assertTrue(keys)
            for key in keys:
                with self.subTest(unit=name, key=key):
                    self.assertLessEqual(SINCE[key], 239)
            # Before 244 such a unit is refused.
            if "Type=oneshot" in text:
                self.assertNotRegex(text, r"(?m)^Restart=")

    def test_systemd_takes_them(self):
        if shutil.which("systemd-analyze") is None:
            self.skipTest("no systemd-analyze here")
        for name in os.listdir(self.dir):
            instance = name.replace("@.", "@assocsync-backup.service.")
            with self.subTest(unit=name):
                path = os.path.join(self.dir, instance)
                if instance != name:
                    shutil.copy(os.path.join(self.dir, name), path)
                done = subprocess.run(
                    ["systemd-analyze", "verify", "--man=no", path],
                    env=dict(os.environ, SYSTEMD_UNIT_PATH=self.dir + ":"),
                    capture_output=True, text=True, timeout=120)
                told = [line for line in done.stderr.splitlines()
                        if "assocsync" in line]
                self.assertEqual((done.returncode, told), (0, []),
                                 done.stderr)

    def test_what_they_start_is_a_command(self):
        """Each ExecStart is run, with the unit's environment."""
        text = self.text("assocsync-backup.service")
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8",
                       "ASSOCSYNC_BACKUP_DIR": os.path.join(self.dir, "b"),
                       "ASSOCSYNC_SLURMDBD_CONF": "/none"}
        os.mkdir(environment["ASSOCSYNC_BACKUP_DIR"], 0o700)
        environment.update(
            word.split("=") for line in re.findall(
                r"^Environment=(.*)$", text, re.M) for word in line.split())
        commands = re.findall(r"^ExecStart=(.*)$", text, re.M)
        self.assertEqual(len(commands), 3)
        # What is removed waits for what was found.
        self.assertEqual([command.split()[1] for command in commands],
                         ["backup", "verify", "prune"])
        backups = environment["ASSOCSYNC_BACKUP_DIR"]
        make_backup(backups, "lab-20261124T003000Z")
        ended = [subprocess.run(command.split(), env=environment,
                                capture_output=True, timeout=60).returncode
                 for command in commands]
        # There is no database here; but nobody says 64, usage.
        self.assertEqual(ended, [1, 0, 0])
        told = subprocess.run(
            [BINARY, "status", "--no-live", "--backup-dir", backups],
            capture_output=True, text=True, timeout=60).stdout
        self.assertIn("Verify  good 0m ago: lab-20261124T003000Z", told)
