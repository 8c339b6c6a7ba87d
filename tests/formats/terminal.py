"""The other end of a terminal that a program writes to."""

import os


def all_of(fd):
    """What comes there until the program has closed it; closes it, too."""
    seen = b""
    while True:
        try:
            part = os.read(fd, 65536)
        except OSError:  # The other end is closed.
            break
        if not part:
            break
        seen += part
    os.close(fd)
    return seen.decode().replace("\r\n", "\n")
