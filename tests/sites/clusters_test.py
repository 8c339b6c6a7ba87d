"""Two clusters in one database: what the plan for one of them lists is what
changes for both.

In the lab: tests/lab in python3 tests/sites/clusters_test.py. A pair of
random trees, of clusters lab and beta, is made live; then a random target of
beta is applied. AdminLevel and coordinators of users, Description and
Organization of accounts and QOS are there once for both clusters, so the
difference of both dumps before and after must be what the plan listed, with
lab among the clusters that a change reaches where lab's dump shows it; all
else of lab must be as it was. Every other pair is planned with --keep-shared:
then nothing that lab shows may change.

WholeDatabase: what `dump --all-clusters` wrote comes back by `apply
--all-clusters`, to the byte, whatever other trees are live by then.

ASSOCSYNC_CLUSTER_PAIRS (default 20; tests/run --full: 200): pairs on each
release of the lab. ASSOCSYNC_SEED: the first seed. ASSOCSYNC_RELEASE: one
release only.
"""

import json
import os
import pathlib
import random
import re
import subprocess
import tempfile
import unittest

import jsonschema

HERE = pathlib.Path(__file__).resolve().parent
LAB = HERE.parent / "lab"
BINARY = os.environ.get("ASSOCSYNC_BINARY",
                        str(HERE.parent.parent / "build/dev/assocsync"))
PAIRS = int(os.environ.get("ASSOCSYNC_CLUSTER_PAIRS", "20"))
SEED = int(os.environ.get("ASSOCSYNC_SEED", "1"))

SHARED = ("AdminLevel", "Coordinator", "Description", "Organization")
ACCOUNTS = ["bio", "chem", "hep", "a_c", "abc"]
USERS = ["alice", "bob", "j_doe", "jxdoe", "o", "eve"]
QOS = ["normal", "fast", "long"]


def lab(*words):
    return subprocess.run([LAB, *words], check=True, text=True,
                          stdout=subprocess.PIPE).stdout.strip()


def releases():
    names = [line.split()[0] for line in lab("releases").splitlines()]
    only = os.environ.get("ASSOCSYNC_RELEASE")
    return [name for name in names if only in (None, name)]


class Tree:
    """A random tree as a complete file: accounts below root or each other."""

    def __init__(self, rng, cluster):
        self.cluster = cluster
        names = rng.sample(ACCOUNTS, rng.randint(1, len(ACCOUNTS)))
        self.parent = {}
        for i, name in enumerate(names):
            self.parent[name] = rng.choice(["root", *names[:i]])
        word = lambda: rng.choice(["x", "y", "two words"])
        self.texts = {name: (word(), word()) for name in names}
        self.qos = rng.sample(QOS[1:], rng.randint(0, 2))
        self.users = {}
        for user in rng.sample(USERS, rng.randint(1, len(USERS))):
            homes = rng.sample(names, rng.randint(1, min(2, len(names))))
            level = rng.choice(["", "", "Operator", "Administrator"])
            rights = rng.sample(names, rng.randint(0, min(2, len(names))))
            limit = rng.randint(0, 3)
            self.users[user] = (homes, level, sorted(rights), limit)
        # Somebody who stays Administrator: AS104 is another test's.
        self.users["boss"] = ([names[0]], "Administrator", [], 0)

    def text(self, qos_lines):
        # As a dump begins: what it does not say is to go.
        out = ["# To edit this file start with a cluster line for the new cluster"]
        for name, definition in sorted(qos_lines.items()):
            out.append(f"QOS - '{name}':Description='{name}'{definition}")
        lists = ",".join(sorted(["normal", *self.qos]))
        out.append(f"Cluster - '{self.cluster}':Fairshare=1:QOS='{lists}'")
        out += ["Parent - 'root'", "User - 'root':DefaultAccount='root':"
                "AdminLevel='Administrator':Fairshare=1"]
        todo = ["root"]
        while todo:
            parent = todo.pop(0)
            below = sorted(n for n, p in self.parent.items() if p == parent)
            here = sorted(u for u, v in self.users.items() if parent in v[0])
            todo += below
            if not below and not here:
                continue
            if parent != "root":
                out.append(f"Parent - '{parent}'")
            for user in here:
                homes, level, rights, limit = self.users[user]
                line = f"User - '{user}':DefaultAccount='{homes[0]}'"
                if level:
                    line += f":AdminLevel='{level}'"
                if rights:
                    line += f":Coordinator='{','.join(rights)}'"
                out.append(line + ":Fairshare=1" +
                           (f":MaxJobs={limit}" if limit else ""))
            for name in below:
                description, organization = self.texts[name]
                out.append(f"Account - '{name}':Description='{description}':"
                           f"Organization='{organization}':Fairshare=1")
        return "\n".join(out) + "\n"


def parsed(dump):
    """{(what, name, key): value} of what is shared, and all other lines."""
    shared, own, parent = {}, [], ""
    for line in dump.splitlines():
        match = re.match(r"(\w+) - '([^']*)'(.*)", line)
        if not match:
            continue
        what, name, rest = match.groups()
        if what == "Parent":
            parent = name
            continue
        options = re.findall(r":([^:=]+)=('[^']*'|[^:]*)", rest)
        if what == "QOS":
            shared["QOS", name, ""] = rest
            continue
        kept = []
        if what in ("User", "Account"):
            shared.setdefault((what, name, ""), "there")
            for key, value in options:
                value = value.strip("'")
                if key in SHARED:
                    shared[what, name, key] = value
                else:
                    kept.append((key, value))
        own.append((parent, what, name, tuple(kept or options)))
    return shared, sorted(own)


def difference(before, after):
    """What changed of records that were there before, and still are."""
    out = {}
    for key in before.keys() | after.keys():
        what, name, option = key
        if not option and what != "QOS":
            continue
        there = (what, name, "")
        if what != "QOS" and not (there in before and there in after):
            continue
        if before.get(key) != after.get(key):
            out[key] = (before.get(key), after.get(key))
    return out


class Site:
    def __init__(self, release, folder):
        self.release, self.folder = release, folder
        self.path = lab("path", release)
        # Where dumps hold QOS definitions.
        self.dumps_qos = tuple(map(int, release.split("."))) >= (25, 5)

    def sacctmgr(self, *words):
        return subprocess.run([f"{self.path}/bin/sacctmgr", "-i", *words],
                              text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)

    def assocsync(self, *words):
        return subprocess.run(
            [BINARY, *words, "--slurmdbd-conf", f"{self.path}/slurmdbd.conf",
             "--sacctmgr", f"{self.path}/bin/sacctmgr"],
            text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, "SLURM_CONF": f"{self.path}/slurm.conf",
                 "ASSOCSYNC_TRUST_PATH": "/"})

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def dump(self, cluster):
        path = self.folder / "dump.cfg"
        path.unlink(missing_ok=True)
        self.sacctmgr("dump", cluster, f"file={path}")
        return path.read_text()

    def shared(self):
        """Both dumps: shared options, and each cluster's own lines."""
        union, seen, own = {}, {}, {}
        for cluster in ("lab", "beta"):
            seen[cluster], own[cluster] = parsed(self.dump(cluster))
            union.update(seen[cluster])
        return union, seen, own

    def qos(self):
        rows = lab("sql", self.release, "-N", "-e", "SELECT name, IFNULL("
                   "max_jobs_per_user, '') FROM qos_table WHERE deleted=0")
        return {("QOS", line.split("\t")[0], ""): line
                for line in rows.splitlines()}

    def make(self, tree, qos, *options):
        path = self.write("made.cfg", tree.text(qos))
        done = self.assocsync(
            "apply", path, "--yes", "--no-sql-dump", "--backup-dir",
            str(self.folder / "backups"), "--allow",
            "AS101,AS102,AS103,AS104,AS105", *options)
        if done.returncode != 0:
            raise AssertionError(done.stdout + done.stderr)


LISTED = {"user": "User", "account": "Account", "qos": "QOS"}


def listed(plan):
    """As difference(): shared options that the plan says it changes."""
    out, reached = {}, {}
    for change in plan["changes"]:
        what = LISTED.get(change["what"])
        if what is None:
            continue
        name = change[change["what"]]
        if what == "QOS":
            out[what, name, ""] = change["how"]
            reached[what, name, ""] = change["reaches"]
            continue
        for field in change["fields"]:
            # A record that comes with its first row, or goes with its last.
            if field["key"] not in SHARED or change["how"] == "add":
                continue
            if change["how"] == "delete" and not change["reaches"]:
                continue
            out[what, name, field["key"]] = (field["from"], field["to"])
            reached[what, name, field["key"]] = change["reaches"]
    return out, reached


class TwoClusters(unittest.TestCase):
    def test_what_is_listed_is_what_changes(self):
        for release in releases():
            with tempfile.TemporaryDirectory() as folder:
                site = Site(release, pathlib.Path(folder))
                lab("reset", release)
                site.sacctmgr("add", "cluster", "name=beta")
                totals = {"changes": 0, "plans": 0, "reaching": 0}
                for seed in range(SEED, SEED + PAIRS):
                    with self.subTest(release=release, seed=seed):
                        self.pair(site, seed, totals)
                print(f"{release}: {totals}", flush=True)

    def pair(self, site, seed, totals):
        rng = random.Random(seed)
        qos = {name: "" for name in QOS}
        # The second may change what the first said: that is how people come
        # to such a database.
        site.make(Tree(rng, "lab"), qos)
        site.make(Tree(rng, "beta"), qos)
        target = Tree(rng, "beta")
        if rng.random() < .5:
            qos["fast"] = ":MaxJobsPU=4"
        path = site.write("target.cfg", target.text(qos))
        before, seen_before, own_before = site.shared()
        qos_before = site.qos()
        keep = ["--keep-shared"] if seed % 2 else []
        allow = ["--allow", "AS101,AS102,AS103,AS104"]
        planned = site.assocsync("plan", path, "--format", "json", *keep,
                                 *allow)
        self.assertEqual(planned.returncode, 0,
                         planned.stderr + planned.stdout[:2000])
        plan = json.loads(planned.stdout)
        if not keep:
            self.check_says_as_much(site, path, plan)
        done = site.assocsync("apply", path, "--yes", "--no-sql-dump",
                              "--backup-dir", str(site.folder / "backups"),
                              *keep, *allow)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        after, seen_after, own_after = site.shared()
        said, reached = listed(plan)
        changed = difference(before, after)
        changed_qos = set(difference(qos_before, site.qos()))
        both = {key: value for key, value in said.items()
                if key[0] != "QOS"}
        changed = {key: value for key, value in changed.items()
                   if key[0] != "QOS"}
        self.assertEqual(changed, self.between(both, before, after))
        self.assertEqual(changed_qos, {k for k in said if k[0] == "QOS"})
        self.assertEqual(own_before["lab"], own_after["lab"])
        on_lab = difference(seen_before["lab"], seen_after["lab"])
        for key in on_lab:
            self.assertIn("lab", reached.get(key, []), key)
            if key[0] != "QOS":
                self.assertFalse(keep, f"{key} changed")
        rows = [f for f in plan["findings"] if f["code"] == "AS129"
                and f["severity"] == "warning"]
        self.assertEqual(bool(rows), any(c["reaches"]
                                         for c in plan["changes"]))
        totals["plans"] += 1
        totals["changes"] += len(changed)
        totals["reaching"] += len(on_lab)

    def check_says_as_much(self, site, path, plan):
        """What a proposal in CI hears of records that lab shares."""
        checked = site.assocsync("check", path, "--live", "auto", "--format",
                                 "json")
        self.assertIn(checked.returncode, (0, 3), checked.stderr)
        told = [f"{f['row']}: {f['message']}"
                for f in json.loads(checked.stdout)["findings"]
                if f["code"] == "AS228"]
        planned = [row.removeprefix("account ") for f in plan["findings"]
                   if f["code"] == "AS129" for row in f["rows"]]
        self.assertEqual(sorted(told), sorted(planned))

    def test_a_backup_of_both(self):
        """Which of its trees is meant, live tells, or nobody."""
        for release in releases():
            with self.subTest(release=release), \
                    tempfile.TemporaryDirectory() as folder:
                site = Site(release, pathlib.Path(folder))
                lab("reset", release)
                site.sacctmgr("add", "cluster", "name=beta")
                for cluster in ("lab", "beta"):
                    site.sacctmgr("add", "account", f"name=of_{cluster}",
                                  f"cluster={cluster}")
                backup = site.assocsync("backup", "--live", "mysql",
                                        "--backup-dir", f"{folder}/backups",
                                        "--format", "json")
                self.assertEqual(backup.returncode, 0, backup.stderr)
                path = json.loads(backup.stdout)["path"]
                unsure = site.assocsync("plan", path)
                self.assertEqual(unsure.returncode, 1, unsure.stdout)
                for word in ("lab", "beta", "--cluster NAME"):
                    self.assertIn(word, unsure.stderr)
                for cluster in ("lab", "beta"):
                    plan = site.assocsync("plan", path, "--cluster", cluster,
                                          "--format", "json")
                    self.assertEqual(json.loads(plan.stdout)["changes"], [])
                site.sacctmgr("delete", "cluster", "name=lab")
                for live in ("mysql", "sacctmgr"):
                    plan = site.assocsync("plan", path, "--live", live,
                                          "--format", "json")
                    self.assertEqual(plan.returncode, 0, plan.stderr)
                    plan = json.loads(plan.stdout)
                    self.assertEqual(plan["cluster"], "beta")
                    self.assertEqual(plan["changes"], [])

    @staticmethod
    def between(said, before, after):
        """Of what was said, what two dumps can show."""
        return {key: value for key, value in said.items()
                if (*key[:2], "") in before and (*key[:2], "") in after}


ALLOW = ["--allow", "AS101,AS102,AS103,AS104,AS105"]


class WholeDatabase(unittest.TestCase):
    def on_each_release(self, check, clusters=("beta",)):
        for release in releases():
            with self.subTest(release=release), \
                    tempfile.TemporaryDirectory() as folder:
                site = Site(release, pathlib.Path(folder))
                lab("reset", release)
                for cluster in clusters:
                    site.sacctmgr("add", "cluster", f"name={cluster}")
                check(site)

    def done(self, result, status=0):
        self.assertEqual(result.returncode, status,
                         result.stdout[-4000:] + result.stderr)
        return result.stdout

    def saved(self, site, name):
        """The trees of all clusters, as files by their path."""
        folder = site.folder / name
        self.done(site.assocsync("dump", "--all-clusters", "--split",
                                 str(folder)))
        return folder, {str(f.relative_to(folder)): f.read_bytes()
                        for f in sorted(folder.rglob("*.cfg"))}

    def apply(self, site, folder, *options, status=0):
        return self.done(site.assocsync(
            "apply", str(folder), "--all-clusters", "--yes", "--backup-dir",
            str(site.folder / "backups"), *ALLOW, *options), status)

    def in_sync(self, site, folder):
        self.done(site.assocsync("plan", str(folder), "--all-clusters",
                                 "--detailed-exitcode"))

    def test_random_trees_come_back(self):
        self.on_each_release(self.random_trees_come_back)

    def random_trees_come_back(self, site):
        commands = twice = 0
        for seed in range(SEED, SEED + PAIRS):
            with self.subTest(seed=seed):
                rng = random.Random(seed)
                qos = {name: "" for name in QOS}
                for cluster in ("lab", "beta"):
                    site.make(Tree(rng, cluster), qos)
                folder, before = self.saved(site, f"saved{seed}")
                # One that both clusters will have to let go of.
                qos.update(fast=":MaxJobsPU=4", extra="")
                for cluster in ("lab", "beta"):
                    tree = Tree(rng, cluster)
                    tree.qos.append("extra")
                    site.make(tree, qos)
                plan = json.loads(self.done(site.assocsync(
                    "plan", str(folder), "--all-clusters", "--format",
                    "json", *ALLOW)))
                commands += plan["counts"]["commands"]
                twice += len(plan["clusters"]) > 2
                self.apply(site, folder)
                self.assertEqual(self.saved(site, "after")[1], before)
                self.in_sync(site, folder)
        print(f"{site.release}: {commands} commands, {twice} of {PAIRS} "
              "with two plans of a cluster", flush=True)

    def check_schema(self, plan):
        schemas = {}
        for name in ("plan.schema.json", "clusters.schema.json"):
            path = HERE.parent.parent / "engine" / "render" / name
            schemas[name] = json.loads(path.read_text())
        whole = schemas["clusters.schema.json"]
        jsonschema.Draft202012Validator(
            whole, resolver=jsonschema.RefResolver("", whole, schemas)
        ).validate(plan)

    def damage(self, site):
        """People move and lose rights; three clusters, one without a tree."""
        for cluster in ("lab", "beta", "gamma"):
            for account in ("bio", "hep"):
                site.sacctmgr("add", "account", f"name={account}",
                              f"cluster={cluster}", f"desc={account} d")
        for user, account, cluster in (
                ("ann", "bio", "lab"), ("ann", "bio", "beta"),
                ("bob", "hep", "lab"), ("eve", "hep", "beta"),
                ("zed", "hep", "gamma")):
            site.sacctmgr("add", "user", f"name={user}", f"account={account}",
                          f"cluster={cluster}")
        site.sacctmgr("modify", "user", "where", "name=bob,ann", "set",
                      "adminlevel=operator")
        site.sacctmgr("add", "coordinator", "account=bio", "names=bob")
        site.sacctmgr("add", "qos", "name=long")
        backup = json.loads(self.done(site.assocsync(
            "backup", "--live", "mysql", "--format", "json", "--backup-dir",
            str(site.folder / "nights"))))["path"]
        folder, before = self.saved(site, "trees")
        for words in (
                "delete user where name=ann",
                "delete account where name=bio",
                # bob and eve change places.
                "add user name=bob account=hep cluster=beta",
                "delete user where name=bob account=hep cluster=lab",
                "add user name=eve account=hep cluster=lab",
                "delete user where name=eve account=hep cluster=beta",
                "modify user where name=bob set adminlevel=none",
                "modify qos where name=long set maxjobsperuser=3"):
            said = site.sacctmgr(*words.split())
            self.assertEqual(said.returncode, 0, f"{words}: {said.stdout}")
        return backup, folder, before

    def test_damaged_clusters_come_back(self):
        self.on_each_release(self.damaged_clusters_come_back, ("beta", "gamma"))

    def damaged_clusters_come_back(self, site):
        backup, folder, before = self.damage(site)
        # gamma has no tree: it stays as it is, and is told.
        gamma = {name: (folder / name).read_bytes() for name in before
                 if name.startswith("gamma/")}
        for name in gamma:
            (folder / name).unlink()
        (folder / "gamma").rmdir()
        _, damaged = self.saved(site, "damaged")
        plan = json.loads(self.done(site.assocsync(
            "plan", str(folder), "--all-clusters", "--format", "json",
            *ALLOW)))
        self.check_schema(plan)
        self.assertEqual([f["rows"] for f in plan["findings"]
                          if f["code"] == "AS134"], [["cluster gamma"]])
        out = self.apply(site, folder)
        after = self.saved(site, "after")[1]
        self.assertEqual(
            {k: v for k, v in after.items() if k[:6] != "gamma/"},
            {k: v for k, v in before.items() if k[:6] != "gamma/"})
        self.assertNotIn("bio", after["gamma/cluster.cfg"].decode())
        self.in_sync(site, folder)
        # Each run's folder is a whole backup of all that were planned.
        for run in (site.folder / "backups").iterdir():
            if run.is_dir():
                self.done(subprocess.run([BINARY, "verify", str(run)],
                                         text=True, capture_output=True))
        # And back, as the last line says.
        words = out.split("Way back: assocsync ")[1].split()
        self.done(subprocess.run(
            [BINARY, *words, "--yes"], text=True, capture_output=True,
            env={**os.environ, "SLURM_CONF": f"{site.path}/slurm.conf"}))
        self.assertEqual(self.saved(site, "back")[1], damaged)
        # The nightly backup has gamma as well.
        self.apply(site, backup)
        self.assertEqual(self.saved(site, "whole")[1], before)

    def test_refusals(self):
        self.on_each_release(self.refusals)

    def refusals(self, site):
        site.sacctmgr("add", "account", "name=bio", "desc=Biology")
        for cluster in ("lab", "beta"):
            site.sacctmgr("add", "user", "name=ann", "account=bio",
                          f"cluster={cluster}")
        folder, _ = self.saved(site, "trees")
        before = self.saved(site, "before")[1]
        path = folder / "lab" / "bio.cfg"
        text = path.read_text()
        self.assertIn("'ann':", text)
        path.write_text(text.replace("'ann':", "'ann':AdminLevel='Operator':"))
        refused = site.assocsync("apply", str(folder), "--all-clusters",
                                 "--yes", "--backup-dir",
                                 str(site.folder / "backups"))
        self.done(refused, 3)
        self.assertRegex(refused.stdout,
                         r"(?s)AS133.*user ann: AdminLevel none at "
                         r"trees/beta/bio.cfg:\d+, Operator at "
                         r"trees/lab/bio.cfg:\d+")
        path.write_text(text)
        # A tree of a cluster that is not there.
        for file in (folder / "lab").iterdir():
            file.write_text(file.read_text().replace("'lab'", "'delta'"))
        missing = site.assocsync("plan", str(folder), "--all-clusters")
        self.done(missing, 1)
        self.assertIn("sacctmgr -i add cluster delta", missing.stderr)
        self.assertEqual(self.saved(site, "after")[1], before)


if __name__ == "__main__":
    unittest.main()
