# SPDX-License-Identifier: LGPL-2.1-or-later

"""Backups into a folder of Vck's that Vck reads over NBD, since QEMU cannot write there."""

import os
import random
import signal
import socket
import subprocess
import sys
import textwrap

from host import Host, LiveTestCase, libvirt
from support import run
from gi.repository import Vck

BLOCK = 65536
SECTOR = 512
PULL = Vck.BackupFlags.PULL
UNENCRYPTED = Vck.BackupFlags.UNENCRYPTED

# In a process of its own, which is killed while it reads.
READER = """
    import sys
    import gi
    gi.require_version('Vck', '1')
    from gi.repository import Vck
    connection = Vck.Connection.open(sys.argv[1], 0, None)
    domain = connection.lookup_domain_by_name(sys.argv[2], None)
    repository = Vck.Repository.open(sys.argv[3], 0, None)
    repository.backup(domain, None, 0, 0, Vck.BackupFlags.PULL, None)
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def is_reading(live):
    """Whether there is a backup that can be read. libvirt fails while it begins one."""
    try:
        return 'pull' in live.libvirt.backupGetXMLDesc()
    except libvirt.libvirtError:
        return False


class Disk:
    """What a disk of a running domain should hold."""

    def __init__(self, live, target, content):
        self.live = live
        self.target = target
        self.content = bytearray(content)

    def change(self, generator):
        """Writes and zeroes at random, whatever the clusters are."""
        for _count in range(8):
            length = generator.choice([SECTOR, 4096, BLOCK, 3 * BLOCK])
            offset = generator.randrange(0, len(self.content) - length + 1, SECTOR)
            if generator.random() < 0.3:
                self.live.zero(self.target, offset, length)
                self.content[offset : offset + length] = bytes(length)
            else:
                pattern = generator.randrange(1, 256)
                self.live.write(self.target, offset, length, pattern)
                self.content[offset : offset + length] = bytes([pattern]) * length


class PullTestCase(LiveTestCase):
    def make_repository(self, name):
        folder = self.host.folder / name
        return Vck.Repository.open(str(folder), Vck.RepositoryFlags.CREATE, None)

    def make_disks(self, live_name):
        """A disk of an odd size upon another image, and a plain one."""
        base = self.host.create_image(f'{live_name}-base')
        run('qemu-io', '-f', 'qcow2', '-c', 'write -q -P 119 0 1M', base)
        top = self.host.folder / f'{live_name}-top.qcow2'
        size = 5 * 1024 * 1024 + 3 * SECTOR
        run('qemu-img', 'create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', base, top, str(size))
        self.host.give(top)
        plain = self.host.folder / f'{live_name}-plain.qcow2'
        run('qemu-img', 'create', '-q', '-f', 'qcow2', plain, '3M')
        self.host.give(plain)
        content = bytes([119]) * 1024 * 1024
        return {'vda': top, 'vdb': plain}, {
            'vda': content + bytes(size - len(content)),
            'vdb': bytes(3 * 1024 * 1024),
        }

    def assertRestores(self, repository, backup, target, content):
        restored = self.host.folder / 'restored'
        flags = Vck.RestoreFlags.RAW | Vck.RestoreFlags.REPLACE
        repository.restore(backup, target, str(restored), flags, None)
        self.assertTrue(restored.read_bytes() == content, f'{target} is not what it was')
        image = next(disk for disk in backup.list_disks() if disk.get_target() == target).get_path()
        run('qemu-img', 'check', '-q', image)
        run('qemu-img', 'convert', '-O', 'raw', image, restored)
        self.assertTrue(restored.read_bytes() == content, f'the image of {target} is not what it was')

    def assertNoJob(self, live):
        self.assertEqual(live.libvirt.jobStats()['type'], libvirt.VIR_DOMAIN_JOB_NONE)
        scratch = [name for name in os.listdir(self.host.folder) if '.qcow2.vck.' in name]
        self.assertEqual(scratch, [])


class TestPull(PullTestCase):
    def test_truth(self):
        """Full, then incremental, of disks with a backing image and of an odd size; each point is right."""
        generator = random.Random(20261127)
        paths, contents = self.make_disks('truth')
        live = self.start_domain(disks=paths)
        disks = [Disk(live, target, content) for target, content in contents.items()]
        repository = self.make_repository('truth')
        points = []
        for number in range(4):
            for disk in disks:
                disk.change(generator)
            flags = 0 if number == 2 else PULL  # that one may be written by QEMU
            backup = repository.backup(live.vck, None, 0, 0, flags, None)
            for disk in backup.list_disks():
                self.assertEqual(disk.get_base() is not None, number > 0, disk.get_why_full())
            points.append((backup, {disk.target: bytes(disk.content) for disk in disks}))
            self.assertNoJob(live)
        for backup, expected in points:
            for target, content in expected.items():
                self.assertRestores(repository, backup, target, content)
        self.assertEqual(len(live.vck.list_checkpoints(0, None)), 2)
        self.assertEqual(repository.verify(None, 0, None), [])

    def test_plan(self):
        live = self.shared_domain()
        repository = self.make_repository('plan')
        plan = repository.plan_backup(live.vck, 0, 0, PULL, None)
        self.assertEqual(plan.mode, Vck.BackupMode.PULL)
        self.assertEqual(plan.why_pull, 'that was asked for')

    def test_killed(self):
        """The job of a program that was killed is ended by the next, with its checkpoint."""
        live = self.shared_domain()
        repository = self.make_repository('killed')
        live.write('vda', 0, 60 * 1024 * 1024)
        reader = subprocess.Popen(
            [sys.executable, '-c', textwrap.dedent(READER), self.host.uri(), live.name]
            + [repository.props.path],
            env=dict(os.environ, TMPDIR=str(self.host.folder)),
        )
        self.wait_until(lambda: is_reading(live) or reader.poll() is not None)
        reader.send_signal(signal.SIGKILL)
        self.assertEqual(reader.wait(), -signal.SIGKILL)
        self.assertNotEqual(live.libvirt.jobStats()['type'], libvirt.VIR_DOMAIN_JOB_NONE)
        repository.recover(live.vck, None)
        self.assertNoJob(live)
        live.vck.refresh(None)
        self.assertEqual(live.parents(), {})
        backup = repository.backup(live.vck, None, 0, 0, PULL, None)
        self.assertEqual(len(backup.list_disks()), 2)


class TestRemote(PullTestCase):
    """A connection as to another host."""

    @classmethod
    def setUpClass(cls):
        cls.host = Host(tcp_port=free_port())
        cls.addClassCleanup(cls.host.stop)
        cls.used_domain = None
        cls.connect()
        cls.vck = Vck.Connection.open(cls.host.remote_uri(), 0, None)
        cls.addClassCleanup(cls.vck.close)

    def test_refused_unless_allowed(self):
        live = self.shared_domain()
        repository = self.make_repository('refused')
        plan = repository.plan_backup(live.vck, 0, 0, 0, None)
        self.assertEqual(plan.mode, Vck.BackupMode.PULL)
        self.assertEqual(plan.why_pull, "the domain is on another host, '127.0.0.1'")
        message = self.assertFails(
            Vck.Error.OPERATION_UNSUPPORTED, repository.backup, live.vck, None, 0, 0, 0, None
        )
        self.assertIn('UNENCRYPTED', message)
        self.assertNoJob(live)

    def test_truth(self):
        generator = random.Random(1)
        paths, contents = self.make_disks('remote')
        live = self.start_domain(disks=paths)
        disks = [Disk(live, target, content) for target, content in contents.items()]
        repository = self.make_repository('remote')
        for number in range(3):
            for disk in disks:
                disk.change(generator)
            backup = repository.backup(live.vck, None, 0, 0, UNENCRYPTED, None)
            for disk in backup.list_disks():
                self.assertEqual(disk.get_base() is not None, number > 0, disk.get_why_full())
            for disk in disks:
                self.assertRestores(repository, backup, disk.target, disk.content)
            self.assertNoJob(live)

    def test_port_in_use(self):
        """The next one is taken."""
        live = self.shared_domain()
        repository = self.make_repository('port')
        with socket.socket() as other:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            other.bind(('127.0.0.1', 10809))
            other.listen()
            repository.backup(live.vck, None, 0, 0, UNENCRYPTED, None)
        self.assertNoJob(live)
