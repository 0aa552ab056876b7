# SPDX-License-Identifier: LGPL-2.1-or-later

"""Small file systems of the test's own, which end with it.

To be imported before anything that starts threads: it gives this process mounts of its own, and to an
ordinary user also the right to change them.
"""

import contextlib
import ctypes
import os
import subprocess

CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000


def _have_own_mounts():
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.geteuid(), os.getegid()
    if libc.unshare(CLONE_NEWNS | (CLONE_NEWUSER if user != 0 else 0)) != 0:
        raise OSError(ctypes.get_errno(), 'no mounts of its own for this test')
    if user != 0:
        for name, text in (('setgroups', 'deny'), ('uid_map', f'0 {user} 1'), ('gid_map', f'0 {group} 1')):
            with open(f'/proc/self/{name}', 'w', encoding='ascii') as file:
                file.write(text)
    mount('--make-rprivate', '/')


def mount(*words):
    environment = {name: value for name, value in os.environ.items() if name != 'LD_PRELOAD'}
    subprocess.run(['mount', *[str(word) for word in words]], check=True, env=environment)


class Room:
    """A new file system in memory. A `tmpfs` can become full; a `ramfs` cannot, nor reserve room."""

    def __init__(self, test, path, size, kind='tmpfs'):
        path.mkdir()
        mount('-t', kind, '-o', f'size={size}', kind, path)
        test.addCleanup(subprocess.run, ['umount', '-l', path], check=True)
        self.path = path

    def left(self):
        """How many bytes are free."""
        state = os.statvfs(self.path)
        return state.f_bavail * state.f_frsize

    def fill(self, leave=0):
        """Another program takes all that is free but so much, for as long as the file is there."""
        with open(self.path / 'other program', 'ab') as file:
            while (extra := self.left() - leave) > 0:
                with contextlib.suppress(OSError):  # it is less by now
                    os.posix_fallocate(file.fileno(), os.fstat(file.fileno()).st_size, extra)

    def empty(self):
        (self.path / 'other program').unlink(missing_ok=True)


_have_own_mounts()
