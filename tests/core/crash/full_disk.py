#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Each operation on a file system with copy on write that is full, and then has room again.

For root alone, since it mounts: see CONTRIBUTING.md. The file system is btrfs in a file. On such a one
even overwriting needs room, and that there is none may show only when it is synced.
"""

import contextlib
import os
import pathlib
import subprocess
import sys
import tempfile

from test_crash import OPERATIONS, Place

N_ROUNDS = 3


@contextlib.contextmanager
def small_file_system():
    """A folder in a new btrfs."""
    with tempfile.TemporaryDirectory(prefix='vck-full-') as folder:
        device, root = pathlib.Path(folder, 'device'), pathlib.Path(folder, 'root')
        root.mkdir()
        with device.open('wb') as file:
            file.truncate(128 << 20)
        subprocess.run(['mkfs.btrfs', '-q', device], check=True)
        subprocess.run(['mount', '-o', 'loop', device, root], check=True)
        try:
            yield root
        finally:
            subprocess.run(['umount', '-l', root], check=True)


def fill(path):
    """Takes all the room there is, in ever smaller pieces."""
    with path.open('wb', buffering=0) as file:
        for size in (1 << 20, 1 << 16, 1 << 12, 1 << 9):
            with contextlib.suppress(OSError):
                while True:
                    file.write(b'x' * size)
        with contextlib.suppress(OSError):
            os.fsync(file.fileno())


def try_once(place, operation, filler):
    """What is wrong afterwards, or None."""
    fair = {place.before, place.get_after(operation)}
    place.renew()
    os.sync()
    fill(filler)
    done = place.run(operation)
    filler.unlink()
    os.sync()
    state = place.look_anew()
    if state not in fair or (done.returncode == 0 and state != place.get_after(operation)):
        return f'{operation} ended with {done.returncode}: {done.stderr}{state}'
    return None


def main():
    bad = 0
    with small_file_system() as root:
        places = {kind: Place(root, kind) for kind in set(OPERATIONS.values())}
        for operation, kind in OPERATIONS.items():
            problems = [try_once(places[kind], operation, root / 'fill') for _ in range(N_ROUNDS)]
            for problem in filter(None, problems):
                print(problem)
                bad += 1
            print(f'{operation}: {N_ROUNDS} times', flush=True)
    print(f'{bad} bad')
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
