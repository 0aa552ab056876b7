# SPDX-License-Identifier: LGPL-2.1-or-later

"""Ways for a domain to be: how its disks are defined, written to, read and tampered with in each."""

import contextlib
import json
import os
import pathlib
import socket
import subprocess
import tempfile
import time

from guest_driver import FIRMWARE, Board, DiskDriver
from support import TIMEOUT, UUID, clean_environment, domain_xml, run
from gi.repository import Vck

IO = {'write': 'write -q -P {pattern}', 'zero': 'write -q -z', 'unmap': 'write -q -z -u', 'discard': 'discard -q'}


def io_command(kind, offset, length, pattern):
    """A change as a command of qemu-io."""
    return f'{IO[kind].format(pattern=pattern)} {offset} {length}'


class Off:
    """A `local:` domain that is off, whose images QEMU's tools write to."""

    runs = False
    pulls = False  # the data may also be read over NBD
    qmp = None

    def __init__(self, test):
        folder = tempfile.TemporaryDirectory(prefix='vck-truth-')
        test.addCleanup(folder.cleanup)
        self.prepare(test, pathlib.Path(folder.name), f'local://{folder.name}/domains')

    def prepare(self, test, folder, uri):
        self.folder = folder
        self.disks = []
        self.raw = folder / 'raw'
        self.connection = Vck.Connection.open(uri, 0, None)
        test.addCleanup(self.connection.close)
        self.domain = None

    def give(self, path):
        """Lets QEMU have a file."""

    def make_image(self, image, size, options, backing=None):
        below = ['-b', backing, '-F', 'qcow2'] if backing else []
        run('qemu-img', 'create', '-q', '-f', 'qcow2', '-o', f'compat=1.1{options}', *below, image, size)
        self.give(image)

    def define(self, disks):
        """The disks of the domain are these from now on."""
        images = {disk.target: disk.image for disk in disks}
        self.domain = self.connection.define_domain_xml(domain_xml('guest', images, UUID, self.qmp), None)
        self.disks = list(disks)

    def change(self, disk, changes):
        words = [word for each in changes for word in ('-c', io_command(*each))]
        run('qemu-io', '-d', 'unmap', '-f', 'qcow2', *words, disk.image)

    def resize(self, disk, size):
        run('qemu-img', 'resize', '-q', '--shrink', '-f', 'qcow2', disk.image, size)

    def read_image(self, image):
        run('qemu-img', 'convert', '-U', '-f', 'qcow2', '-O', 'raw', image, self.raw)
        return self.raw.read_bytes()

    def read(self, disk):
        return self.read_image(disk.image)

    def bitmap(self, disk, action, name):
        run('qemu-img', 'bitmap', f'--{action}', '-f', 'qcow2', disk.image, name)

    @contextlib.contextmanager
    def off(self):
        """The domain is off meanwhile; QEMU ends in order."""
        yield

    def kill(self):
        """QEMU, or another program that has the images open, is killed."""
        for disk in self.disks:
            run('sh', '-c', 'qemu-io -f qcow2 -c abort "$0" >&2 || true', disk.image)


class OnQemu(Off):
    """A domain that runs: its QEMU writes as the guest would. Subclasses start and end it."""

    runs = True
    on = False

    def command(self, command, **arguments):
        """What QEMU answers to a command."""
        raise NotImplementedError

    def human(self, line):
        return self.command('human-monitor-command', **{'command-line': line})

    def device(self, disk):
        return disk.target

    def node(self, disk):
        raise NotImplementedError

    def io(self, disk, command):
        answer = self.human(f'qemu-io {self.device(disk)} "{command}"')
        if answer.strip():
            raise AssertionError(f"'{command}' of the guest on {disk.target}: {answer}")

    def change(self, disk, changes):
        if not self.on or disk not in self.disks:
            super().change(disk, changes)
            return
        for each in changes:
            self.request(disk, *each)

    def request(self, disk, *change):
        """Has the guest change the disk."""
        self.io(disk, io_command(*change))

    def flush(self, disk):
        self.io(disk, 'flush')

    def read(self, disk):
        if self.on:
            self.flush(disk)
        return super().read(disk)

    def bitmap(self, disk, action, name):
        if not self.on:
            super().bitmap(disk, action, name)
            return
        more = {'persistent': True} if action == 'add' else {}
        self.command(f'block-dirty-bitmap-{action}', node=self.node(disk), name=name, **more)

    @contextlib.contextmanager
    def off(self):
        if not self.on:
            yield
            return
        self.stop()
        yield
        self.start()


class Qmp:
    """A connection to QEMU, beside that of Vck."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(TIMEOUT)
        self.socket.connect(str(path))
        self.file = self.socket.makefile('r')  # one for writing, too, would forget what it read ahead
        self.file.readline()
        self.command('qmp_capabilities')

    def command(self, command, **arguments):
        self.socket.sendall(json.dumps({'execute': command, 'arguments': arguments}).encode() + b'\n')
        answer = {'event': None}
        while 'event' in answer:
            answer = json.loads(self.file.readline())
        if 'error' in answer:
            raise AssertionError(f"{command} {arguments}: {answer['error']['desc']}")
        return answer['return']

    def close(self):
        self.file.close()
        self.socket.close()


class Running(OnQemu):
    """A `local:` domain that runs, in a QEMU whose processor sleeps: the test does what a guest would."""

    def __init__(self, test):
        super().__init__(test)
        self.qmp = self.folder / 'qmp'
        self.monitor = None
        self.board = None
        self.drivers = {}  # target -> the guest's
        self.process = None
        test.addCleanup(self.kill)

    def command(self, command, **arguments):
        return self.monitor.command(command, **arguments)

    def define(self, disks):
        """Disks come and go while it runs."""
        before = {disk.target: disk for disk in self.disks}
        super().define(disks)
        for disk in disks:
            if self.on and disk.target not in before:
                self.add_drive(disk)
        for target in before:
            if self.on and target not in [disk.target for disk in disks]:
                self.remove_drive(target)

    def request(self, disk, *change):
        self.drivers[disk.target].request(*change)

    def flush(self, disk):
        self.drivers[disk.target].request('flush')

    def node(self, disk):
        return f'{disk.target}-node'

    def add_drive(self, disk):
        answer = self.human(f'drive_add 0 if=none,id={disk.target},node-name={self.node(disk)},format=qcow2,'
                            f'discard=unmap,cache=unsafe,file={disk.image}')
        if answer.strip() != 'OK':
            raise AssertionError(answer)
        slot = 4 + ord(disk.target[-1]) - ord('a')
        self.command('device_add', driver='virtio-blk-pci', id=f'{disk.target}-device', drive=disk.target,
                     addr=f'{slot:#x}')
        self.drivers[disk.target] = DiskDriver(self.board, slot)

    def remove_drive(self, target):
        """The guest agrees; the drive goes with the device."""
        self.command('device_del', id=f'{target}-device')
        self.board.eject(self.drivers.pop(target).slot)
        deadline = time.monotonic() + TIMEOUT
        while any(each['device'] == target for each in self.command('query-block')):
            if time.monotonic() > deadline:
                raise AssertionError(f'{target} does not go')
            time.sleep(0.005)

    def start(self):
        own, board = self.folder / 'own', self.folder / 'board'
        for path in (self.qmp, own, board):
            path.unlink(missing_ok=True)
        firmware = self.folder / 'firmware'
        firmware.write_bytes(FIRMWARE)
        self.process = subprocess.Popen(
            ['setpriv', '--pdeathsig', 'KILL', 'qemu-system-x86_64', '-M', 'pc', '-m', '16', '-accel', 'tcg',
             '-bios', firmware, '-nodefaults', '-no-user-config', '-display', 'none', '-qtest-log', '/dev/null',
             '-qtest', f'unix:{board},server=on,wait=off', '-qmp', f'unix:{own},server=on,wait=off',
             '-qmp', f'unix:{self.qmp},server=on,wait=off'],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=clean_environment())
        deadline = time.monotonic() + TIMEOUT
        while not self.qmp.exists() and self.process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.005)
        self.monitor = Qmp(own)
        self.board = Board(board)
        self.on = True
        for disk in self.disks:
            self.add_drive(disk)

    def stop(self):
        self.command('quit')
        self.end()

    def end(self):
        self.process.wait(TIMEOUT)
        self.monitor.close()
        self.board.close()
        self.on = False

    def kill(self):
        if self.on:
            self.process.kill()
            self.end()


def become_unprivileged(user='nobody'):
    """As root, libvirtd would be another user than the test, and could not have its files."""
    if os.geteuid() != 0:
        return
    import pwd

    entry = pwd.getpwnam(user)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)
