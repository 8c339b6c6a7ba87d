"""What the manual says is so.

Each session in README.md and cli/man is run, and prints what is shown; one that
needs servers says `console server`, and its options are looked up all the same.
Codes, options, variables and exit statuses of the manual are those of the
program, and the other way round. Pages are built as CMake builds them, and man
reads them without a warning. Also: what a terminal, and none, is shown.

Part of tests/formats/formats_test.py.
"""

import concurrent.futures
import fcntl
import glob
import os
import pty
import re
import shutil
import struct
import subprocess
import tempfile
import termios
import unittest

import terminal

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
BINARY = os.path.abspath(os.environ["ASSOCSYNC_BINARY"])
MAN = os.path.join(ROOT, "cli", "man")
FILES = os.path.join(ROOT, "tests", "formats", "manual")
PROPOSALS = os.path.join(ROOT, "testdata", "proposals")

# Blocks with commands that are run elsewhere, or that no shell reads.
ELSEWHERE = {
    ("README.md", "sh"): 2,  # tests/run runs quickstart, and is run.
    ("assocsync-check.1.md", "sh"): 1,    # ContinuousIntegrationTest
    ("assocsync-check.1.md", "yaml"): 2,  # the same
    ("assocsync-backup.1.md", "ini"): 1,  # a drop-in of systemd
    ("assocsync-backup.1.md", ""): 1,     # a line of a crontab
    ("assocsync-plan.1.md", ""): 1,       # a part of a plan that needs servers
    ("assocsync.1.md", "sql"): 1,
    ("assocsync-verify.1.md", "sql"): 1,
    ("assocsync-restore.1.md", "sql"): 1,
    ("assocsync-drills.7.md", "sql"): 1,
    ("assocsync.toml.5.md", "toml"): 1,
}

# Options of other programs that the manual names.
FOREIGN = {"--single-transaction", "--databases", "--quick", "--now", "--preset", "--build",
           "--install", "--name-only", "--diff-filter", "--cached"}


def read(path):
    with open(path) as f:
        return f.read()


SOURCES = {os.path.basename(p): read(p)
           for p in [os.path.join(ROOT, "README.md")]
           + sorted(glob.glob(os.path.join(MAN, "*.md")))}


def environment(home, **more):
    return dict({"PATH": os.path.join(home, "bin") + ":/usr/bin:/bin",
                 "LC_ALL": "C.UTF-8", "HOME": home, "XDG_STATE_HOME": home},
                **more)


def program(*words, **more):
    with tempfile.TemporaryDirectory() as home:
        return subprocess.run([BINARY, *words], env=environment(home, **more),
                              stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=60)


def section(text, name):
    """The lines of a section of --help."""
    found = re.search(rf"^{name}\n(.*?)(?=^[A-Z][A-Z ]+$|\Z)", text, re.M | re.S)
    return found.group(1) if found else ""


def make_files(folder):
    """What the sessions of the manual, and examples of --help, name."""
    shutil.copytree(FILES, folder, dirs_exist_ok=True)
    os.makedirs(os.path.join(folder, "bin"))
    os.symlink(BINARY, os.path.join(folder, "bin", "assocsync"))
    os.makedirs(os.path.join(folder, "trees"))
    main = os.path.join(folder, "main.cfg")
    shutil.copy(os.path.join(PROPOSALS, "base.cfg"), main)
    subprocess.run(["patch", "--quiet", "--output",
                    os.path.join(folder, "trees", "lab.cfg"), main,
                    os.path.join(PROPOSALS, "27-look-alike-user.patch")],
                   check=True)
    shutil.copy(os.path.join(folder, "trees", "lab.cfg"), folder)
    shutil.copy(os.path.join(ROOT, "testdata", "policy.toml"), folder)
    shutil.copy(os.path.join(folder, "backup.cfg"),
                os.path.join(folder, "monday.cfg"))


def blocks(text):
    """(language, whether it needs servers, what is in it) of each block."""
    for info, body in re.findall(r"^```([^\n]*)\n(.*?)^```$", text, re.M | re.S):
        words = info.split()
        yield words[0] if words else "", "server" in words[1:], body


def commands(body):
    """(command, what it prints) of each line with a prompt."""
    found = re.findall(r"^[$#] (.*)\n((?:(?![$#] ).*\n)*)", body, re.M)
    assert found, body
    return found


def without_comment(command):
    return re.sub(r" +# .*$", "", command)


class SessionsTest(unittest.TestCase):
    """Every command that is shown."""

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="assocsync-manual-")
        self.addCleanup(shutil.rmtree, self.dir)
        make_files(self.dir)

    def shell(self, command):
        return subprocess.run(["bash", "-c", command], cwd=self.dir,
                              env=environment(self.dir), text=True,
                              stdin=subprocess.DEVNULL, timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def test_sessions_print_what_is_shown(self):
        ran = 0
        for page, text in SOURCES.items():
            for language, server, body in blocks(text):
                if language != "console" or server:
                    continue
                # A comment of a file that is shown is no prompt of root.
                for command, shown in re.findall(
                        r"^[$] (.*)\n((?:(?![$] ).*\n)*)", body, re.M):
                    with self.subTest(page=page, command=command):
                        self.assertEqual(self.shell(command).stdout, shown)
                        ran += 1
        self.assertGreater(ran, 20)

    def test_no_other_block_is_left_out(self):
        counted = {}
        for page, text in SOURCES.items():
            for language, _, _ in blocks(text):
                if language != "console":
                    key = (page, language)
                    counted[key] = counted.get(key, 0) + 1
        self.assertEqual(counted, ELSEWHERE)

    def test_those_that_need_servers_are_commands(self):
        """What is not run has the options that its command has."""
        checked = 0
        for page, text in SOURCES.items():
            for language, server, body in blocks(text):
                if not server:
                    continue
                for command, _ in commands(body):
                    checked += self.check_options(
                        page, without_comment(command))
        self.assertGreater(checked, 20)

    def check_options(self, page, command):
        found = re.search(r"\bassocsync ([a-z]+)(.*)", command)
        if found is None:
            return 0
        help_text = program(found.group(1), "--help")
        with self.subTest(page=page, command=command):
            self.assertEqual(help_text.returncode, 0)
            for option in re.findall(r"(?<!\S)--[a-z-]+", found.group(2)):
                self.assertIn(option + " ", re.sub(
                    r"[\n,]", " ", section(help_text.stdout, "OPTIONS")))
        return 1

    def test_examples_of_help(self):
        """Those that need no server are run; of the others the options."""
        ran = 0
        for command in COMMANDS:
            examples = section(program(command, "--help").stdout, "EXAMPLES")
            self.assertIn("assocsync " + command, examples)
            for line in examples.splitlines():
                line = without_comment(line.strip())
                if not line.startswith("assocsync "):
                    continue
                self.check_options("help", line)
                if not self.is_local(line):
                    continue
                with self.subTest(line):
                    done = self.shell(line)
                    self.assertIn(done.returncode, (0, 2, 3), done.stdout)
                    ran += 1
        self.assertGreater(ran, 5)

    def is_local(self, line):
        if "--explain" in line:
            return True
        if re.search(r"/var/lib|git:| live$|--live (?!\S+\.cfg)", line):
            return False
        if re.match(r"assocsync plan ", line):
            return "--live" in line
        return bool(re.match(r"assocsync (check|diff|fmt) ", line))


def commands_of_help():
    text = section(program("--help").stdout, "COMMANDS")
    return re.findall(r"^  ([a-z]+)", text, re.M)


COMMANDS = commands_of_help()


def options_of(command):
    text = section(program(command, "--help").stdout, "OPTIONS")
    return set(re.findall(r"^  (?:-\w, )?(--[a-z-]+)", text, re.M))


class PagesTest(unittest.TestCase):
    """The pages as they are installed."""

    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.mkdtemp(prefix="assocsync-pages-")

        def build(page):
            done = subprocess.run(
                ["sh", os.path.join(MAN, "page"), BINARY,
                 os.path.join(MAN, page)], capture_output=True, text=True,
                check=True)
            text = os.path.join(cls.dir, page)
            with open(text, "w") as out:
                out.write(done.stdout)
            subprocess.run(["go-md2man", "-in", text, "-out", text[:-3]],
                           check=True)
            return page, done.stdout

        pages = [p for p in SOURCES if p != "README.md"]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            cls.pages = dict(pool.map(build, pages))
        cls.all = "\n".join([SOURCES["README.md"], *cls.pages.values()])

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.dir)

    def test_a_page_for_each_command(self):
        self.assertEqual(
            {f"assocsync-{c}.1.md" for c in COMMANDS} | {"assocsync.1.md"},
            {p for p in self.pages if p.endswith(".1.md")})

    def test_man_reads_them(self):
        for page in self.pages:
            path = os.path.join(self.dir, page[:-3])
            name = page.split(".md")[0].rsplit(".", 1)[0]
            done = subprocess.run(["lexgrog", path], capture_output=True,
                                  text=True)
            self.assertIn(f'"{name} - ', done.stdout)
            for width in (40, 80, 200):
                with self.subTest(page=page, width=width):
                    done = subprocess.run(
                        ["man", "--warnings=w", "-l", path],
                        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8",
                             "MANWIDTH": str(width)},
                        capture_output=True, text=True)
                    # A long word in a narrow column is no fault of the page.
                    told = [w for w in done.stderr.splitlines() if not
                            re.search("cannot adjust|can't break", w)]
                    self.assertEqual((done.returncode, told), (0, []))

    def test_names_of_options(self):
        every = {c: options_of(c) for c in COMMANDS}
        known = set.union(*every.values())
        self.assertGreater(len(known), 40)
        for command, options in every.items():
            page = self.pages[f"assocsync-{command}.1.md"]
            told = set(re.findall(r"\*\*(--[a-z-]+)\*\*",
                                  page[page.index("## OPTIONS"):]))
            self.assertEqual(told, options, command)
        named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+\b", self.all))
        self.assertEqual(named - known - FOREIGN - {"--version"}, set())

    def test_codes(self):
        self.assertGreater(len(set(re.findall(r"AS\d{3}", self.all))), 70)
        told = set(re.findall(r"^### (AS\d{3})",
                              self.pages["assocsync-findings.7.md"], re.M))
        self.assertEqual(
            set(re.findall(r"\bAS\d{3}\b", self.all)) - told, set())
        rows = read(os.path.join(ROOT, "engine/model/finding_rows.inc"))
        engine = {"AS" + number for number in
                  re.findall(r"^(?:FINDING|RULE)\(\w+, (\d{3}),", rows, re.M)}
        self.assertEqual(engine, told)

    def test_tables_of_codes(self):
        """What a reader on the web sees has the titles that the program has."""
        page = self.pages["assocsync-findings.7.md"]
        titles = dict(re.findall(r"^### (AS\d{3})(?: [a-z0-9-]+)?: (.*?)"
                                 r"(?: \(\w+ unless .*)?$",
                                 page.replace("\\", ""), re.M))
        table = dict(re.findall(r"^\| (AS\d{3}) \| (.*?) \| ",
                                SOURCES["assocsync-findings.7.md"], re.M))
        self.assertEqual(table, titles)

    def test_keys_and_variables(self):
        page = self.pages["assocsync.toml.5.md"]
        told = dict(re.findall(r"^\*\*([a-z-]+)\*\*, \*\*(ASSOCSYNC[A-Z_\\]+)\*\*",
                               page, re.M))
        for key, variable in told.items():
            self.assertEqual(variable.replace("\\", ""),
                             "ASSOCSYNC_" + key.upper().replace("-", "_"))
        settable = set()
        with tempfile.TemporaryDirectory() as folder:
            config = os.path.join(folder, "c.toml")
            for option in set.union(*map(options_of, COMMANDS)):
                name = option[2:]
                with open(config, "w") as out:
                    out.write(f'{name} = ""\n')
                done = program("fmt", "--config", config)
                # Empty is no value of any.
                if not re.search("command line only|is no option",
                                 done.stderr):
                    settable.add(name)
        self.assertEqual(set(told), settable)
        named = set(re.findall(r"ASSOCSYNC_[A-Z_]+", re.sub(
            r"\\", "", self.all)))
        named -= {"ASSOCSYNC_" + k.upper().replace("-", "_") for k in told}
        # Of the config file itself, of building, of two examples; what the
        # program of --on-failure is told.
        self.assertEqual(named, {"ASSOCSYNC_CONFIG", "ASSOCSYNC_TESTS",
                                 "ASSOCSYNC_FAILED", "ASSOCSYNC_STATUS",
                                 "ASSOCSYNC_MAX_DELET"})

    def test_exit_statuses(self):
        known = set(re.findall(r"= (\d+),",
                               read(os.path.join(ROOT, "cli/exit_codes.h"))))
        self.assertIn("64", known)

        def told(page):
            text = page[page.index("## EXIT STATUS"):]
            return set(re.findall(r"^\*\*(\d+)\*\*", text, re.M))

        self.assertEqual(told(self.pages["assocsync.1.md"]), known)
        self.assertEqual(set(re.findall(r"^- (\d+): ", SOURCES["assocsync.1.md"],
                                        re.M)), known)
        for command in COMMANDS:
            statuses = told(self.pages[f"assocsync-{command}.1.md"])
            own = {"0", "1", "3", "64", "130"}
            own |= {"2"} if command in ("plan", "diff", "status") else set()
            own |= {"4"} if command in ("apply", "restore", "prune") else set()
            self.assertEqual(statuses, own)
        for status in re.findall(r"(?:status|exit with|exits with) (\d+)",
                                 self.all):
            self.assertIn(status, known)


class SourcesTest(unittest.TestCase):
    """README.md and the pages as they are read on the web."""

    def test_readme_is_short(self):
        lines = SOURCES["README.md"].splitlines()
        self.assertLessEqual(len(lines), 150)
        self.assertEqual([line for line in lines if len(line) > 100], [])

    def test_links_lead_somewhere(self):
        for page, text in SOURCES.items():
            folder = ROOT if page == "README.md" else MAN
            for words, link in re.findall(r"\[([^]]*)\]\(([^)]*)\)", text):
                with self.subTest(page=page, link=link):
                    self.assertTrue(os.path.exists(os.path.join(folder, link)))
                    found = re.fullmatch(r"([a-z.-]+)\((\d)\)", words)
                    if found:
                        self.assertEqual(os.path.basename(link),
                                         "{}.{}.md".format(*found.groups()))

    def test_paths_in_the_sources_are_there(self):
        for page, text in SOURCES.items():
            for path in re.findall(
                    r"`((?:engine|testdata|tests|cli)/[\w./-]+)`", text):
                with self.subTest(page=page, path=path):
                    self.assertTrue(os.path.exists(os.path.join(ROOT, path)))


class TerminalTest(unittest.TestCase):
    """The same words for every terminal, and for none."""

    PLAN = ["plan", "backup.cfg", "--live", "today.cfg", "--release", "24.11"]

    def on_terminal(self, words, width, stream="stdout", **more):
        """What is shown where this one stream is a terminal."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ,
                    struct.pack("HHHH", 24, width, 0, 0))
        streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL,
                   stream: theirs}
        process = subprocess.Popen(
            [BINARY, *words], cwd=FILES, stdin=subprocess.DEVNULL, **streams,
            env=environment(FILES, TERM="xterm", ASSOCSYNC_PAGER="cat", **more))
        os.close(theirs)
        seen = terminal.all_of(ours)
        self.assertEqual(process.wait(60), 0)
        return seen

    def test_widths_and_colours(self):
        plain = program(*[os.path.join(FILES, w) if w.endswith(".cfg") else w
                          for w in self.PLAN])
        self.assertEqual(plain.returncode, 0)
        self.assertNotIn("\x1b", plain.stdout + plain.stderr)
        for width in (40, 80, 200):
            with self.subTest(width):
                self.assertEqual(self.on_terminal(self.PLAN, width,
                                                  NO_COLOR="1"), plain.stdout)
                coloured = self.on_terminal(self.PLAN, width)
                self.assertIn("\x1b", coloured)
                self.assertEqual(re.sub(r"\x1b\[[0-9;]*m", "", coloured),
                                 plain.stdout)

    def test_progress_fits(self):
        for width in (40, 80, 200):
            shown = self.on_terminal(self.PLAN, width, "stderr")
            for line in re.split(r"[\r\n]", shown):
                line = re.sub(r"\x1b\[[0-9;]*[mK]", "", line)
                self.assertLess(len(line), width)

    def test_help_fits(self):
        """No colours; what is typed stays in one line, all else is wrapped."""
        for command in [[], *([c] for c in COMMANDS)]:
            plain = program(*command, "--help").stdout
            for width in (40, 80, 200):
                with self.subTest(command=command, width=width):
                    shown = self.on_terminal([*command, "--help"], width,
                                             NO_COLOR="1")
                    self.assertNotIn("\x1b", shown)
                    self.assertEqual(shown.split(), plain.split())
                    if width == 80:
                        self.assertEqual(shown, plain)
                    text = re.sub(r"^(Usage:.*\n( .*\n)*|EXAMPLES\n( .*\n)*)",
                                  "", shown, flags=re.M)
                    longest = max(map(len, text.splitlines()))
                    self.assertLess(longest, min(width, 100))
                    self.assertGreater(longest, min(width, 100) - 12)
            narrow = self.on_terminal([*command, "--help"], 80, COLUMNS="40")
            self.assertEqual(
                narrow, self.on_terminal([*command, "--help"], 40))

    def test_pipe_to_head(self):
        for words in (self.PLAN, ["plan", "--help"]):
            command = " ".join(["exec", BINARY, *words, "| head -n 1"])
            done = subprocess.run(["bash", "-c", command], cwd=FILES, text=True,
                                  env=environment(FILES), capture_output=True)
            self.assertEqual(done.stderr, "")
            self.assertEqual(len(done.stdout.splitlines()), 1)
