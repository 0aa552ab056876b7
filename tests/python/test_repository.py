# SPDX-License-Identifier: LGPL-2.1-or-later

"""A store of backups: made by hand with qemu-img, as its format is described."""

import hashlib
import json
import pathlib
import tempfile

from support import UUID, VckTestCase, run
from gi.repository import Vck

IDS = [f'2026112{n}T075307.120667Z-1fae9c02' for n in range(5)]
NO_FLAGS = Vck.RepositoryFlags(0)
SIZE = 1 << 20


class TestRepository(VckTestCase):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.path = self.folder / 'store'
        self.repository = Vck.Repository.open(str(self.path), Vck.RepositoryFlags.CREATE, None)
        self.hashes = {}

    def image(self, number):
        return self.path / UUID / IDS[number] / 'vda.qcow2'

    def add_backup(self, number):
        """Makes a backup that is based on the one before."""
        image = self.image(number)
        image.parent.mkdir(parents=True)
        base = ['-b', f'../{IDS[number - 1]}/vda.qcow2', '-F', 'qcow2'] if number else []
        run('qemu-img', 'create', '-q', '-f', 'qcow2', *base, str(image), str(SIZE))
        run('qemu-io', '-f', 'qcow2', '-c', f'write -P {number + 1} {number * 65536} 131072', str(image))
        self.hashes[IDS[number]] = self.hash_image(image)
        (image.parent / 'backup.json').write_text(json.dumps({
            'format': 1, 'id': IDS[number], 'time': 1795765987 + number, 'store': self.repository.props.uuid,
            'domain': {'uuid': UUID, 'name': 'Bücher'}, 'kind': 'push', 'vck': '1.0.0',
            'disks': {'vda': {
                'file': 'vda.qcow2', 'virtual_size': SIZE, 'cluster_size': 65536, 'bytes': 131072,
                'base': IDS[number - 1] if number else None, 'file_size': image.stat().st_size}}}))

    def add_chain(self, count):
        for number in range(count):
            self.add_backup(number)
        return self.repository.list_backups(UUID, None)

    def hash_image(self, image):
        raw = self.folder / 'raw'
        run('qemu-img', 'convert', '-f', 'qcow2', '-O', 'raw', str(image), str(raw))
        return hashlib.sha256(raw.read_bytes()).hexdigest()

    def test_open(self):
        self.assertEqual(self.repository.props.path, str(self.path))
        self.assertFalse(self.repository.props.read_only)
        again = Vck.Repository.open(str(self.path), Vck.RepositoryFlags.READ_ONLY, None)
        self.assertTrue(again.is_read_only())
        self.assertEqual(again.get_uuid(), self.repository.get_uuid())
        self.assertFails(Vck.Error.NO_BACKUP, Vck.Repository.open, str(self.folder), NO_FLAGS, None)
        self.assertFails(Vck.Error.OPERATION_FAILED, Vck.Repository.open, str(self.folder),
                         Vck.RepositoryFlags.CREATE, None)

    def test_virtnbdbackup(self):
        other = self.folder / 'other'
        other.mkdir()
        (other / 'vda.full.data').touch()
        for flags in (NO_FLAGS, Vck.RepositoryFlags.CREATE):
            message = self.assertFails(Vck.Error.NO_BACKUP, Vck.Repository.open, str(other), flags, None)
            self.assertIn('restore them with virtnbdrestore', message)

    def test_list(self):
        self.assertEqual(self.repository.list_backups(None, None), [])
        backups = self.add_chain(3)
        self.assertEqual([backup.props.id for backup in backups], IDS[:3])
        self.assertEqual(self.repository.count_backups(UUID, None), 3)
        second = self.repository.lookup_backup(UUID, IDS[1], None)
        self.assertEqual(second.props.domain_name, 'Bücher')
        self.assertEqual(second.props.time, 1795765988)
        self.assertEqual(second.props.size, self.image(1).stat().st_size)
        disk, = second.list_disks()
        self.assertEqual((disk.props.target, disk.props.base, disk.props.path),
                         ('vda', IDS[0], str(self.image(1))))
        self.assertFails(Vck.Error.NO_BACKUP, self.repository.lookup_backup, UUID, IDS[4], None)

    def test_restore(self):
        for backup in self.add_chain(3):
            to = self.folder / 'restored.qcow2'
            self.repository.restore(backup, 'vda', str(to), Vck.RestoreFlags.REPLACE, None)
            self.assertEqual(self.hash_image(to), self.hashes[backup.props.id])

    def test_restore_damaged(self):
        backup = self.add_chain(2)[1]
        run('qemu-img', 'rebase', '-u', '-f', 'qcow2', '-b', '/etc/passwd', '-F', 'raw', str(self.image(1)))
        message = self.assertFails(Vck.Error.BACKUP_INCONSISTENT, self.repository.restore, backup, None,
                                   str(self.folder / 'to'), Vck.RestoreFlags(0), None)
        self.assertIn('/etc/passwd', message)

    def test_verify(self):
        self.add_chain(2)
        fast = Vck.RepositoryVerifyFlags.FAST
        self.assertEqual(self.repository.verify(None, Vck.RepositoryVerifyFlags(0), None), [])
        second = self.repository.lookup_backup(UUID, IDS[1], None)
        digest = hashlib.sha256(self.image(1).read_bytes()).hexdigest()
        self.assertEqual(second.list_disks()[0].props.sha256, digest)
        self.image(0).unlink()
        finding, = self.repository.verify(UUID, fast, None)
        self.assertEqual((finding.props.kind, finding.props.backup, finding.props.disk),
                         (Vck.BackupFindingKind.IMAGE, IDS[0], 'vda'))
        self.assertIn('is missing', finding.props.message)

    def test_prune(self):
        self.add_chain(4)
        for flags, left in ((Vck.PruneFlags.DRY_RUN, 4), (Vck.PruneFlags(0), 2)):
            decisions = self.repository.prune(UUID, 2, 0, 0, flags, None)
            self.assertEqual([(each.props.backup, each.props.kept) for each in decisions],
                             [(IDS[0], False), (IDS[1], False), (IDS[2], True), (IDS[3], True)])
            self.assertEqual(self.repository.count_backups(UUID, None), left)
        for number in (2, 3):
            self.assertEqual(self.hash_image(self.image(number)), self.hashes[IDS[number]])
        self.assertFails(Vck.Error.INVALID_ARG, self.repository.prune, UUID, 0, 0, 0, Vck.PruneFlags(0), None)

    def test_mount(self):
        backup = self.add_chain(2)[1]
        socket = self.folder / 'socket'
        mount = self.repository.mount(backup, str(socket), None)
        self.assertEqual(mount.props.socket, str(socket))
        run('qemu-img', 'compare', '-q', '-f', 'raw', f'nbd+unix:///vda?socket={socket}', '-F', 'qcow2',
            str(self.image(1)))
        mount.close(None)
        self.assertFalse(socket.exists())
