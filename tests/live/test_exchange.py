# SPDX-License-Identifier: LGPL-2.1-or-later

"""Checkpoints go from files to libvirt and back, and a backup since them has the right blocks."""

import json
import threading

import libvirt

from host import LiveTestCase, LiveDomain, checkpoint_xml
from support import DISK_SIZE, GRANULARITY, TIMEOUT, domain_xml, names, run
from gi.repository import GLib, Vck


class TestExchange(LiveTestCase):
    def open_folder(self):
        """A connection to a new folder of domains that no libvirt knows of."""
        folder = self.host.folder / f'{self.id()}'
        uri = GLib.filename_to_uri(str(folder), None).replace('file:', 'local:')
        connection = Vck.Connection.open(uri, 0, None)
        self.addCleanup(connection.close)
        return connection

    def create_files(self):
        """Images that belong to this test."""
        return {target: self.host.create_image(f'{self.id()}-{target}') for target in ('vda', 'vdb')}

    def define(self, disks):
        """The domain of these disks in a folder."""
        return self.open_folder().define_domain_xml(domain_xml('offline', disks), None)

    def write_offline(self, path, offset, length):
        run('qemu-io', '-f', 'qcow2', '-c', f'write -P 0x5A {offset} {length}', path)

    def import_all(self, domain, document, expected, flags=Vck.ImportFlags.VERIFY):
        results = domain.import_checkpoints(document, flags, None)
        self.assertEqual(
            [(each.get_checkpoint(), each.is_imported(), each.get_message()) for each in results],
            [(name, True, None) for name in expected],
        )

    def back_up(self, domain, since):
        """Backs up what changed since a checkpoint, into files of which the names are returned."""
        targets = {name: self.host.folder / f'{domain.name}-{name}-{since}' for name in domain.disks}
        ended = threading.Event()
        outcome = []

        def note_end(_connection, _domain, parameters, _data):
            outcome.append(parameters)
            ended.set()

        callback = self.libvirt.domainEventRegisterAny(
            domain.libvirt, libvirt.VIR_DOMAIN_EVENT_ID_JOB_COMPLETED, note_end, None
        )
        rows = ''.join(
            f"<disk name='{name}' backup='yes' type='file'><driver type='qcow2'/>"
            f"<target file='{path}'/></disk>"
            for name, path in targets.items()
        )
        domain.libvirt.backupBegin(
            f"<domainbackup mode='push'><incremental>{since}</incremental>"
            f'<disks>{rows}</disks></domainbackup>',
            None,
        )
        self.assertTrue(ended.wait(TIMEOUT), 'the backup does not end')
        self.libvirt.domainEventDeregisterAny(callback)
        self.assertTrue(outcome[0]['success'], outcome)
        return targets

    def extents(self, backup):
        """[(offset, length)] of what is in the files of a backup, and not below them."""
        found = {}
        for name, path in backup.items():
            mapped = json.loads(run('qemu-img', 'map', '--output=json', path))
            found[name] = [(each['start'], each['length']) for each in mapped if each['depth'] == 0]
        return found

    def test_from_files_to_libvirt(self):
        disks = self.create_files()
        offline = self.define(disks)
        offline.create_checkpoint_xml(checkpoint_xml('monday'), 0, None)
        self.write_offline(disks['vda'], 7 * GRANULARITY, GRANULARITY)
        offline.create_checkpoint_xml(checkpoint_xml('tuesday'), 0, None)
        document = offline.export_checkpoints(None)

        domain = self.start_domain(disks=disks)
        self.import_all(domain.vck, document, ['monday', 'tuesday'])
        self.assertChain(domain, ['monday', 'tuesday'])
        self.assertEqual(domain.sizes('tuesday'), {'vda': 0, 'vdb': 0})
        domain.write('vda', GRANULARITY, 2 * GRANULARITY)
        domain.write('vda', 40 * GRANULARITY + 4096, 512)
        domain.write('vdb', DISK_SIZE - GRANULARITY, GRANULARITY)
        since_tuesday = {
            'vda': [(GRANULARITY, 2 * GRANULARITY), (40 * GRANULARITY, GRANULARITY)],
            'vdb': [(DISK_SIZE - GRANULARITY, GRANULARITY)],
        }
        backups = [self.back_up(domain, name) for name in ('tuesday', 'monday')]
        domain.stop()
        self.assertEqual(self.extents(backups[0]), since_tuesday)
        since_tuesday['vda'].insert(1, (7 * GRANULARITY, GRANULARITY))
        self.assertEqual(self.extents(backups[1]), since_tuesday)
        for backup in backups:
            for name, path in backup.items():
                run('qemu-img', 'compare', path, domain.disks[name])

    def test_from_libvirt_to_files(self):
        domain = self.start_domain(('vda', 'vdb'))
        domain.create_by_libvirt('monday')
        domain.write('vda', 0, 3 * GRANULARITY)
        domain.create_by_libvirt('tuesday')
        domain.write('vdb', 9 * GRANULARITY, GRANULARITY)
        sizes = {'monday': domain.sizes('monday'), 'tuesday': domain.sizes('tuesday')}
        domain.stop()
        document = domain.vck.export_checkpoints(None)

        offline = self.define(domain.disks)
        self.import_all(offline, document, ['monday', 'tuesday'])
        chain = offline.list_checkpoints(Vck.CheckpointListFlags.TOPOLOGICAL, None)
        self.assertEqual(names(chain), ['monday', 'tuesday'])
        self.assertEqual(offline.verify_checkpoints(None), [])
        self.assertEqual({each.get_name(): self.sizes(each) for each in chain}, sizes)
        self.assertEqual(sizes['monday'], {'vda': 3 * GRANULARITY, 'vdb': GRANULARITY})
        self.assertEqual(sizes['tuesday'], {'vda': 0, 'vdb': GRANULARITY})
        self.write_offline(domain.disks['vda'], 5 * GRANULARITY, GRANULARITY)
        self.assertEqual(self.sizes(chain[1]), {'vda': GRANULARITY, 'vdb': GRANULARITY})

    def sizes(self, checkpoint):
        disks = checkpoint.list_disks(Vck.CheckpointXmlFlags.SIZE, None)
        return {disk.get_name(): disk.get_size() for disk in disks}

    def test_there_and_back(self):
        """A checkpoint made in each store is still there after the round."""
        disks = self.create_files()
        offline = self.define(disks)
        offline.create_checkpoint_xml(checkpoint_xml('offline'), 0, None)
        domain = self.start_domain(disks=disks)
        self.import_all(domain.vck, offline.export_checkpoints(None), ['offline'])
        domain.create('live')
        domain.write('vda', 0, GRANULARITY)
        domain.stop()
        flags = Vck.ImportFlags.VERIFY | Vck.ImportFlags.REPLACE
        self.import_all(offline, domain.vck.export_checkpoints(None), ['offline', 'live'], flags)
        made_live = offline.lookup_checkpoint('live', None)
        self.assertEqual(made_live.get_parent_name(), 'offline')
        self.assertEqual(self.sizes(made_live), {'vda': GRANULARITY, 'vdb': 0})
        self.assertEqual(offline.verify_checkpoints(None), [])

    def test_bitmaps_are_looked_at(self):
        """Of what is imported, libvirt takes only what the images really have."""
        disks = self.create_files()
        offline = self.define(disks)
        offline.create_checkpoint_xml(checkpoint_xml('monday'), 0, None)
        offline.create_checkpoint_xml(checkpoint_xml('tuesday'), 0, None)
        run('qemu-img', 'bitmap', '--remove', disks['vdb'], 'tuesday')
        domain = self.start_domain(disks=disks)
        monday, tuesday = domain.vck.import_checkpoints(
            offline.export_checkpoints(None), Vck.ImportFlags.VERIFY, None
        )
        self.assertTrue(monday.is_imported())
        self.assertIn("'tuesday'", tuesday.get_message())
        self.assertIn("'vdb'", tuesday.get_message())
        self.assertChain(domain, ['monday'])

    def test_domain_that_is_off(self):
        """libvirt looks at bitmaps only while the domain runs, and says so."""
        offline = self.define(self.create_files())
        offline.create_checkpoint_xml(checkpoint_xml('monday'), 0, None)
        document = offline.export_checkpoints(None)
        domain = LiveDomain(self, ('vda', 'vdb'))
        (result,) = domain.vck.import_checkpoints(document, Vck.ImportFlags.VERIFY, None)
        self.assertIn('not running', result.get_message())
        self.import_all(domain.vck, document, ['monday'], 0)
        self.assertChain(domain, ['monday'])
