#!/usr/bin/python3
"""What check prints, read by those who must be able to read it.

Every edit of testdata/proposals and a file full of hostile names, in every
format: JSON by its schema, SARIF by the object model of its standard, JUnit by
a JUnit reader, GitLab's report by the schema of its documentation, GitHub's
commands by GitHub's own rules of escaping, Markdown by GitHub's parser. Policies
by their schema. The commands of the manual's CI examples, in a git repository.
And what the manual says beyond that (manual_test.py), and what nights leave
(nights_test.py).

Run by tests/run; the program is $ASSOCSYNC_BINARY.
"""

import glob
import html.parser
import json
import os
import re
import shutil
import subprocess
import tempfile
import tomllib
import unittest
import urllib.parse

import jsonschema
import junitparser
import sarif_om
import yaml

# Its tests are run with these.
from manual_test import PagesTest, SessionsTest, SourcesTest, TerminalTest
from history_test import HistoryTest
from pick_test import PickTest
from pager_test import PagerTest
from nights_test import NightsTest, UnitsTest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
BINARY = os.path.abspath(os.environ["ASSOCSYNC_BINARY"])
PROPOSALS = os.path.join(ROOT, "testdata", "proposals")
POLICY = os.path.join(ROOT, "testdata", "policy.toml")
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}

# https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity",
                     "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical",
                                  "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string"},
                    "lines": {"type": "object", "required": ["begin"],
                              "properties": {"begin": {"type": "integer",
                                                       "minimum": 1}}},
                },
            },
        },
    },
}

# A name is what a stranger typed.
EVIL = ["<img src=x onerror=alert(1)>", "](http://e.example) **@admin**",
        "a|b`c`", "%0A::error::x", "]]>&lt;", "::warning::y", "\u202egnp",
        "two words", "\u00e9t\u00e9", "<!--", "$(reboot)"]


def run(words, cwd, code=None):
    done = subprocess.run([BINARY] + words, cwd=cwd, env=ENVIRONMENT,
                          capture_output=True, timeout=60)
    if code is not None:
        assert done.returncode == code, (words, done.returncode, done.stderr)
    return done


def evil_tree():
    lines = ["Cluster - 'uni':QOS='normal'", "Parent - 'root'"]
    for name in EVIL:
        lines.append(f"Account - '{name}'")
    for name in EVIL:
        lines += [f"Parent - '{name}'",
                  f"User - '{name}':DefaultAccount='{name}':DefaultQOS=gone"]
    return "\n".join(lines) + "\n"


class Sarif:
    """Reads a log into the classes of sarif_om, which know every property."""

    CLASSES = {
        "runs": sarif_om.Run, "tool": sarif_om.Tool,
        "driver": sarif_om.ToolComponent,
        "rules": sarif_om.ReportingDescriptor,
        "shortDescription": sarif_om.MultiformatMessageString,
        "fullDescription": sarif_om.MultiformatMessageString,
        "help": sarif_om.MultiformatMessageString,
        "defaultConfiguration": sarif_om.ReportingConfiguration,
        "results": sarif_om.Result, "message": sarif_om.Message,
        "locations": sarif_om.Location,
        "physicalLocation": sarif_om.PhysicalLocation,
        "artifactLocation": sarif_om.ArtifactLocation,
        "region": sarif_om.Region, "suppressions": sarif_om.Suppression,
    }
    WORDS = {  # The enumerations of the standard.
        "level": {"none", "note", "warning", "error"},
        "kind": {"inSource", "external"},
        "columnKind": {"utf16CodeUnits", "unicodeCodePoints"},
        "version": {"2.1.0", "0.1.0"},
    }

    @classmethod
    def load(cls, data, kind=sarif_om.SarifLog):
        names = {a.metadata["schema_property_name"]: a.name
                 for a in kind.__attrs_attrs__}
        values = {}
        for key, value in data.items():
            assert key in names, f"{kind.__name__} has no {key}"
            values[names[key]] = cls.value(key, value)
        return kind(**values)  # A missing property is a TypeError.

    @classmethod
    def value(cls, key, value):
        if isinstance(value, list):
            return [cls.value(key, v) for v in value]
        if isinstance(value, dict):
            if key == "partialFingerprints":
                assert all(isinstance(v, str) for v in value.values())
                return value
            return cls.load(value, cls.CLASSES[key])
        if key in cls.WORDS:
            assert value in cls.WORDS[key], (key, value)
        if key in ("startLine", "startColumn"):
            assert isinstance(value, int) and value >= 1, (key, value)
        return value


class Tags(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags = []
        self.attributes = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name) for name, _ in attrs]


def github_commands(text):
    """As actions/toolkit writes them, read back."""
    for line in text.splitlines():
        match = re.fullmatch(r"::(error|warning|notice) ([^:]*)::(.*)", line)
        if match is None:
            assert not line.startswith("::"), line
            continue
        properties = {}
        for pair in match.group(2).split(","):
            key, value = pair.split("=", 1)
            for code, char in (("%2C", ","), ("%3A", ":"), ("%0A", "\n"),
                               ("%0D", "\r"), ("%25", "%")):
                value = value.replace(code, char)
            properties[key] = value
        message = match.group(3)
        for code, char in (("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
            message = message.replace(code, char)
        yield match.group(1), properties, message


class FormatsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.mkdtemp(prefix="assocsync-formats-")
        base = os.path.join(PROPOSALS, "base.cfg")
        shutil.copy(base, os.path.join(cls.dir, "base.cfg"))
        shutil.copy(POLICY, os.path.join(cls.dir, "policy.toml"))
        cls.files = []
        for patch in sorted(glob.glob(os.path.join(PROPOSALS, "*.patch"))):
            if patch.endswith(".live.patch"):
                continue
            # A path that URIs, properties and XML must escape.
            name = "a,b %41&" + os.path.basename(patch)[:2] + ".cfg"
            subprocess.run(["patch", "--quiet", "--output",
                            os.path.join(cls.dir, name), base, patch],
                           check=True)
            cls.files.append(name)
        with open(os.path.join(cls.dir, "evil.cfg"), "w") as out:
            out.write(evil_tree())
        cls.files.append("evil.cfg")

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.dir)

    def check(self, name, form, *more):
        words = ["check", name, "--base", "base.cfg", "--policy",
                 "policy.toml", "--format", form, *more]
        done = run(words, self.dir)
        self.assertIn(done.returncode, (0, 3), done.stderr)
        self.assertEqual(done.stderr, b"")
        return done.stdout.decode("utf-8"), done.returncode

    def report(self, name):
        text, code = self.check(name, "json")
        report = json.loads(text)
        self.assertEqual(report["passed"], code == 0)
        return report

    def standing(self, report):
        return [f for f in report["findings"] if f["lifted_by"] is None]

    def each(self):
        self.assertGreater(len(self.files), 40)
        for name in self.files:
            with self.subTest(name):
                yield name, self.report(name)

    def test_json(self):
        with open(os.path.join(ROOT, "engine/render/check.schema.json")) as f:
            schema = json.load(f)
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        severities = set()
        for name, report in self.each():
            validator.validate(report)
            self.assertEqual(report["file"], name)
            standing = self.standing(report)
            severities |= {f["severity"] for f in standing}
            for word in ("error", "warning", "note"):
                self.assertEqual(
                    report[word + "s"],
                    sum(f["severity"] == word for f in standing))
        self.assertEqual(severities, {"error", "warning", "note"})

    def test_hostile_names_are_among_them(self):
        rows = {f["row"] for f in self.report("evil.cfg")["findings"]
                if f["code"] == "AS204"}
        self.assertEqual(rows, {f"{n}/{n}".lower() for n in EVIL})

    def test_sarif(self):
        suppressed = 0
        for name, report in self.each():
            data = json.loads(self.check(name, "sarif")[0])
            log = Sarif.load(data)
            results = log.runs[0].results
            self.assertEqual(len(results), len(report["findings"]))
            rules = log.runs[0].tool.driver.rules
            with open(os.path.join(self.dir, name)) as f:
                lines = f.read().split("\n")
            prints = set()
            for result, finding in zip(results, report["findings"]):
                self.assertEqual(rules[result.rule_index].id, result.rule_id)
                self.assertEqual(result.rule_id, finding["code"])
                place = result.locations[0].physical_location
                self.assertEqual(
                    urllib.parse.unquote(place.artifact_location.uri), name)
                self.assertEqual(place.region.start_line, finding["line"])
                line = lines[finding["line"] - 1].encode()
                column = len(line[:finding["column"] - 1].decode()) + 1
                self.assertEqual(place.region.start_column, column)
                self.assertEqual(result.suppressions is not None,
                                 finding["lifted_by"] is not None)
                suppressed += result.suppressions is not None
                prints.add(result.partial_fingerprints["assocsync/v1"])
            self.assertEqual(len(prints), len(results))
        self.assertGreater(suppressed, 0)

    def test_junit(self):
        for name, report in self.each():
            text = self.check(name, "junit")[0]
            with tempfile.NamedTemporaryFile("w", suffix=".xml") as out:
                out.write(text)
                out.flush()
                xml = junitparser.JUnitXml.fromfile(out.name)
            failing = {f["code"] for f in self.standing(report)
                       if f["severity"] == "error"}
            cases = [case for suite in xml for case in suite]
            self.assertEqual(xml.tests, len(cases))
            self.assertEqual(xml.failures, len(failing))
            self.assertEqual({c.name[:5] for c in cases if c.result}, failing)
            self.assertEqual({c.classname for c in cases}, {name})

    def test_gitlab(self):
        for name, report in self.each():
            data = json.loads(self.check(name, "gitlab")[0])
            jsonschema.validate(data, GITLAB)
            standing = self.standing(report)
            self.assertEqual(
                [(d["check_name"], d["location"]["lines"]["begin"])
                 for d in data], [(f["code"], f["line"]) for f in standing])
            self.assertEqual({d["location"]["path"] for d in data} - {name},
                             set())
            self.assertEqual(len({d["fingerprint"] for d in data}), len(data))

    def test_github(self):
        words = {"error": "error", "warning": "warning", "note": "notice"}
        for name, report in self.each():
            commands = list(github_commands(self.check(name, "github")[0]))
            standing = self.standing(report)
            self.assertEqual(len(commands), len(standing))
            for (word, properties, message), f in zip(commands, standing):
                self.assertEqual(word, words[f["severity"]])
                self.assertEqual(properties["file"], name)
                self.assertEqual(properties["line"], str(f["line"]))
                self.assertEqual(properties["col"], str(f["column"]))
                self.assertTrue(properties["title"].startswith(f["code"]))
                # Backslashes and what no terminal shows are escaped.
                if f["message"].isascii() and "\\" not in f["message"]:
                    self.assertIn(f["message"], message)

    def test_markdown(self):
        allowed = {"h3", "code", "p", "strong", "table", "thead", "tbody",
                   "tr", "th", "td", "br", "details", "summary", "ul", "li"}
        for name, report in self.each():
            text = self.check(name, "markdown")[0]
            page = subprocess.run(
                ["cmark-gfm", "--unsafe", "-e", "table", "-e", "autolink",
                 "-e", "strikethrough"], input=text.encode(),
                capture_output=True, check=True).stdout.decode()
            tags = Tags()
            tags.feed(page)
            self.assertEqual(set(tags.tags) - allowed, set())
            self.assertEqual(tags.attributes, [])
            rows = len(self.standing(report))
            self.assertEqual(tags.tags.count("tr"), rows + 1 if rows else 0)
            self.assertLess(len(text.encode()), 65536)
            self.assertEqual(tags.tags.count("h3"), 1)
            self.assertNotIn("@admin", text)

    def test_markdown_keeps_to_its_bytes(self):
        """What does not fit is counted; a table stays a table."""
        cut = 0
        for name, report in self.each():
            rows = len(self.standing(report))
            text = self.check(name, "markdown", "--max-bytes", "2000")[0]
            self.assertLessEqual(len(text.encode()), 2000)
            page = subprocess.run(
                ["cmark-gfm", "--unsafe", "-e", "table"], input=text.encode(),
                capture_output=True, check=True).stdout.decode()
            tags = Tags()
            tags.feed(page)
            shown = max(tags.tags.count("tr") - 1, 0)
            left = re.search(r"^(\d+) findings? not shown: ", text, flags=re.M)
            self.assertEqual(shown + (int(left[1]) if left else 0), rows)
            cut += left is not None
            done = run(["check", name, "--format", "markdown", "--max-bytes",
                        "20"], self.dir, 1)
            self.assertEqual(done.stdout, b"")
            self.assertRegex(done.stderr, rb"--max-bytes: .* it takes \d+\n")
        self.assertGreater(cut, 0)

    def test_text_tells_every_finding(self):
        for name, report in self.each():
            text = self.check(name, "text", "--verbose")[0]
            for f in self.standing(report):
                place = f"{name}:{f['line']}:{f['column']}: {f['severity']} "
                self.assertIn(place + f["code"], text)


class PolicyTest(unittest.TestCase):
    """The schema says of policies what the program says of them."""

    GOOD = ["", "fail-on = 'note'", "admins = 'a'", "admins = []",
            "[severity]\nAS209 = 'off'", "[thresholds]\nraise-factor = 1",
            "[known]\nqos = []", "[names]\nuser = 'x+'",
            "[[owners]]\nunder = ['a']", "[[fairshare]]\naccount='a'\nsum=0",
            "[[suppress]]\ncode='AS215'\nrows='a'\nreason='b'"]
    BAD = ["failon = 'note'", "fail-on = 'off'", "admins = 1", "admins = ''",
           "[severity]\nAS201 = 'off'", "[severity]\nAS209 = 'bad'",
           "[severity]\nAS999 = 'off'", "[thresholds]\nraise-factor = 0.5",
           "[thresholds]\ndelete-share = 2.5",
           "[thresholds]\ndelete-share = 101", "[known]\nqos = 'a'",
           "[names]\nuser = ['x']", "[[owners]]\nauthors = 'a'",
           "[[allow-qos]]\nunder = 'a'", "[[fairshare]]\naccount='a'",
           "[[fairshare]]\naccount='a'\nsum=-1",
           "[[suppress]]\ncode='AS203'\nrows='a'\nreason='b'",
           "[[suppress]]\ncode='AS215'\nrows='a'"]

    def setUp(self):
        with open(os.path.join(ROOT, "engine/check/policy.schema.json")) as f:
            schema = json.load(f)
        jsonschema.Draft202012Validator.check_schema(schema)
        self.validator = jsonschema.Draft202012Validator(schema)

    def program_takes(self, text):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "p.toml")
            with open(path, "w") as out:
                out.write(text)
            code = run(["check", os.path.join(PROPOSALS, "base.cfg"),
                        "--policy", path], folder).returncode
        self.assertIn(code, (0, 1, 3))
        return code != 1

    def test_the_example(self):
        with open(POLICY, "rb") as f:
            self.validator.validate(tomllib.load(f))

    def test_schema_and_program_agree(self):
        for wanted, texts in ((True, self.GOOD), (False, self.BAD)):
            for text in texts:
                with self.subTest(text):
                    self.assertEqual(
                        self.validator.is_valid(tomllib.loads(text)), wanted)
                    self.assertEqual(self.program_takes(text), wanted)


def fences(language):
    """The code blocks of a language in assocsync-check(1)."""
    with open(os.path.join(ROOT, "cli/man/assocsync-check.1.md")) as f:
        return re.findall(rf"^```{language}\n(.*?)^```", f.read(),
                          re.M | re.S)


class ContinuousIntegrationTest(unittest.TestCase):
    """The CI examples of assocsync-check(1), run as a runner would, on a repository."""

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="assocsync-ci-")
        self.origin = os.path.join(self.dir, "origin")
        self.work = os.path.join(self.dir, "work")
        os.makedirs(os.path.join(self.dir, "bin"))
        os.symlink(BINARY, os.path.join(self.dir, "bin", "assocsync"))
        self.env = dict(
            ENVIRONMENT, HOME=self.dir, GIT_CONFIG_NOSYSTEM="1",
            PATH=os.path.join(self.dir, "bin") + ":/usr/bin:/bin",
            GIT_AUTHOR_NAME="a", GIT_AUTHOR_EMAIL="a@example.org",
            GIT_COMMITTER_NAME="a", GIT_COMMITTER_EMAIL="a@example.org")
        self.git(self.dir, "init", "-q", "-b", "main", "origin")
        os.makedirs(os.path.join(self.origin, "trees"))
        for name in ("lab.cfg", "live.cfg"):
            shutil.copy(os.path.join(PROPOSALS, "base.cfg"),
                        os.path.join(self.origin, "trees", name))
        shutil.copy(POLICY, os.path.join(self.origin, "policy.toml"))
        self.git(self.origin, "add", ".")
        self.git(self.origin, "commit", "-qm", "trees")
        self.git(self.dir, "clone", "-q", "origin", "work")
        self.git(self.work, "checkout", "-qb", "proposal")

    def tearDown(self):
        shutil.rmtree(self.dir)

    def git(self, cwd, *words):
        subprocess.run(["git"] + list(words), cwd=cwd, env=self.env,
                       check=True, capture_output=True)

    def propose(self, number):
        patch = glob.glob(os.path.join(PROPOSALS, f"{number}-*.patch"))[0]
        subprocess.run(["patch", "--quiet", "trees/lab.cfg", patch],
                       cwd=self.work, check=True)
        self.git(self.work, "commit", "-qam", "proposal")

    def script(self, text, **more):
        return subprocess.run(["bash", "-e", "-c", text], cwd=self.work,
                              env=dict(self.env, **more), capture_output=True,
                              text=True, timeout=60)

    def github_steps(self):
        workflow = next(y for y in map(yaml.safe_load, fences("yaml"))
                        if "jobs" in y)
        for job in workflow["jobs"].values():
            return [s for s in job["steps"] if "run" in s]

    def run_github(self):
        """As a runner does: after a step that fails only those that always
        run. The first failure, all output, and the summary."""
        summary = os.path.join(self.dir, "summary.md")
        code, output = 0, ""
        for step in self.github_steps():
            if code and step.get("if") != "always()":
                continue
            done = self.script(step["run"], GITHUB_BASE_REF="main",
                               GITHUB_ACTOR="amira",
                               GITHUB_STEP_SUMMARY=summary)
            code = code or done.returncode
            output += done.stdout + done.stderr
        with open(summary) as f:
            return code, output, f.read()

    def make_new(self):
        """main has no trees/lab.cfg; the proposal brings it."""
        self.git(self.origin, "rm", "-q", "trees/lab.cfg")
        self.git(self.origin, "commit", "-qm", "none yet")
        self.git(self.work, "fetch", "-q")
        self.git(self.work, "reset", "-q", "--hard", "origin/main")
        shutil.copy(os.path.join(PROPOSALS, "base.cfg"),
                    os.path.join(self.work, "trees", "lab.cfg"))
        self.git(self.work, "add", ".")
        self.propose("01")

    def gitlab_job(self):
        return next(j for y in map(yaml.safe_load, fences("yaml"))
                    for j in y.values()
                    if isinstance(j, dict) and "script" in j)

    def test_github_actions(self):
        for number, wanted in (("01", 0), ("13", 3)):
            with self.subTest(number):
                self.setUp()
                self.propose(number)
                code, output, summary = self.run_github()
                self.assertEqual(code, wanted, output)
                self.assertIn("### assocsync", summary)
                self.assertIn("Slurm 24.11", summary)
                if wanted != 0:
                    self.assertIn("::error file=trees/lab.cfg,line=32", output)

    def test_github_actions_on_a_new_tree(self):
        self.make_new()
        code, output, summary = self.run_github()
        self.assertEqual(code, 0, output)
        self.assertIn("### assocsync", summary)

    def test_gitlab_ci(self):
        job = self.gitlab_job()
        for number, wanted in (("01", 0), ("13", 3)):
            with self.subTest(number):
                self.setUp()
                self.propose(number)
                done = self.script("\n".join(job["script"]),
                                   CI_MERGE_REQUEST_TARGET_BRANCH_NAME="main",
                                   GITLAB_USER_LOGIN="amira")
                self.assertEqual(done.returncode, wanted, done.stderr)
                report = os.path.join(
                    self.work, job["artifacts"]["reports"]["codequality"])
                with open(report) as f:
                    jsonschema.validate(json.load(f), GITLAB)
        self.make_new()
        done = self.script("\n".join(job["script"]),
                           CI_MERGE_REQUEST_TARGET_BRANCH_NAME="main",
                           GITLAB_USER_LOGIN="amira")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_pre_commit_hook(self):
        hook = next(s for s in fences("sh") if "git diff --cached" in s)
        path = os.path.join(self.work, ".git", "hooks", "pre-commit")
        with open(path, "w") as out:
            out.write(hook)
        os.chmod(path, 0o755)
        self.propose("01")  # In order: the commit goes through.
        live = os.path.join(self.work, "trees", "live.cfg")
        with open(live) as f:
            dump = f.read()
        with open(live, "w") as out:  # No canonical form, as a dump has none.
            out.write(dump.replace("'jonas':", "'jonas' :"))
        self.git(self.work, "commit", "-qam", "last night's")
        tree = os.path.join(self.work, "trees", "lab.cfg")
        with open(tree) as f:
            text = f.read()
        for bad in (text.replace("MaxJobs=100", "MaxJbos=100"),
                    text.replace("'jonas':", "'jonas' :")):
            self.assertNotEqual(bad, text)
            with open(tree, "w") as out:
                out.write(bad)
            self.git(self.work, "add", ".")
            done = subprocess.run(["git", "commit", "-qm", "x"], cwd=self.work,
                                  env=self.env, capture_output=True, text=True)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("trees/lab.cfg", done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
