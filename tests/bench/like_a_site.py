"""A site as sites are: dumps of n associations, and of what became of it.

A few accounts have most of the users, one user in eight has several homes, and
a default that only some of the lines could tell; accounts hang two to four
deep; limits come from a few profiles, and now and then are somebody's own. Of
the edited tree one row in a hundred has another limit, one user in a thousand
left, as many came, and one account in 50 moved.
"""

import os
import random
import re
import sys

HEAD = (
    "# To edit this file start with a cluster line for the new cluster\n"
    "Cluster - 'big':Fairshare=1:QOS='normal'\n"
    "Parent - 'root'\n"
    "User - 'root':DefaultAccount='root':AdminLevel='Administrator':Fairshare=1\n"
)
PARTS = ["ma", "ro", "li", "ken", "sta", "no", "vi", "dre", "hal", "ou", "pe", "chi", "bur", "zo"]
PROFILES = [
    "Fairshare=1",
    "Fairshare=1:MaxJobs=20",
    "Fairshare=10:GrpTRES=cpu=512,gres/gpu=8:MaxSubmitJobs=500",
    "Fairshare=parent",
    "Fairshare=1:GrpTRESMins=cpu=1000000:MaxJobs=100:MaxSubmitJobs=1000:MaxWallDurationPerJob=2880",
    "Fairshare=5:MaxTRESPerJob=node=16:QOS='+long'",
]


def accounts_of(rng, n):
    """Sizes of accounts that hold n users' rows in all: few are large."""
    sizes = []
    while n > 0:
        size = min(n, int(rng.paretovariate(0.9) * 6), 4000)
        sizes.append(size)
        n -= size
    return sizes


class Site:
    def __init__(self, n, seed=1):
        rng = random.Random(seed)
        self.sizes = accounts_of(rng, n)
        self.names, self.rows, default = [], [], {}
        for a, size in enumerate(self.sizes):
            here = {}
            for _ in range(size):
                if self.names and rng.random() < 0.125:
                    user = rng.randrange(len(self.names))
                else:
                    user = len(self.names)
                    self.names.append(
                        rng.choice(PARTS) + rng.choice(PARTS) + rng.choice(PARTS) + str(user))
                if user in here:
                    continue
                here[user] = rng.choice(PROFILES) if rng.random() < 0.97 else f"Fairshare={rng.randrange(2, 90000)}"
                default.setdefault(user, a)
            self.rows.append(here)
        self.default = default
        self.rng_seed = seed

    def text(self, edited):
        rng = random.Random(self.rng_seed + 1)
        groups = max(len(self.sizes) // 25, 1)
        left = {u for u in range(0, len(self.names), 1000)} if edited else set()
        out = [HEAD]
        out += [f"Account - 'dep{g}':Description='department {g}':Organization='org':Fairshare={g % 90 + 2}\n"
                for g in range(groups)]
        children = [[] for _ in range(groups)]
        below = {}
        for a in range(len(self.sizes)):
            if a % 7 == 6:  # Below another account.
                below.setdefault(a - 3, []).append(a)
            else:
                children[(a + (1 if edited and a % 50 == 25 else 0)) % groups].append(a)

        def declare(parent, accounts):
            out.append(f"Parent - '{parent}'\n")
            out.extend(
                f"Account - 'acct{a}':Description='project {a}':Organization='{parent}':Fairshare={a % 7 + 1}"
                f":GrpTRES=cpu={a % 500 + 1}\n" for a in accounts)

        for g in range(groups):
            declare(f"dep{g}", children[g])
        for a, accounts in below.items():
            declare(f"acct{a}", accounts)
        for a, here in enumerate(self.rows):
            out.append(f"Parent - 'acct{a}'\n")
            for user, limits in sorted(here.items(), key=lambda row: self.names[row[0]]):
                if user in left:
                    continue
                if edited and rng.random() < 0.01:
                    limits = f"Fairshare=1:MaxJobs={rng.randrange(1, 400)}"
                extra = f":Coordinator='acct{self.default[user]}'" if user % 300 == 7 else ""
                out.append(f"User - '{self.names[user]}':DefaultAccount='acct{self.default[user]}'{extra}:{limits}\n")
            if edited and a % 40 == 1:
                out.append(f"User - 'new{a}':DefaultAccount='acct{a}':Fairshare=1\n")
        return "".join(out)


def lines_of_accounts(n, cluster):
    departments = max(n // 50, 1)
    lines = [HEAD.replace("'big'", f"'{cluster}'", 1)]
    lines += [f"Account - 'dep{g}':Description='department {g}':Organization='org'\n" for g in range(departments)]
    for g in range(departments):
        lines.append(f"Parent - 'dep{g}'\n")
        lines += [f"Account - 'acct{a}':Description='project {a}':Organization='dep{g}':Fairshare={a % 9 + 2}\n"
                  for a in range(g, n - departments, departments)]
    return lines


def write(folder, n, cluster):
    """For a restore: DIR/0.cfg, a site; 1.cfg, one row in a hundred has another
    limit; 2.cfg, one user in five left; 3.cfg, accounts alone, a fifth of n;
    users, all of them, and gone, who left."""
    site = Site(n)
    lines = site.text(False).replace("'big'", f"'{cluster}'", 1).splitlines(keepends=True)
    user_of = [m and m[1] for m in (re.match(r"User - '(?!root')(.*?)'", line) for line in lines)]
    rows = [at for at, user in enumerate(user_of) if user]
    changed = lines[:]
    for at in rows[::100]:
        changed[at] = re.sub(r":MaxJobs=\d+", "", lines[at].rstrip("\n")) + f":MaxJobs={1000 + at}\n"
    gone = site.names[3::5]
    left = set(gone)
    texts = {
        "0.cfg": lines,
        "1.cfg": changed,
        "2.cfg": [line for line, user in zip(lines, user_of) if user not in left],
        "3.cfg": lines_of_accounts(n // 5, cluster),
        "users": [name + "\n" for name in site.names],
        "gone": [name + "\n" for name in gone],
    }
    for name, text in texts.items():
        with open(os.path.join(folder, name), "w") as out:
            out.writelines(text)


if __name__ == "__main__":
    write(sys.argv[1], int(sys.argv[2]), sys.argv[3])
