"""Sites to make reports of, as dumps of sacctmgr, and what must be in them.

What a report has to show is counted here from how a site was made, never from
what the program says.
"""

HEAD = (
    "# To edit this file start with a cluster line for the new cluster\n"
    "Cluster - 'big':Fairshare=1:QOS='normal'\n"
    "Parent - 'root'\n"
    "User - 'root':DefaultAccount='root':AdminLevel='Administrator':"
    "Fairshare=1\n"
)


class Site:
    """`users` users in accounts of 50, those in divisions of 20 accounts.

    With `changes`, that many rows differ between live and target, spread over
    the tree: of ten rows seven have another limit, one of them two, two are
    added and one is deleted; and one account in 50 moves to the next division.
    """

    def __init__(self, users, changes):
        self.users = users
        self.accounts = max(users // 50, 1)
        self.divisions = self.accounts // 20 + 1
        self.deed = {}
        step = users // changes if changes else users + 1
        for n in range(changes):
            self.deed[n * step] = n % 10
        self.moves = [a for a in range(self.accounts) if a % 50 == 25]
        if not changes:
            self.moves = []

    def division(self, account, target):
        moved = target and account in self._moving
        return (account + (1 if moved else 0)) % self.divisions

    def text(self, target):
        self._moving = set(self.moves)
        lines = [HEAD]
        for d in range(self.divisions):
            lines.append(
                f"Account - 'div{d}':Description='division {d}':"
                f"Organization='org':Fairshare={d % 90 + 2}\n"
            )
        below = [[] for _ in range(self.divisions)]
        for a in range(self.accounts):
            below[self.division(a, target)].append(a)
        for d in range(self.divisions):
            lines.append(f"Parent - 'div{d}'\n")
            for a in below[d]:
                lines.append(
                    f"Account - 'acct{a}':Description='project {a}':"
                    f"Organization='org':Fairshare={a % 7 + 1}:"
                    f"GrpTRES=cpu={a % 500 + 1}\n"
                )
        for a in range(self.accounts):
            lines.append(f"Parent - 'acct{a}'\n")
            last = self.users if a == self.accounts - 1 else a * 50 + 50
            for u in range(a * 50, last):
                lines.append(self.user(u, a, target))
        return "".join(lines)

    def user(self, u, a, target):
        deed = self.deed.get(u)
        if deed in (7, 8) and not target or deed == 9 and target:
            return ""
        jobs = self.jobs(u, target)
        submit = u % 11 + 1 + (100 if target and deed == 0 else 0)
        return (
            f"User - 'user{u}':DefaultAccount='acct{a}':Fairshare=1:"
            f"MaxJobs={jobs}:MaxSubmitJobs={submit}\n"
        )

    def jobs(self, u, target):
        changed = target and self.deed.get(u, 9) < 7
        return u % 30 + 1 + (1000 if changed else 0)

    def count(self, *deeds):
        return sum(1 for deed in self.deed.values() if deed in deeds)

    @property
    def counts(self):
        return {
            "added": self.count(7, 8),
            "changed": self.count(0, 1, 2, 3, 4, 5, 6),
            "moved": len(self.moves),
            "deleted": self.count(9),
        }

    def rows_holding(self, word):
        """Rows whose name or one of whose values, before or after, holds it."""
        n = 0
        for u in range(self.users):
            texts = [f"user{u}"]
            for target in (False, True):
                line = self.user(u, u // 50, target)
                for option in line.split(" - ")[-1].split(":")[1:]:
                    key, _, value = option.strip().partition("=")
                    if key != "Fairshare":  # 1 is what is not set.
                        texts.append(f"{key} {value}".replace("'", ""))
            n += any(word in text.lower() for text in texts)
        return n


def write(path, text):
    with open(path, "wb") as out:
        out.write(text if isinstance(text, bytes) else text.encode())
