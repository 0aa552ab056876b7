# SPDX-License-Identifier: LGPL-2.1-or-later

"""A real QEMU without a guest, and something that writes to its disks as a guest would."""

import ctypes
import json
import signal
import socket
import struct
import subprocess
import threading

from support import clean_environment

PROGRAM = 'qemu-system-x86_64'
PR_SET_PDEATHSIG = 1

# What the guest writes: one slot after the other, in clusters of their own.
SLOTS = 64
SLOT = 4096
STRIDE = 128 * 1024

_libc = ctypes.CDLL(None)


def die_with_parent():
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


class Qemu:
    """QEMU with the images {target: path}, and a monitor of the test's own."""

    def __init__(self, folder, images):
        self.folder = folder
        self.images = images
        self.qmp = folder / 'qmp'
        self.lock = threading.Lock()
        self.process = None

    def start(self):
        ours, theirs = socket.socketpair()
        drives = []
        for target, path in self.images.items():
            drives += ['-drive', f'file={path},if=none,id={target},node-name=n-{target},format=qcow2,discard=unmap']
        with theirs:
            self.process = subprocess.Popen(
                [PROGRAM, '-M', 'none', '-accel', 'tcg', '-nodefaults', '-no-user-config', '-display', 'none',
                 '-chardev', f'socket,id=test,fd={theirs.fileno()}', '-mon', 'chardev=test,mode=control',
                 '-qmp', f'unix:{self.qmp},server=on,wait=off', *drives],
                pass_fds=[theirs.fileno()], env=clean_environment(), preexec_fn=die_with_parent)
        with ours:
            self.monitor = ours.makefile('rwb')
        self.command('qmp_capabilities')
        self.own = self.things()

    def stop(self):
        """In order: the bitmaps are stored."""
        if self.process is not None:
            self.command('quit')
            self.process.wait()
            self.process = None

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def command(self, command, **arguments):
        with self.lock:
            self.monitor.write(json.dumps({'execute': command, 'arguments': arguments}).encode())
            self.monitor.flush()
            for line in self.monitor:
                answer = json.loads(line)
                if 'error' in answer:
                    raise OSError(answer['error']['desc'])
                if 'return' in answer:
                    return answer['return']
        raise OSError('QEMU has ended')

    def write(self, target, offset, length, pattern):
        """Writes as the guest would, through the drive."""
        line = f'qemu-io {target} "write -q -P {pattern} {offset} {length}"'
        problem = self.command('human-monitor-command', **{'command-line': line})
        if problem:
            raise OSError(problem)

    def bitmaps(self, target):
        node, = [each for each in self.command('query-named-block-nodes', flat=True)
                 if each['node-name'] == f'n-{target}']
        return [each['name'] for each in node.get('dirty-bitmaps', [])]

    def things(self):
        """What QEMU has, but for bitmaps."""
        kinds = {'query-named-block-nodes': 'node-name', 'query-jobs': 'id', 'query-fdsets': 'fdset-id',
                 'query-block-exports': 'id'}
        return {f'{kind}: {each[key]}' for kind, key in kinds.items() for each in self.command(kind)}

    def leftovers(self):
        return sorted(self.things() - self.own)

    def export(self):
        """Offers its disks over NBD, to be written to by a guest. QEMU can offer nothing else then."""
        path = self.folder / 'guest'
        self.command('nbd-server-start', addr={'type': 'unix', 'data': {'path': str(path)}})
        for target in self.images:
            self.command('block-export-add', type='nbd', id=f'guest-{target}', name=target,
                         **{'node-name': f'n-{target}', 'writable': True})
        self.own = self.things()
        return {target: NbdDisk(path, target) for target in self.images}

    def unexport(self):
        self.command('nbd-server-stop')


class NbdDisk:
    """A disk over NBD, as far as to write to it."""

    def __init__(self, path, name):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(str(path))
        self.file = self.socket.makefile('rb')
        assert self.file.read(18)[:16] == b'NBDMAGICIHAVEOPT'
        flags, by_name = 3, 1
        self.socket.sendall(struct.pack('>I8sII', flags, b'IHAVEOPT', by_name, len(name)) + name.encode())
        self.file.read(10)

    def write(self, offset, data):
        self.socket.sendall(struct.pack('>IHHQQI', 0x25609513, 0, 1, 0, offset, len(data)) + data)
        _magic, error, _handle = struct.unpack('>IIQ', self.file.read(16))
        if error:
            raise OSError(error, 'the guest cannot write')

    def close(self):
        self.file.close()
        self.socket.close()


def pattern(number):
    """What write number `number` writes; before the first there is 0."""
    return 1 + number % 255 if number else 0


class Guest(threading.Thread):
    """Writes to all disks, first to one, then to the next, as fast as it can. Keeps what fails."""

    def __init__(self, qemu, over_nbd=True):
        super().__init__()
        self.qemu = qemu
        self.disks = qemu.export() if over_nbd else {}
        self.number = 0
        self.errors = []
        self.ending = False
        self.start()

    def run(self):
        while not self.ending:
            self.number += 1
            offset, value = self.number % SLOTS * STRIDE, pattern(self.number)
            for target in self.qemu.images:
                try:
                    if self.disks:
                        self.disks[target].write(offset, bytes([value]) * SLOT)
                    else:
                        self.qemu.write(target, offset, SLOT, value)
                except OSError as error:
                    self.errors.append(f'{target}: {error}')

    def end(self):
        self.ending = True
        self.join()
        if self.disks:
            for disk in self.disks.values():
                disk.close()
            self.qemu.unexport()

    def moment(self, content, since=0):
        """After which write, from `since` on, a disk had this content; None if it never had."""
        blocks = [content[slot * STRIDE:slot * STRIDE + SLOT] for slot in range(SLOTS)]
        seen = [block[0] if block == block[:1] * SLOT else None for block in blocks]
        now = [0] * SLOTS
        for number in range(self.number + 1):
            now[number % SLOTS] = pattern(number)
            if now == seen and number >= since:
                return number
        return None
