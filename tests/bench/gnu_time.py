"""What a process costs, by GNU time: it forks a child of its own, so what the
calling script holds is not counted."""

import os
import subprocess


def cost(words, folder, out=os.devnull):
    """(processor seconds, wall seconds, peak memory in bytes, exit status) of
    `words`. What it says goes to `out`, its errors to `folder`/err."""
    report = os.path.join(folder, "time")
    with open(out, "wb") as said, open(os.path.join(folder, "err"), "wb") as err:
        # It tells hundredths of a second. The kernel counts millionths, of GNU
        # time itself as well, which is a thousandth.
        process = subprocess.Popen(
            ["/usr/bin/time", "-q", "-f", "%e %M", "-o", report, *words], stdout=said, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    # GNU time may say first how it ended.
    with open(report) as figures:
        wall, kilobytes = figures.read().split()[-2:]
    seconds = usage.ru_utime + usage.ru_stime
    return seconds, float(wall), int(kilobytes) << 10, process.returncode
