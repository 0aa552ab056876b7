# SPDX-License-Identifier: LGPL-2.1-or-later

"""Backups of libvirt's domains into a repository, and what comes in between; and by libvirt and Vck alternately."""

import contextlib
import hashlib
import threading
import time

import libvirt

from host import LiveTestCase
from support import DISK_SIZE, run, settle
from gi.repository import Gio, GLib, Vck

BLOCK = 65536
ROUNDS = 3
OURS = libvirt.VIR_DOMAIN_JOB_UNBOUNDED, libvirt.VIR_DOMAIN_JOB_OPERATION_BACKUP


class FaultsTestCase(LiveTestCase):
    def setUp(self):
        super().setUp()
        self.live = self.start_domain(('vda', 'vdb'))
        self.be_user_of_qemu()
        self.folder = self.host.folder / self.id()
        self.repository = Vck.Repository.open(str(self.folder), Vck.RepositoryFlags.CREATE, None)
        self.content = {target: bytearray(DISK_SIZE) for target in self.live.disks}
        self.hashes = {}
        self.number = 0

    def read_disks(self):
        """What QEMU had not written to the images when it was killed is lost."""
        for target, image in self.live.disks.items():
            raw = self.host.folder / 'raw'
            run('qemu-img', 'convert', '-U', '-f', 'qcow2', '-O', 'raw', image, raw)
            self.content[target] = bytearray(raw.read_bytes())

    def write(self, length=4 * BLOCK):
        self.number += 1
        offset, value = self.number * BLOCK, 1 + self.number % 255
        for target, content in self.content.items():
            self.live.write(target, offset, length, value)
            content[offset:offset + length] = bytes([value]) * length

    def back_up(self, cancellable=None):
        return self.repository.backup(self.live.vck, None, 0, 0, 0, cancellable)

    def paths(self):
        store = self.folder / self.live.vck.get_uuid()
        return sorted(path for path in store.iterdir() if path.is_dir() and path.name[0] != '.')

    def check(self):
        """Each of the last backups is whole, and what the disks were; the new ones are what they are now."""
        now = {target: hashlib.sha256(content).hexdigest() for target, content in self.content.items()}
        raw = self.host.folder / 'raw'
        for path in self.paths()[-3:]:
            expected = self.hashes.setdefault(path.name, now)
            for target, expected_hash in expected.items():
                run('qemu-img', 'check', '-q', path / f'{target}.qcow2')
                run('qemu-img', 'convert', '-f', 'qcow2', '-O', 'raw', path / f'{target}.qcow2', raw)
                self.assertEqual(hashlib.sha256(raw.read_bytes()).hexdigest(), expected_hash, path)
        return now

    def check_after(self, lost=False):
        """The next backup is made; nothing is left of one that is not listed. With `lost`, older bitmaps may be."""
        before = len(self.paths())
        backup = self.back_up()
        self.assertEqual(len(self.paths()), before + 1)
        self.check()
        store = self.paths()[0].parent
        self.assertEqual([path.name for path in store.iterdir() if path.name[0] == '.'], [])
        listed = sorted(each.get_name() for each in self.live.vck.list_checkpoints(0, None))
        self.assertLessEqual(len(listed), 2)
        for target in self.live.disks:
            found = self.live.bitmaps(target)
            self.assertEqual(found[-1:] if lost else found, listed[-1:] if lost else listed)
        self.assertEqual([node for node in self.node_names() if 'backup' in node], [])
        return backup

    def node_names(self):
        return [each['node-name'] for each in self.live.command('query-named-block-nodes', flat=True)]

    def begin_in_thread(self, cancellable=None, ended=None):
        """Begins a backup whose end is waited for with the returned function, which returns the error or None."""
        errors = []

        def make():
            try:
                self.back_up(cancellable)
                errors.append(None)
            except GLib.Error as error:
                errors.append(error)
            if ended is not None:
                ended.set()

        thread = threading.Thread(target=make)
        thread.start()

        def wait():
            self.wait_until(lambda: not thread.is_alive(), 'the end of the backup')
            settle()
            return errors[0]
        return wait


class TestFaults(FaultsTestCase):
    def measure(self):
        """How long a backup takes, in seconds."""
        start = time.monotonic()
        self.back_up()
        length = time.monotonic() - start
        self.check()
        return length

    def test_cancelled(self):
        """At any moment of an incremental backup."""
        self.write(DISK_SIZE // 2)
        length = self.measure()
        ends = set()
        for number in range(ROUNDS):
            self.write(DISK_SIZE // 4)
            cancellable = Gio.Cancellable()
            wait = self.begin_in_thread(cancellable)
            time.sleep(length * number / ROUNDS)
            cancellable.cancel()
            error = wait()
            if error is not None:
                self.assertTrue(error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED), error)
            ends.add(error is None)
            self.check_after()
        self.assertIn(False, ends)

    def test_qemu_killed(self):
        self.write(DISK_SIZE // 2)
        length = self.measure()
        errors = []
        for number in range(ROUNDS):
            self.write(DISK_SIZE // 4)
            wait = self.begin_in_thread()
            time.sleep(length * number / ROUNDS)
            self.live.kill()
            error = wait()
            if error is not None:
                self.assertEqual(error.domain, 'vck-error-quark', error)
                errors.append(error)
            self.read_disks()
            self.live.start()
            self.live.reconnect()
            self.check_after(lost=True)
        self.assertNotEqual(errors, [])


class TestInterop(FaultsTestCase):
    def test_libvirt_sees_the_copy(self):
        """As virsh domjobinfo does. It is short, so it may take more than one."""
        seen = set()
        for _number in range(ROUNDS * 4):
            self.write(DISK_SIZE // 2)
            ended = threading.Event()
            wait = self.begin_in_thread(ended=ended)
            while not ended.is_set():
                with contextlib.suppress(libvirt.libvirtError):  # libvirt fails while it begins or ends the job
                    stats = self.live.libvirt.jobStats()
                    seen.add((stats['type'], stats.get('operation')))
            self.assertIsNone(wait())
            self.check()
            if OURS in seen:
                break
        self.assertIn(OURS, seen)

    def test_alternately(self):
        """virsh backs up what was written since a backup of Vck's, and Vck what was written since one of virsh's."""
        self.write()
        self.back_up()
        for number in range(3):
            ours, = self.live.vck.list_checkpoints(Vck.CheckpointListFlags.LEAVES, None)
            self.write()
            target = {name: self.host.folder / f'virsh-{number}-{name}' for name in self.live.disks}
            base = self.paths()[-1]
            self.virsh_backup(target, ours.get_name(), f'virsh-{number}')
            for name, path in target.items():
                run('qemu-img', 'rebase', '-u', '-f', 'qcow2', '-F', 'qcow2', '-b', base / f'{name}.qcow2', path)
                run('qemu-img', 'check', '-q', path)
                self.compare(path, name)
            self.write()
            backup = self.back_up()
            for disk in backup.list_disks():
                self.assertIsNotNone(disk.get_base(), disk.get_why_full())
            self.vck_backup(target, f'virsh-{number}', number)
            self.live.libvirt.checkpointLookupByName(f'virsh-{number}').delete()
            self.live.vck.refresh(None)
        self.check_points()

    def virsh_backup(self, target, base, checkpoint):
        rows = ''.join(f"<disk name='{name}' type='file'><target file='{path}'/></disk>"
                       for name, path in target.items())
        backup, point = self.host.folder / 'backup.xml', self.host.folder / 'checkpoint.xml'
        backup.write_text(f'<domainbackup><incremental>{base}</incremental><disks>{rows}</disks></domainbackup>')
        point.write_text(f'<domaincheckpoint><name>{checkpoint}</name></domaincheckpoint>')
        self.live.virsh('backup-begin', str(backup), '--checkpointxml', str(point))
        self.wait_until(lambda: self.live.libvirt.jobStats()['type'] == libvirt.VIR_DOMAIN_JOB_NONE)
        self.live.vck.refresh(None)

    def vck_backup(self, bases, base, number):
        """What was written since virsh's checkpoint, on top of virsh's backup."""
        files = {name: self.host.folder / f'vck-{number}-{name}' for name in bases}
        rows = ''.join(f"<disk name='{name}' type='file'><target file='{path}'/></disk>"
                       for name, path in files.items())
        self.live.vck.begin_backup(
            f'<domainbackup><incremental>{base}</incremental><disks>{rows}</disks></domainbackup>', None, 0, None
        ).wait(None)
        for name, path in files.items():
            run('qemu-img', 'rebase', '-u', '-f', 'qcow2', '-F', 'qcow2', '-b', bases[name], path)
            run('qemu-img', 'check', '-q', path)
            self.compare(path, name)

    def compare(self, path, name):
        raw = self.host.folder / 'compared'
        raw.write_bytes(self.content[name])
        run('qemu-img', 'compare', '-f', 'qcow2', '-F', 'raw', path, raw)

    def check_points(self):
        for path in self.paths():
            for name in self.live.disks:
                run('qemu-img', 'check', '-q', path / f'{name}.qcow2')
        for name in self.live.disks:
            self.compare(self.paths()[-1] / f'{name}.qcow2', name)
