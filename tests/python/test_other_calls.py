# SPDX-License-Identifier: LGPL-2.1-or-later

"""Calls that no other scenario of tests/languages/scenario.md has."""

from support import GRANULARITY, LocalBackend, VckTestCase, run
from gi.repository import Vck


class Calls:
    def setUp(self):
        super().setUp()
        self.connection = self.open()
        self.domain = self.define(self.connection)

    def test_open(self):
        connection = Vck.Connection.new(self.backend.uri)
        self.assertFalse(connection.is_open)
        self.assertRaises(Vck.InvalidConnection, connection.count_domains)
        self.assertTrue(connection.init())
        self.assertTrue(connection.is_open)
        for _ in range(2):
            self.assertTrue(connection.close())
        self.assertFalse(connection.is_open)
        self.assertRaises(Vck.NotConnected, connection.count_domains)

    def test_domains(self):
        self.assertIs(self.connection.lookup_domain_by_name('guest'), self.domain)
        self.assertIs(self.connection.lookup_domain_by_uuid(self.domain.uuid), self.domain)
        for flags, listed in ((0, True), ('INACTIVE', True), ('ACTIVE', False)):
            domains = self.connection.list_domains(flags)
            self.assertEqual((self.domain in domains, len(domains)), (listed, self.connection.count_domains(flags)))
        self.assertRaises(Vck.InvalidArgument, self.connection.lookup_domain_by_uuid, 'x')

    def test_counts(self):
        first, second = self.create(self.domain, 'first'), self.create(self.domain, 'second')
        self.assertEqual((self.domain.count_disks(), first.count_disks()), (2, 2))
        self.assertEqual((first.count_children(), second.count_children()), (1, 0))

    def test_documents(self):
        self.assertIn('<name>guest</name>', self.domain.get_xml_desc())
        self.assertRaises(Vck.BackupNotFound, self.domain.get_backup_xml)

    def test_measure(self):
        self.create(self.domain, 'first')
        self.backend.write('vda', 0, 1)
        disks = self.domain.measure_checkpoints()
        self.assertEqual([(disk.checkpoint, disk.name) for disk in disks], [('first', 'vda'), ('first', 'vdb')])
        self.assertEqual([disk.size for disk in disks], [GRANULARITY if self.backend.has_images else 0, 0])
        self.assertTrue(self.domain.refresh())

    def test_bitmaps(self):
        self.create(self.domain, 'first').delete('METADATA_ONLY')
        self.create(self.domain, 'second')
        self.backend.write('vda', 0, 1)
        bitmaps = self.domain.list_bitmaps('BACKING')
        self.assertEqual(
            [(each.disk, each.name, each.owner, each.checkpoint) for each in bitmaps],
            [
                (disk, *row)
                for disk in ('vda', 'vdb')
                for row in (
                    ('first', Vck.BitmapOwner.ORPHAN, None),
                    ('second', Vck.BitmapOwner.CHECKPOINT, 'second'),
                )
            ],
        )
        written = GRANULARITY if self.backend.has_images else 0
        self.assertEqual([each.size for each in bitmaps], [written, written, 0, 0])
        self.assertEqual({each.granularity for each in bitmaps}, {GRANULARITY})
        self.assertTrue(all(each.recording and each.persistent for each in bitmaps))
        self.assertFalse(any(each.inconsistent or each.busy for each in bitmaps))
        self.assertEqual(bitmaps[0].image, self.domain.list_disks()[0].source)
        self.assertEqual(len(self.call(self.domain.list_bitmaps_async, 0, None)), 4)
        self.connection.close()
        self.assertRaises(Vck.NotConnected, self.domain.list_bitmaps)

    def test_lists(self):
        first, second = self.create(self.domain, 'first'), self.create(self.domain, 'second')
        checkpoints, domains = self.domain.checkpoints, self.connection.domains
        self.assertTrue(checkpoints.load())
        self.assertEqual(list(checkpoints), [first, second])
        first.delete()
        self.assertTrue(self.call(checkpoints.load_async, None))
        self.assertEqual(list(checkpoints), [second])
        self.assertTrue(domains.load())
        rows = list(domains)
        self.assertEqual(rows, self.connection.list_domains())
        self.connection.close()
        self.assertRaises(Vck.NotConnected, domains.load)
        self.assertEqual(list(domains), rows)


class TestMemory(Calls, VckTestCase):
    pass


class TestLocal(Calls, VckTestCase):
    backend_class = LocalBackend

    def test_foreign_bitmap(self):
        image = self.backend.image('vdb')
        run('qemu-img', 'bitmap', '--add', image, 'other')
        (bitmap,) = self.domain.list_bitmaps()
        self.assertEqual((bitmap.name, bitmap.owner, bitmap.checkpoint), ('other', Vck.BitmapOwner.FOREIGN, None))
        run('sh', '-c', 'qemu-io -f qcow2 -c abort "$0" || true', image)
        (bitmap,) = self.domain.list_bitmaps()
        self.assertEqual((bitmap.inconsistent, bitmap.size), (True, -1))
        image.unlink()
        with self.assertRaisesRegex(Vck.OperationFailed, "disk 'vdb'"):
            self.domain.list_bitmaps()

    def test_store(self):
        store = Vck.Repository.open(self.backend.folder / 'store', 'CREATE')
        plan = store.plan_backup(self.domain)
        self.assertEqual((plan.mode, plan.why_pull), (Vck.BackupMode.PUSH, None))
        backup = store.backup(self.domain)
        self.assertEqual(store.count_backups(self.domain.uuid), 1)
        self.assertEqual(store.verify(), [])
        self.assertTrue(store.recover(self.domain))
        socket = self.backend.folder / 'socket'
        mount = store.mount(backup, socket)
        self.assertEqual((mount.socket, socket.exists()), (str(socket), True))
        self.assertTrue(mount.close())
        self.assertFalse(socket.exists())
