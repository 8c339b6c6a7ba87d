"""Situations of sites, on real daemons: settings of slurmdbd, nodes without its
configuration, databases with several clusters, what a release's dumps do not
print.

In the lab: tests/lab in python3 tests/sites/situations_test.py. Every test
leaves its release as `tests/lab reset` makes it.
"""

import contextlib
import gzip
import json
import lzma
import os
import pathlib
import re
import subprocess
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
LAB = HERE.parent / "lab"
BINARY = os.environ.get("ASSOCSYNC_BINARY",
                        str(HERE.parent.parent / "build/dev/assocsync"))


def lab(*words):
    return subprocess.run([LAB, *words], check=True, text=True,
                          stdout=subprocess.PIPE).stdout.strip()


def all_releases():
    return [line.split()[0] for line in lab("releases").splitlines()]


class Site:
    def __init__(self, release, folder):
        self.release, self.folder = release, pathlib.Path(folder)
        self.path = lab("path", release)
        lab("reset", release)

    def sacctmgr(self, *words):
        return subprocess.run([f"{self.path}/bin/sacctmgr", "-i", *words],
                              text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)

    def run(self, *words, conf=None, cwd=None):
        conf = conf or f"{self.path}/slurmdbd.conf"
        command = [BINARY, *words]
        if words[0] != "fmt":
            command += ["--slurmdbd-conf", conf]
            command += ["--sacctmgr", f"{self.path}/bin/sacctmgr"]
        if words[0] in ("apply", "backup", "verify", "restore", "status"):
            command += ["--backup-dir", str(self.folder / "backups")]
        return subprocess.run(
            command, text=True, errors="replace", stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, cwd=cwd,
            env={**os.environ, "SLURM_CONF": f"{self.path}/slurm.conf"})

    def write(self, name, text):
        path = self.folder / name
        if isinstance(text, str):
            text = text.encode()
        path.write_bytes(text)
        return str(path)

    def backups(self):
        return sorted((self.folder / "backups").glob("*-*Z*"))

    def manifest(self):
        return json.loads((self.backups()[-1] / "manifest.json").read_text())

    @contextlib.contextmanager
    def setting(self, line):
        """slurmdbd with one more line in its configuration."""
        path = pathlib.Path(self.path) / "slurmdbd.conf"
        before = path.read_text()
        lab("stop", self.release)
        try:
            path.write_text(f"{before}{line}\n")
            lab("start", self.release)
            yield
        finally:
            lab("stop", self.release)
            path.write_text(before)
            lab("start", self.release)
            lab("reset", self.release)


HEAD = ("# To edit this file start with a cluster line for the new cluster\n"
        "Cluster - '{}':Fairshare=1:QOS='normal'\nParent - 'root'\n"
        "User - 'root':DefaultAccount='root':AdminLevel='Administrator':"
        "Fairshare=1\n")
BIO = "Account - 'bio':Description='bio':Organization='bio':Fairshare=1\n"
ALICE = "Parent - 'bio'\nUser - 'alice':DefaultAccount='bio':Fairshare=1\n"


class Situations(unittest.TestCase):
    def each(self, wanted=None):
        for release in all_releases():
            if wanted is not None and release not in wanted:
                continue
            with tempfile.TemporaryDirectory() as folder, \
                    self.subTest(release=release):
                yield Site(release, folder)
                lab("reset", release)

    def good(self, done, status=0):
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def test_history_tells_what_was_and_who_did_it(self):
        for site in self.each():
            def then(*commands):
                for words in commands:
                    site.sacctmgr(*words)
                time.sleep(1.1)  # Slurm's times are whole seconds.
                self.good(site.run("backup"))
                time.sleep(1.1)

            def history(*words):
                return site.run("history", *words, "--backup-dir",
                                str(site.folder / "backups"))

            then()
            then(("add", "account", "name=bio"),
                 ("add", "user", "name=ann", "account=bio"),
                 ("modify", "user", "where", "name=ann", "set", "maxjobs=4"))
            then()
            then(("modify", "user", "where", "name=ann", "set", "maxjobs=8"))
            then(("delete", "user", "name=ann"),)
            told = self.good(history("bio/ann"))
            self.assertEqual(
                [re.sub(r"\d{4}-\S+ \S+", "T", line.strip())
                 for line in told.splitlines() if line.startswith("    ")],
                ["is not there",
                 "+ association bio/ann  MaxJobs 4", "by root, T",
                 "~ association bio/ann  MaxJobs 4 -> 8", "by root, T",
                 "is not there", "- association bio/ann",
                 "by root, T (with user ann, if not before)"], told)
            self.assertIn("5 saved trees", told)
            document = json.loads(self.good(
                history("user=ann", "--format", "json")))
            self.assertTrue(document["log_read"])
            self.assertEqual([e["there"] for e in document["entries"]],
                             [False, True, True, False])
            # A byte of one of them: it is passed over.
            with open(site.backups()[3] / "tree.cfg", "a") as tree:
                tree.write("#\n")
            told = self.good(history("bio/ann"))
            self.assertIn("passed over", told)
            self.assertNotIn("MaxJobs 4 -> 8", told)

    def test_a_cluster_that_is_not_there(self):
        for site in self.each(["24.11"]):
            file = site.write("x.cfg", HEAD.format("renamed") + BIO)
            said = self.good(site.run("plan", file), 1)
            self.assertIn("sacctmgr -i add cluster renamed", said)
            self.assertIn("--cluster lab --as-cluster", said)
            self.good(site.run("plan", file, "--cluster", "lab",
                               "--as-cluster"))

    def test_backup_takes_all_clusters(self):
        for site in self.each():
            site.sacctmgr("add", "cluster", "name=beta")
            self.good(site.run("backup"))
            trees = {t["cluster"]: t["file"] for t in site.manifest()["trees"]}
            self.assertEqual(set(trees), {"lab", "beta"})
            self.good(site.run("verify", str(site.backups()[-1])))
            self.good(site.run("plan", str(site.backups()[-1]), "--cluster",
                               "beta"))

    def test_backup_of_one_cluster(self):
        for site in self.each(["20.11", "26.05"]):
            site.sacctmgr("add", "cluster", "name=beta")
            nowhere = str(site.folder / "none.conf")
            for more, conf in (((), None), (("--live", "sacctmgr"), nowhere)):
                self.good(site.run("backup", "--cluster", "beta", *more,
                                   conf=conf))
                manifest = site.manifest()
                self.assertEqual(manifest["trees"],
                                 [{"cluster": "beta", "file": "tree.cfg"}])
                self.assertEqual(manifest["clusters"], ["beta", "lab"])
                backup = str(site.backups()[-1])
                self.good(site.run("verify", backup))
                self.good(site.run("plan", backup, "--detailed-exitcode"))

    def test_backup_where_only_sacctmgr_is(self):
        for site in self.each():
            site.sacctmgr("add", "cluster", "name=beta")
            site.sacctmgr("add", "account", "name=bio", "cluster=lab")
            nowhere = str(site.folder / "none.conf")
            said = self.good(site.run("backup", conf=nowhere), 1)
            self.assertIn("--live sacctmgr", said)
            said = self.good(site.run("backup", "--live", "sacctmgr",
                                      conf=nowhere))
            self.assertIn("the trees alone", said)
            backup = str(site.backups()[-1])
            self.assertEqual({t["cluster"] for t in site.manifest()["trees"]},
                             {"lab", "beta"})
            said = self.good(site.run("verify", backup))
            self.assertIn("no SQL dump (the trees alone", said)
            said = self.good(site.run("restore", backup, "--yes", "--release",
                                      site.release), 3)
            self.assertIn("`assocsync apply`", said)
            said = self.good(site.run("restore", backup, conf=nowhere), 3)
            self.assertIn("`assocsync apply`", said)
            # That there is nothing to load does not make it a bad one.
            said = self.good(site.run("verify", "--load", conf=nowhere), 1)
            self.assertIn("no SQL dump (the trees alone", said)
            said = self.good(site.run("status", "--live", "sacctmgr",
                                      conf=nowhere))
            self.assertIn("Verify  good", said)
            site.sacctmgr("delete", "account", "name=bio", "cluster=lab")
            lab_alone = (backup, "--cluster", "lab")
            said = self.good(site.run("apply", *lab_alone, "--yes",
                                      "--no-sql-dump"))
            self.assertRegex(said, r"Way back: .* --no-sql-dump")
            self.good(site.run("plan", *lab_alone, "--detailed-exitcode"))

    def test_backup_while_slurmdbd_is_down(self):
        for site in self.each(["22.05", "24.11"]):
            lab("stop", site.release)
            try:
                said = self.good(site.run("backup", "--timeout", "20"), 1)
                self.assertIn("--live mysql --release", said)
                for command in (("dump",), ("plan", "live"),
                                ("check", "live"), ("diff", "live", "live")):
                    said = self.good(site.run(*command, "--timeout", "20"), 1)
                    self.assertIn("--live mysql --release", said)
                self.good(site.run("backup", "--live", "mysql", "--release",
                                   site.release))
            finally:
                lab("start", site.release)
            self.good(site.run("verify", str(site.backups()[-1])))

    def test_names_that_differ_in_case_alone(self):
        for site in self.each(["24.11"]):
            with site.setting("Parameters=PreserveCaseUser"):
                site.sacctmgr("add", "account", "a,b")
                site.sacctmgr("add", "user", "bob", "account=a")
                site.sacctmgr("add", "user", "Bob", "account=b")
                said = self.good(site.run("backup"))
                self.assertIn("no .cfg of cluster lab", said)
                self.assertTrue(any(f["name"].endswith(".sql.zst")
                                    for f in site.manifest()["files"]))
                said = self.good(site.run("verify", str(site.backups()[-1])))
                self.assertIn("no .cfg of cluster lab", said)

    def test_what_dumps_do_not_print(self):
        for site in self.each():
            site.sacctmgr("add", "account", "bio")
            site.sacctmgr("add", "user", "alice", "account=bio")
            set_it = ("modify", "account", "where", "name=bio", "cluster=lab",
                      "set", "MinPrioThresh=5")
            column = ("sql", site.release, "-N", "-e",
                      "SELECT min_prio_thresh FROM lab_assoc_table WHERE "
                      "acct='bio' AND user=''")
            site.sacctmgr(*set_it)
            if lab(*column) != "5":
                continue  # This release does not know it.
            self.good(site.run("backup", "--live", "mysql"))
            backup = str(site.backups()[-1])
            again = ("plan", backup, "--live", "mysql", "--detailed-exitcode")
            self.good(site.run(*again))
            # sacctmgr's tree has it from the database too.
            self.good(site.run("backup", "--live", "sacctmgr"))
            self.good(site.run("plan", str(site.backups()[-1]), "--live",
                               "mysql", "--detailed-exitcode"))
            # It comes back.
            site.sacctmgr("modify", "account", "where", "name=bio",
                          "cluster=lab", "set", "MinPrioThresh=-1")
            self.good(site.run(*again), 2)
            self.good(site.run("apply", backup, "--live", "mysql", "--yes",
                               "--no-sql-dump"))
            self.assertEqual(lab(*column), "5")
            # A dump that has no word for it does not take it away.
            dump = str(site.folder / "dump.cfg")
            site.sacctmgr("dump", "lab", f"file={dump}")
            said = self.good(site.run("plan", dump, "--live", "mysql",
                                      "--detailed-exitcode"))
            if "MinPrioThresh" not in pathlib.Path(dump).read_text():
                self.assertIn("AS150", said)

    def test_a_default_account_is_cleared(self):
        for site in self.each(["22.05", "24.11", "26.05"]):
            with site.setting("AllowNoDefAcct=yes"):
                for words in (["account", "bio"],
                              ["user", "alice", "account=bio",
                               "defaultaccount=bio"]):
                    site.sacctmgr("add", *words)
                carol = "User - 'carol':DefaultAccount='(null)':Fairshare=1\n"
                file = site.write("t.cfg", HEAD.format("lab") + BIO +
                                  ALICE.replace("='bio':F", "='(null)':F") +
                                  carol)
                dump = str(site.folder / "dump.cfg")
                site.sacctmgr("dump", "lab", f"file={dump}")
                self.good(site.run("apply", file, "--yes", "--no-sql-dump"))
                rows = lab("sql", site.release, "-N", "-e",
                           "SELECT user FROM lab_assoc_table WHERE is_def=1 "
                           "AND deleted=0 AND user<>'root'")
                self.assertEqual(rows, "")
                self.good(site.run("apply", dump, "--yes", "--no-sql-dump",
                                   "--allow", "AS101,AS102"))

    def test_the_id_of_a_cluster(self):
        for site in self.each(["24.11", "26.05"]):
            self.good(site.run("backup"))
            backup = str(site.backups()[-1])
            query = ("sql", site.release, "-N", "-e", "SELECT id FROM "
                     "cluster_table WHERE name='lab' AND deleted=0")
            then = lab(*query)
            site.sacctmgr("delete", "cluster", "lab")
            site.sacctmgr("add", "cluster", "lab")
            now = lab(*query)
            if now == then:
                # By chance, or because the row came back.
                now = str(int(then) + 1)
                lab("sql", site.release, "-e",
                    f"UPDATE cluster_table SET id={now} WHERE name='lab'")
            lab("stop", site.release)
            try:
                said = self.good(site.run(
                    "restore", backup, "--yes", "--release", site.release,
                    "--defaults-file", f"{site.path}/../mariadb/root.cnf"))
            finally:
                lab("start", site.release)
            preview, done = said.split("Restored:")
            for text in (preview, done):
                self.assertIn(f"becomes {then} again (now {now})",
                              " ".join(text.split()))
                self.assertIn(f"lab|{then}", text)

    def test_files_of_the_wrong_kind(self):
        for site in self.each(["24.11"]):
            tree = HEAD.format("lab") + BIO
            zstd = subprocess.run(["zstd", "-c"], input=tree.encode(),
                                  stdout=subprocess.PIPE).stdout
            for name, packed in (("t.gz", gzip.compress(tree.encode())),
                                 ("t.xz", lzma.compress(tree.encode())),
                                 ("t.zst", zstd)):
                file = site.write(name, packed)
                self.assertIn("bio", self.good(site.run("plan", file)))
                self.good(site.run("check", file))
                self.assertIn("bio", self.good(site.run("fmt", file)))
                self.good(site.run("plan", site.write("t.cfg", tree),
                                   "--live", file))
            self.good(site.run("backup"))
            backup = site.backups()[-1]
            sql = next(backup.glob("*.sql.zst"))
            files = {
                str(backup / "manifest.json"): "the manifest of a backup",
                site.write("u.cfg", tree.encode("utf-16")): "UTF-16",
                site.write("r.json", '{"associations": []}'): "JSON",
                site.write("i.png", b"\x89PNG\r\n\x1a\n\0\0"): "an image",
                site.write("e.cfg", ""): "empty",
            }
            # The database's dump is a tree to those who take one, and a backup.
            self.good(site.run("plan", str(sql)))
            self.good(site.run("check", str(sql)))
            self.assertIn("Cluster - 'lab'", self.good(site.run("fmt", str(sql))))
            self.assertIn("as far as a plain SQL dump can tell",
                          self.good(site.run("verify", str(sql))))
            folders = [["verify"],
                       ["restore", "--yes", "--release", site.release]]
            trees = [["plan"], ["check"], ["apply", "--yes"], ["fmt"]]
            cases = [(file, what, trees + folders)
                     for file, what in files.items()]
            no_dump = site.write("d.sql", "-- MariaDB dump\n" * 300000)
            cases += [(no_dump, "an SQL dump", trees),
                      (no_dump, "does not end with", folders)]
            for file, what, commands in cases:
                for command in commands:
                    with self.subTest(file=file, command=command):
                        done = site.run(command[0], file, *command[1:])
                        self.assertEqual(done.returncode, 1, done.stdout)
                        self.assertIn(what, done.stderr)
                        self.assertEqual(done.stdout, "")
                        self.assertEqual(done.stderr.count("\n"), 1,
                                         done.stderr[:2000])


if __name__ == "__main__":
    unittest.main()
