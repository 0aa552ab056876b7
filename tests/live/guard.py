#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Ends what a test started through libvirt, and removes its folder, however the test ends.

Usage: guard.py FOLDER < PIPE

libvirtd, the QEMUs and whatever else libvirt started are not the test's children. They name the
folder on their command lines, by which they are found once the other end of the pipe is closed.
"""

import os
import pathlib
import shutil
import signal
import sys

PROGRAMS = ('libvirtd', 'libvirt_iohelper', 'qemu-system-', 'virtlogd')


def processes_of(folder):
    """The numbers of libvirt's processes that work in the folder."""
    found = []
    for entry in pathlib.Path('/proc').glob('[0-9]*'):
        try:
            words = (entry / 'cmdline').read_bytes().decode(errors='replace').split('\0')
        except OSError:  # ended meanwhile
            continue
        program = pathlib.Path(words[0]).name
        if program.startswith(PROGRAMS) and any(f'{folder}/' in word for word in words):
            found.append(int(entry.name))
    return found


def kill_all(folder):
    """Kills until there is nothing left to be killed."""
    while True:
        processes = processes_of(folder)
        if not processes:
            return
        for process in processes:
            try:
                watched = os.pidfd_open(process)
            except ProcessLookupError:
                continue
            if process in processes_of(folder):  # and not another one by now
                signal.pidfd_send_signal(watched, signal.SIGKILL)
            os.close(watched)


def main(folder):
    sys.stdin.buffer.read()
    kill_all(folder)
    shutil.rmtree(folder)


if __name__ == '__main__':
    main(sys.argv[1])
