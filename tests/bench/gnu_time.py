"""What a process costs, by GNU time: it forks a child of its own, so what the
calling script holds is not counted."""

import os
import subprocess


def cost(words, folder, out=os.devnull):
    """(processor seconds, wall seconds, peak memory in bytes, exit status) of
    `words`. What it says goes to `out`, its errors to `folder`/err."""
    report = os.path.join(folder, "time")
    with open(out, "wb") as said, open(os.path.join(folder, "err"), "wb") as err:
        status = subprocess.call(
            ["/usr/bin/time", "-q", "-f", "%U %S %e %M", "-o", report, *words],
            stdout=said, stderr=err)
    # GNU time may say first how it ended.
    with open(report) as figures:
        user, system, wall, kilobytes = figures.read().split()[-4:]
    return float(user) + float(system), float(wall), int(kilobytes) << 10, status
