# SPDX-License-Identifier: LGPL-2.1-or-later

"""Each operation on a file system that is full, and then has room again.

The file system is btrfs in a file: with copy on write even overwriting needs room, and that there is
none may show only when it is synced. Without the right to mount one, writes are refused by the
library crash-points instead.
"""

import contextlib
import os
import pathlib
import subprocess
import tempfile
import unittest

from test_crash import ENVIRONMENT, OPERATIONS, US, PreparedDomain

N_ROUNDS = 3


@contextlib.contextmanager
def mounted(folder):
    """A folder in a new btrfs, or None if this process may not mount one."""
    device, root = folder / 'device', folder / 'root'
    root.mkdir()
    with device.open('wb') as file:
        file.truncate(128 << 20)
    subprocess.run(['mkfs.btrfs', '-q', device], env=ENVIRONMENT, capture_output=True, check=True)
    if subprocess.run(['mount', '-o', 'loop', device, root], env=ENVIRONMENT, check=False,
                      stderr=subprocess.DEVNULL).returncode != 0:
        yield None
        return
    try:
        yield root
    finally:
        subprocess.run(['umount', '-l', root], env=ENVIRONMENT, check=True)


def fill(path):
    """Takes all the room there is, in ever smaller pieces."""
    with path.open('wb', buffering=0) as file:
        for size in (1 << 20, 1 << 16, 1 << 12, 1 << 9):
            with contextlib.suppress(OSError):
                while True:
                    file.write(b'x' * size)
        with contextlib.suppress(OSError):
            os.fsync(file.fileno())


def run_without_room(domain, operation, filler):
    os.sync()
    fill(filler)
    done = domain.run(operation)
    filler.unlink()
    os.sync()
    return done


class TestFullDisk(unittest.TestCase):
    def try_once(self, domain, operation, filler):
        """Returns whether the operation was refused."""
        domain.renew()
        if filler:
            done = run_without_room(domain, operation, filler)
        else:
            done = domain.run_with_points(operation, US, 'full', 1)
        state = domain.look_anew()
        after = domain.get_after(operation)
        self.assertIn(state, [after] if done.returncode == 0 else [domain.before, after],
                      f'it ended with {done.returncode}: {done.stderr}')
        return done.returncode != 0

    def test_operations(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix='vck-full-')))
        root = self.enterContext(mounted(folder))
        filler = root / 'fill' if root else None
        domains = {kind: PreparedDomain(root or folder, kind) for kind in set(OPERATIONS.values())}
        n_refused = 0
        for operation, kind in OPERATIONS.items():
            for number in range(N_ROUNDS):
                with self.subTest(operation=operation, round=number):
                    n_refused += self.try_once(domains[kind], operation, filler)
        print(f'# refused: {n_refused} of {N_ROUNDS * len(OPERATIONS)}')
        # Else the file system was not full.
        self.assertGreater(n_refused, N_ROUNDS)
