#!/usr/bin/python3
"""The HTML report in a real browser: Debian's Chromium, no window, no network.

Reports are made by the real program (ASSOCSYNC_BINARY) from files that are
generated here, and opened from the disk as a reader opens them.
"""

import base64
import json
import os
import shutil
import sys
import tempfile
import unittest

from selenium.common.exceptions import NoAlertPresentException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import browser  # noqa: E402
import sites  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
QUICKSTART = os.path.join(ROOT, "testdata", "quickstart")

HEAD = (
    "# To edit this file start with a cluster line for the new cluster\n"
    "Cluster - 'hpc':Fairshare=1\n"
    "Parent - 'root'\n"
    "User - 'root':DefaultAccount='root':AdminLevel='Administrator'\n"
    "Account - 'lab':Description='lab':Organization='lab'\n"
    "Parent - 'lab'\n"
)

# What a page that trusts its values would run, load or be confused by.
HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(2)</script>",
    "<!--<script>",
    "&lt;b&gt;x",
    "${alert(3)}",
    "a\u202egnp.exe",
    "a\u2028b",
    "javascript:alert(4)",
]


def user(name, rest="", account="lab"):
    return f"User - '{name}':DefaultAccount='{account}'{rest}\n"


def setUpModule():
    global folder, stack, driver
    folder = tempfile.mkdtemp()
    stack = browser.chromium()
    driver = stack.__enter__()


def tearDownModule():
    stack.__exit__(None, None, None)
    shutil.rmtree(folder)


def path_of(name):
    return os.path.join(folder, name)


class ReportTest(unittest.TestCase):
    def tearDown(self):
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})

    # ---- Making and opening ----

    def report(self, name, live, target, *more, status=0):
        for side, text in (("live", live), ("target", target)):
            sites.write(path_of(f"{name}-{side}.cfg"), text)
        page = path_of(f"{name}.html")
        got = browser.make_report(
            page, path_of(f"{name}-target.cfg"), path_of(f"{name}-live.cfg"), *more
        )
        self.assertEqual(got, status)
        return page

    def open(self, page):
        driver.get_log("browser")
        driver.get_log("performance")
        driver.get("file://" + page)

    def open_quickstart(self):
        page = path_of("quickstart.html")
        browser.make_report(
            page,
            os.path.join(QUICKSTART, "backup.cfg"),
            os.path.join(QUICKSTART, "live.cfg"),
        )
        self.open(page)

    def assertQuiet(self):
        self.assertEqual(driver.get_log("browser"), [])

    # ---- Looking ----

    def rows(self):
        """The names of the rows that are drawn, from the top down."""
        return driver.execute_script(
            """return [...document.querySelectorAll('#rows .row .title')]
               .map(e => e.lastElementChild.textContent);"""
        )

    def row(self, name):
        return driver.execute_script(
            """return [...document.querySelectorAll('#rows .row')].find(
               e => e.querySelector('.title').lastElementChild.textContent ===
                 arguments[0]);""",
            name,
        )

    def shown(self):
        return driver.find_element(By.ID, "shown").text

    def click(self, selector):
        driver.find_element(By.CSS_SELECTOR, selector).click()

    def press(self, *keys):
        for key in keys:
            driver.switch_to.active_element.send_keys(key)

    def focus_name(self):
        return driver.execute_script(
            """return document.activeElement.querySelector('.title')
               ?.lastElementChild.textContent;"""
        )

    def wait_for(self, selector, text):
        for _ in range(500):
            found = driver.find_element(By.CSS_SELECTOR, selector).text
            if text in found:
                return
            driver.execute_async_script("setTimeout(arguments[0], 20)")
        self.assertIn(text, found)

    def media(self, media="screen", scheme="light"):
        driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia",
            {
                "media": media,
                "features": [{"name": "prefers-color-scheme", "value": scheme}],
            },
        )


class ReadingTest(ReportTest):
    def test_the_first_look_is_the_changes_and_what_holds_them(self):
        self.open_quickstart()
        self.assertEqual(
            self.shown(), "14 rows: 3 added, 6 changed, 1 moved, 4 deleted."
        )
        self.assertEqual(
            self.rows(),
            "QOS definitions,debug,root,eng,tmp_2025,niaj,oscar,science,biology,"
            "genomics,j_doe,physics,astro,hep,alice (partition gpu),bob,carol,"
            "User records,heidi,niaj".split(","),
        )
        self.assertIn(
            "moved from physics", self.row("genomics").text.replace("\n", " ")
        )
        bob = self.row("bob").get_attribute("textContent")
        self.assertIn("MaxJobs (not set) →  to 50", bob)
        self.assertIn("MaxSubmitJobs 1000 →  to 500", bob)
        counts = driver.find_element(By.CSS_SELECTOR, ".counts").text
        self.assertEqual(
            counts.split("\n"),
            ["−4 to delete", "+3 to add", "~6 to change", "→1 to move", "20 commands"],
        )
        self.assertQuiet()

    def test_unchanged_rows_can_be_looked_at(self):
        self.open_quickstart()
        self.click("#everything")
        self.assertIn("unchanged", self.shown())
        self.assertIn("cfd", self.rows())
        self.assertNotIn("judy", self.rows())
        self.row("cfd").find_element(By.CSS_SELECTOR, ".twisty").click()
        self.assertIn("judy", self.rows())
        self.row("cfd").find_element(By.CSS_SELECTOR, ".twisty").click()
        self.assertNotIn("judy", self.rows())
        self.click("#expand")
        self.assertIn("mallory", self.rows())
        self.click("#collapse")
        self.assertNotIn("mallory", self.rows())
        self.click("#only-changes")
        self.assertIn("14 rows", self.shown())

    def test_filters(self):
        self.open_quickstart()
        self.click("#only-deletes")
        self.assertEqual(self.shown(), "4 rows: 4 deleted.")
        self.assertEqual(
            self.rows(),
            "root,eng,tmp_2025,niaj,oscar,science,biology,genomics,j_doe".split(","),
        )
        self.click("#only-changes")
        self.click("[name=mark-changed]")
        self.assertEqual(self.shown(), "8 rows: 3 added, 1 moved, 4 deleted.")
        self.click("[name=mark-changed]")
        for kind in "aqc":
            self.click(f"[name=kind-{kind}]")
        self.click("[name=kind-u]")
        self.assertEqual(self.shown(), "2 rows: 2 changed.")
        self.assertEqual(self.rows(), ["User records", "heidi", "niaj"])

    def test_a_subtree(self):
        self.open_quickstart()
        box = driver.find_element(By.ID, "within")
        box.send_keys("physics", Keys.ENTER)
        self.assertEqual(self.shown(), "5 rows below physics: 2 added, 3 changed.")
        self.assertEqual(self.rows()[:3], ["root", "science", "physics"])
        self.click("#whole")
        self.assertIn("14 rows", self.shown())
        box.send_keys("nowhere", Keys.ENTER)
        self.assertEqual(self.shown(), "There is no account nowhere.")
        # The picture is another way there.
        bands = driver.find_elements(By.CSS_SELECTOR, "#picture rect[data-account]")
        for band in bands:
            title = band.find_element(By.TAG_NAME, "title")
            if title.get_attribute("textContent").startswith("eng:"):
                band.click()
                break
        self.assertEqual(self.shown(), "3 rows below eng: 3 deleted.")
        self.assertEqual(box.get_attribute("value"), "eng")

    def test_a_row_in_full(self):
        self.open_quickstart()
        self.row("hep").click()
        text = driver.find_element(By.ID, "details").text
        self.assertIn("account in root / science / physics", text)
        self.assertIn("GrpTRES cpu=4096 cpu=2048,mem=8T", text)
        self.assertIn("DefaultQOS normal normal", text)
        # Of a user the rights of the record, on the row of its default account.
        self.row("heidi").click()
        text = driver.find_element(By.ID, "details").text
        self.assertIn("AdminLevel Operator None", text)
        self.assertIn("DefaultAccount biology biology", text)

    def test_commands(self):
        self.open_quickstart()
        steps = "#command-list .step"
        self.assertEqual(driver.find_elements(By.CSS_SELECTOR, steps), [])
        self.click("#show-commands")
        found = driver.find_elements(By.CSS_SELECTOR, steps)
        self.assertEqual(len(found), 20)
        self.assertEqual(
            found[2].text.split("\n"),
            [
                "3",
                "sacctmgr -i modify account where name=biology set "
                "Description=biology",
                "biology: Description biology (closing) -> biology",
            ],
        )
        driver.execute_cdp_cmd(
            "Browser.grantPermissions",
            {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]},
        )
        self.click("#copy")
        self.wait_for("#copied", "Copied 20 commands.")
        copied = driver.execute_async_script(
            "navigator.clipboard.readText().then(arguments[0])"
        )
        self.assertEqual(len(copied.strip().split("\n")), 20)
        self.assertTrue(copied.startswith("sacctmgr -i add qos name=debug "))

    def test_findings_and_whether_apply_would_refuse(self):
        many = "".join(user(f"u{n}") for n in range(20))
        page = self.report(
            "refused", HEAD + user("ann") + many, HEAD + user("ann"), status=3
        )
        self.open(page)
        self.assertIn(
            "Refused: apply would run nothing. In the way: AS101",
            driver.find_element(By.CSS_SELECTOR, ".verdict").text,
        )
        finding = driver.find_element(By.CSS_SELECTOR, "#findings .finding")
        self.assertIn("refused AS101", finding.text)
        self.assertIn("If that is meant: --max-delete", finding.text)
        before = len(finding.find_elements(By.CSS_SELECTOR, "li"))
        more = finding.find_elements(By.TAG_NAME, "button")
        if more and more[0].is_displayed():
            more[0].click()
            after = len(finding.find_elements(By.CSS_SELECTOR, "li"))
            self.assertGreater(after, before)
        self.assertQuiet()

    def test_drift_conflicts_and_what_both_changed(self):
        sites.write(
            path_of("base.cfg"),
            HEAD + user("ann", ":MaxJobs=4") + user("bob", ":MaxJobs=1"),
        )
        page = self.report(
            "merge",
            HEAD
            + user("ann", ":MaxJobs=5")
            + user("bob", ":MaxJobs=2")
            + user("new"),
            HEAD + user("ann", ":MaxJobs=8") + user("bob", ":MaxJobs=2"),
            "--base",
            path_of("base.cfg"),
            status=3,
        )
        self.open(page)
        text = {
            name: driver.find_element(By.ID, name).text
            for name in ("conflicts", "drift", "both")
        }
        self.assertIn("lab/ann: MaxJobs 4, on live 5, proposed 8", text["conflicts"])
        self.assertIn("lab/new: added on live", text["drift"])
        self.assertIn("bob", text["both"])
        for code in ("AS124", "AS125", "AS126"):
            self.assertNotIn(code, driver.find_element(By.ID, "findings").text)

    def test_nothing_to_do(self):
        tree = HEAD + user("ann")
        self.open(self.report("same", tree, tree))
        self.assertIn(
            "Live is in sync with", driver.find_element(By.CSS_SELECTOR, ".verdict").text
        )
        self.assertIn("Nothing changes.", driver.find_element(By.ID, "tree").text)
        driver.find_element(By.CSS_SELECTOR, ".empty button").click()
        self.assertIn("root", self.rows())
        self.assertQuiet()


class SearchTest(ReportTest):
    def test_counts_are_those_of_the_data(self):
        site = sites.Site(2000, 200)
        page = self.report("search", site.text(False), site.text(True))
        self.open(page)
        want = site.counts
        self.assertEqual(
            self.shown(),
            f"{sum(want.values())} rows: {want['added']} added, "
            f"{want['changed']} changed, "
            + (f"{want['moved']} moved, " if want["moved"] else "")
            + f"{want['deleted']} deleted.",
        )
        for word in ("user19", "maxjobs 1001", "maxjobs 7", "maxsubmitjobs 10"):
            self.click("#everything")
            browser.search(driver, word)
            rows = site.rows_holding(word)
            self.assertGreater(rows, 0)
            self.assertEqual(int(self.shown().split(" ")[0].replace(",", "")), rows)
        browser.search(driver, "acct30/user1500")
        self.assertEqual(self.shown(), "1 row: 1 changed.")
        self.assertEqual(self.rows()[-2:], ["acct30", "user1500"])
        browser.search(driver, "no such thing")
        self.assertEqual(self.shown(), "0 rows.")
        self.assertIn("No row fits.", driver.find_element(By.ID, "tree").text)

    def test_ten_thousand_changes_of_a_hundred_thousand(self):
        site = sites.Site(100000, 10000)
        page = self.report("big", site.text(False), site.text(True))
        self.open(page)
        paint = browser.first_paint(driver)
        want = site.counts
        self.assertEqual(
            self.shown(),
            f"{sum(want.values()):,} rows: {want['added']:,} added, "
            f"{want['changed']:,} changed, {want['moved']:,} moved, "
            f"{want['deleted']:,} deleted.",
        )
        times = []
        for word in ("user777", "maxjobs 1005", "user1", "e"):
            self.click("#everything")
            times.append(browser.search(driver, word))
        self.click("#expand")
        drawn = driver.find_elements(By.CSS_SELECTOR, "#rows .row")
        self.assertLess(len(drawn), 200)
        driver.execute_script("document.querySelector('#rows .row').focus()")
        self.press(Keys.END)
        self.assertEqual(self.focus_name(), self.rows()[-1])
        self.assertQuiet()
        print(
            f"\n  {os.path.getsize(page) / 1e6:.1f} MB, first paint {paint:.0f} ms, "
            f"search {', '.join(f'{t:.0f}' for t in times)} ms (for information)"
        )


class KeyboardTest(ReportTest):
    def test_the_tree_by_keys(self):
        self.open_quickstart()
        driver.find_element(By.TAG_NAME, "body").send_keys("/")
        self.assertEqual(driver.switch_to.active_element.get_attribute("id"), "query")
        self.press(Keys.ARROW_DOWN)
        self.assertEqual(self.focus_name(), "QOS definitions")
        self.press(Keys.END)
        self.assertEqual(self.focus_name(), "niaj")
        self.press(Keys.HOME, Keys.ARROW_DOWN, Keys.ARROW_DOWN)
        self.assertEqual(self.focus_name(), "root")
        self.press(Keys.ARROW_RIGHT)
        self.assertEqual(self.focus_name(), "eng")
        self.press(Keys.ARROW_LEFT)
        self.assertEqual(self.focus_name(), "eng")
        row = driver.switch_to.active_element
        self.assertEqual(row.get_attribute("aria-expanded"), "false")
        self.assertNotIn("oscar", self.rows())
        self.press(Keys.ARROW_LEFT)
        self.assertEqual(self.focus_name(), "root")
        self.press(Keys.ARROW_DOWN, Keys.ENTER)
        self.assertIn("oscar", self.rows())
        self.press(Keys.SPACE)
        self.assertNotIn("oscar", self.rows())
        # A slash in the search is a slash.
        driver.find_element(By.TAG_NAME, "body").send_keys("/")
        self.press("hep/bob")
        self.assertEqual(self.shown(), "1 row: 1 changed.")

    def test_what_a_screen_reader_is_told(self):
        self.open_quickstart()
        tree = driver.find_element(By.ID, "tree")
        self.assertEqual(tree.get_attribute("role"), "tree")
        rows = driver.find_elements(By.CSS_SELECTOR, "#rows > [role=treeitem]")
        self.assertEqual(
            [r.get_attribute("tabindex") for r in rows].count("0"), 1
        )
        hep = self.row("hep")
        want = {"aria-level": "4", "aria-expanded": "true", "aria-posinset": "2",
                "aria-setsize": "2"}
        self.assertEqual({k: hep.get_attribute(k) for k in want}, want)
        # Signs are said in words.
        nodes = driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
        names = [
            node["name"]["value"]
            for node in nodes
            if node.get("role", {}).get("value") == "treeitem" and "name" in node
        ]
        self.assertTrue(
            any(n.startswith("deleted user oscar") for n in names), names
        )
        self.assertTrue(
            any(
                n.startswith("changed user bob MaxJobs (not set) to 50")
                for n in (" ".join(n.split()) for n in names)
            ),
            names,
        )
        unlabelled = driver.execute_script(
            """return [...document.querySelectorAll('button,input,section')]
               .filter(e => !e.textContent.trim() && !(e.labels || []).length &&
                 !e.getAttribute('aria-labelledby')).length"""
        )
        self.assertEqual(unlabelled, 0)


class SafetyTest(ReportTest):
    def hostile(self):
        lines = [user(f"u{n}", f":MaxJobs={n}") for n in range(len(HOSTILE))]
        accounts = HEAD
        for n, name in enumerate(HOSTILE):
            accounts = accounts.replace(
                "Parent - 'lab'\n",
                f"Account - '{name}':Description='{name}':Organization='{name}'\n"
                "Parent - 'lab'\n",
            )
        return self.report(
            "hostile",
            HEAD + "".join(lines) + user("gone<b>"),
            accounts + "".join(lines) + user("<i>new</i>", ":Comment='<u>hi</u>'"),
            "--max-delete",
            "100%",
            "--release",
            "24.11.5",
        )

    def test_hostile_names_are_text(self):
        self.open(self.hostile())
        with self.assertRaises(NoAlertPresentException):
            driver.switch_to.alert.accept()
        shown = self.rows()
        for name in ("<img src=x onerror=alert(1)>", "&lt;b&gt;x", "${alert(3)}"):
            self.assertTrue(
                any(name.lower() in row.lower() for row in shown), (name, shown)
            )
        self.assertTrue(any("\\u{202e}" in row for row in shown), shown)
        self.assertTrue(any("\\u{2028}" in row for row in shown), shown)
        self.click("#show-commands")
        for i in range(len(driver.find_elements(By.CSS_SELECTOR, "#rows .row"))):
            driver.find_elements(By.CSS_SELECTOR, "#rows .row")[i].click()
        extra = driver.execute_script(
            """return document.querySelectorAll(
               'img,iframe,object,embed,b b,u,main i,main script').length +
               (document.scripts.length - 2)"""
        )
        self.assertEqual(extra, 0)
        self.assertQuiet()

    def test_bytes_that_are_no_text(self):
        name = b"User - 'b\xffd':DefaultAccount='lab'\n"
        live = HEAD.encode() + user("ann").encode()
        page = self.report("bytes", live, live + name)
        self.open(page)
        self.assertIn("b\\xffd", self.rows())
        self.click("#show-commands")
        self.assertIn(
            "printf", driver.find_element(By.ID, "command-list").text
        )
        self.assertQuiet()

    def test_the_policy_holds(self):
        self.open(self.hostile())
        broken = driver.execute_async_script(
            """
            const done = arguments[0];
            const broken = new Set();
            document.addEventListener('securitypolicyviolation',
              event => broken.add(event.effectiveDirective));
            const attempt = act => { try { act(); } catch { } };
            attempt(() => {
              const script = document.createElement('script');
              script.append('window.ran = 1');
              document.body.append(script);
            });
            attempt(() => {
              const style = document.createElement('style');
              style.textContent = 'h1 { color: rgb(1, 2, 3) !important }';
              document.head.append(style);
            });
            attempt(() => {
              const image = document.createElement('img');
              image.src = 'http://127.0.0.1:9/x.png';
              document.body.append(image);
            });
            attempt(() => { document.body.innerHTML += '<p>x</p>'; });
            fetch('http://127.0.0.1:9/').catch(() => {}).then(
              () => setTimeout(() => done([...broken].sort()), 100));
            """
        )
        self.assertLessEqual(
            {"connect-src", "img-src", "require-trusted-types-for", "style-src-elem"},
            set(broken),
        )
        ran, color = driver.execute_script(
            """return [window.ran === undefined,
               getComputedStyle(document.querySelector('h1')).color]"""
        )
        self.assertTrue(ran)
        self.assertNotEqual(color, "rgb(1, 2, 3)")

    def test_a_script_in_the_file_does_not_run(self):
        """Not made by us: a page into which somebody wrote a script."""
        with open(self.hostile(), encoding="utf-8") as page:
            text = page.read()
        changed = path_of("changed.html")
        sites.write(
            changed,
            text.replace("<main", "<script>window.ran = 1</script><main", 1),
        )
        self.open(changed)
        self.assertTrue(driver.execute_script("return window.ran === undefined"))
        self.assertIn(
            "Content Security Policy",
            " ".join(entry["message"] for entry in driver.get_log("browser")),
        )

    def test_nothing_is_asked_of_the_network(self):
        page = self.hostile()
        self.open(page)
        self.click("#everything")
        self.click("#show-commands")
        asked = []
        for entry in driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                asked.append(message["params"]["request"]["url"])
        self.assertIn("file://" + page, asked)
        self.assertEqual(
            [u for u in asked if not u.startswith(("file://" + page, "data:"))], []
        )


# The least contrast of the texts on the page with what is behind them.
CONTRAST = """
const parse = color => (color.match(/[\\d.]+/g) || []).map(Number);
const light = ([r, g, b]) => {
  const f = c => (c /= 255) <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4;
  return .2126 * f(r) + .7152 * f(g) + .0722 * f(b);
};
const behind = element => {
  for (let e = element; e; e = e.parentElement) {
    const color = parse(getComputedStyle(e).backgroundColor);
    if (color.length === 3 || color[3] > 0) return color;
  }
  return [255, 255, 255];
};
let least = [99, ''];
const weigh = (ink, ground, what) => {
  const [a, b] = [light(ink), light(ground)].sort((x, y) => y - x);
  const contrast = (a + .05) / (b + .05);
  if (contrast < least[0]) least = [contrast, what];
};
for (const e of document.querySelectorAll('body *')) {
  if (e.closest('svg,script,noscript,.vh') || !e.getClientRects().length ||
      ![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
  weigh(parse(getComputedStyle(e).color), behind(e),
    e.tagName + '.' + e.className + ' ' + e.textContent.slice(0, 30));
}
for (const e of document.querySelectorAll('#picture text')) {
  weigh(parse(getComputedStyle(e).fill),
    parse(getComputedStyle(e.previousElementSibling).fill), e.textContent);
}
return least;
"""


class SummaryTest(ReportTest):
    def test_risks_first_and_totals(self):
        self.open_quickstart()
        summary = driver.find_element(By.ID, "summary")
        heads = [e.text for e in summary.find_elements(By.CSS_SELECTOR, "b")]
        self.assertEqual(heads[0].split(":")[0], "To delete")
        self.assertEqual(heads[1].split(":")[0], "Rights")
        self.assertIn("tmp_2025: account and 2 users", summary.text)
        totals = summary.find_element(By.TAG_NAME, "details")
        totals.find_element(By.TAG_NAME, "summary").click()
        self.assertIn("MaxJobs", totals.text)
        facts = driver.find_element(By.CSS_SELECTOR, ".facts").text
        self.assertRegex(facts, r"Made\s+\d{4}-\d\d-\d\d \d\d:\d\d [+-]\d\d:\d\d")

    def test_equal_changes_are_one_row_that_opens(self):
        many = [user(f"u{n}", ":MaxJobs=4") for n in range(6)]
        live = HEAD + "".join(many) + user("x", ":MaxJobs=5")
        page = self.report("folded", live.replace("MaxJobs=4", "MaxJobs=8"), live)
        self.open(page)
        folded = "6 users: u0, u1, u2 and 3 more"
        self.assertIn(folded, self.rows())
        self.assertNotIn("u5", self.rows())
        self.assertIn("6 rows: 6 changed", self.shown())
        self.row(folded).find_element(By.CSS_SELECTOR, ".twisty").click()
        self.assertIn("u0", self.rows())
        self.assertIn("u5", self.rows())
        self.row("u0").find_element(By.CSS_SELECTOR, ".twisty").click()
        self.assertIn(folded, self.rows())
        browser.search(driver, "u5")
        self.assertIn("u5", self.rows())
        self.assertQuiet()


class LooksTest(ReportTest):
    def test_values_are_whole_on_every_screen(self):
        tres = "cpu={0},gres/gpu:a100=64,gres/gpu:h100=16,mem=8T,node={0}"
        comment = "words " * 30 + "end {0}"
        line = ":GrpTRES=" + tres + ":Comment='" + comment + "'"
        page = self.report(
            "long",
            HEAD + user("ann", line.format(2)) + user("new", line.format(4)),
            HEAD + user("ann", line.format(3)),
        )
        for width in (390, 1280, 2560):
            for scheme in ("light", "dark"):
                with self.subTest(width=width, scheme=scheme):
                    self.media(scheme=scheme)
                    driver.execute_cdp_cmd(
                        "Emulation.setDeviceMetricsOverride",
                        {"width": width, "height": 1000, "deviceScaleFactor": 1,
                         "mobile": width < 500},
                    )
                    try:
                        self.open(page)
                        row = self.row("ann")
                        cut = driver.execute_script(
                            """return [...document.querySelectorAll(
                               '#rows .row:not(.rests) .line')].filter(e => {
                                 const range = document.createRange();
                                 range.selectNodeContents(e);
                                 const edge = e.getBoundingClientRect().right + 1;
                                 return [...range.getClientRects()].some(r =>
                                   r.width > 1 && r.right > edge + 8);
                               }).map(e => e.textContent)"""
                        )
                        self.assertEqual(cut, [])
                        text = "".join(row.text.split())
                        for word in ("end3", "end2"):
                            self.assertIn(word, text)
                        # No row over the next, nothing beside the screen.
                        overlap, wide = driver.execute_script(
                            """const rows = [...document.querySelectorAll('.row')];
                               return [rows.some((e, i) => i > 0 &&
                                 e.getBoundingClientRect().top + 1 <
                                 rows[i - 1].getBoundingClientRect().bottom),
                                 document.documentElement.scrollWidth - innerWidth]"""
                        )
                        self.assertFalse(overlap)
                        self.assertLessEqual(wide, 0)
                    finally:
                        driver.execute_cdp_cmd(
                            "Emulation.clearDeviceMetricsOverride", {}
                        )

    def test_contrast_in_light_and_dark(self):
        grounds = []
        for scheme in ("light", "dark"):
            with self.subTest(scheme):
                self.media(scheme=scheme)
                self.open_quickstart()
                self.row("bob").click()
                self.click("#show-commands")
                least, what = driver.execute_script(CONTRAST)
                self.assertGreaterEqual(least, 4.5, what)
                grounds.append(
                    driver.execute_script(
                        """return getComputedStyle(document.documentElement)
                           .backgroundColor"""
                    )
                )
        self.assertEqual(len(set(grounds)), 2)

    def test_a_refusal_in_light_and_dark(self):
        many = "".join(user(f"u{n}") for n in range(20))
        page = self.report(
            "refused", HEAD + user("ann") + many, HEAD + user("ann"), status=3
        )
        for scheme in ("light", "dark"):
            with self.subTest(scheme):
                self.media(scheme=scheme)
                self.open(page)
                least, what = driver.execute_script(CONTRAST)
                self.assertGreaterEqual(least, 4.5, what)

    def test_on_paper(self):
        self.open_quickstart()
        self.click("#show-commands")
        self.media("print", "dark")
        self.wait_for("#paper", "root")
        controls = driver.execute_script(
            """return [...document.querySelectorAll(
               'button,input,[role=tree],#details')]
               .filter(e => e.getClientRects().length > 0).length"""
        )
        self.assertEqual(controls, 0)
        text = driver.find_element(By.TAG_NAME, "main").text
        for words in ("AS117", "j_doe", "Operator", "genomics", "moved from physics",
                      "tmp_2025", "sacctmgr -i delete user"):
            self.assertIn(words, text)
        self.assertEqual(
            driver.execute_script(
                """return getComputedStyle(document.documentElement)
                   .backgroundColor"""
            ),
            "rgb(255, 255, 255)",
        )
        self.media()
        self.assertTrue(driver.find_element(By.ID, "tree").is_displayed())
        self.assertFalse(driver.find_element(By.ID, "paper").is_displayed())
        pdf = base64.b64decode(driver.execute_cdp_cmd("Page.printToPDF", {})["data"])
        self.assertTrue(pdf.startswith(b"%PDF-"))
        self.assertGreater(len(pdf), 10000)

    def test_without_script(self):
        driver.execute_cdp_cmd(
            "Emulation.setScriptExecutionDisabled", {"value": True}
        )
        try:
            self.open_quickstart()
            text = driver.find_element(By.TAG_NAME, "body").text
        finally:
            driver.execute_cdp_cmd(
                "Emulation.setScriptExecutionDisabled", {"value": False}
            )
        self.assertIn(
            "Plan: 3 to add, 6 to change, 1 to move, 4 to delete; 20 commands.", text
        )
        self.assertIn("note AS117: user records stay", text)
        self.assertIn("user j_doe", text)
        self.assertNotIn("Search names", text)


if __name__ == "__main__":
    unittest.main(verbosity=2)
