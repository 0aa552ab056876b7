# SPDX-License-Identifier: LGPL-2.1-or-later

"""The real qemu-guest-agent, as if it were in a guest with one file system; or a scripted one.

Usage: agent.py FOLDER < SOCKET

It can freeze nothing else: its root is a file system in memory with copies of its own files, and all that is
mounted there beside is that one file system, in a file. That is checked before it starts. Without the right to
mount that (which takes root) there is nothing to freeze, and a script answers instead of the agent.
"""

import ctypes
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys

import mounts
import scripted_agent

AGENT = '/usr/sbin/qemu-ga'
MNT_DETACH = 2
SYS_pivot_root = 155


def copy_program(root):
    """With the libraries that it is linked with."""
    libraries = re.findall(r'(/\S+) \(0x', subprocess.run(['ldd', AGENT], capture_output=True, text=True,
                                                           check=True).stdout)
    for path in [AGENT, *libraries]:
        copy = root / path[1:]
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
        copy.chmod(0o755)


def mount_guest(folder, path):
    """False if that is not allowed."""
    image = folder / 'guest.img'
    with image.open('wb') as file:
        file.truncate(8 << 20)
    subprocess.run(['/sbin/mkfs.ext4', '-q', '-F', image], check=True)
    try:
        mounts.mount('-o', 'loop', image, path)
    except subprocess.CalledProcessError:
        if os.geteuid() == 0 and 'user:' not in os.readlink('/proc/self/ns/user'):
            raise
        return False
    return True


def change_root(root):
    libc = ctypes.CDLL(None, use_errno=True)
    (root / 'old').mkdir()
    os.chdir(root)
    if libc.syscall(SYS_pivot_root, b'.', b'old') != 0:
        raise OSError(ctypes.get_errno(), 'pivot_root')
    os.chdir('/')
    if libc.umount2(b'/old', MNT_DETACH) != 0:
        raise OSError(ctypes.get_errno(), 'umount2')
    os.rmdir('/old')


def check_mounts():
    """All that is mounted is in memory, but for the guest's file system on its loop device."""
    for line in pathlib.Path('/proc/self/mountinfo').read_text().splitlines():
        device, path = line.split()[2], line.split()[4]
        if not device.startswith('0:') and (path != '/guest' or not device.startswith('7:')):
            sys.exit(f'not to be frozen: {line}')


def main(folder):
    root = folder / 'root'
    root.mkdir()
    mounts.mount('-t', 'tmpfs', 'tmpfs', root)
    for name in ('proc', 'guest', 'state', 'dev'):
        (root / name).mkdir()
    copy_program(root)
    if not mount_guest(folder, root / 'guest'):
        scripted_agent.serve(socket.socket(fileno=0))
    mounts.mount('-t', 'proc', 'proc', root / 'proc')
    change_root(root)
    os.dup2(0, 3)
    check_mounts()
    os.execve(AGENT, [AGENT, '-m', 'unix-listen', '-p', '/socket', '-t', '/state'],
              {'LISTEN_FDS': '1', 'LISTEN_PID': str(os.getpid())})


if __name__ == '__main__':
    main(pathlib.Path(sys.argv[1]))
