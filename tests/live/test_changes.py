# SPDX-License-Identifier: LGPL-2.1-or-later

"""Domains that change while they have checkpoints: disks, images, jobs, and whether they are defined."""

import libvirt

from host import TOPOLOGICAL, LiveTestCase, checkpoint_xml, disk_xml, live_domain_xml
from support import GRANULARITY, names
from gi.repository import Vck

IN_BACKING = Vck.FindingKind.BITMAP_IN_BACKING
GONE = Vck.FindingKind.DISK_GONE


class TestChanges(LiveTestCase):
    def take_snapshot(self, domain, target):
        """From here on the disk is written into a new image above the old one."""
        path = self.host.folder / f'{domain.name}-{target}-above.qcow2'
        others = ''.join(f"<disk name='{each}' snapshot='no'/>" for each in domain.disks if each != target)
        domain.libvirt.snapshotCreateXML(
            f"<domainsnapshot><disks><disk name='{target}' snapshot='external'>"
            f"<source file='{path}'/></disk>{others}</disks></domainsnapshot>",
            libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY
            | libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_NO_METADATA,
        )
        domain.disks[target] = path

    def test_snapshot(self):
        """Bitmaps go on in the new image; those of the old one count, and are deleted, too."""
        domain = self.start_domain(('vda', 'vdb'))
        domain.create('first')
        domain.write('vda', 0, GRANULARITY)
        base = dict(domain.disks)
        self.take_snapshot(domain, 'vda')
        domain.write('vda', 3 * GRANULARITY, GRANULARITY)
        domain.create('second')
        self.assertEqual(domain.findings(), [])
        self.assertEqual(domain.sizes('first'), {'vda': 2 * GRANULARITY, 'vdb': 0})

        domain.remove_bitmap('vda', 'first')
        self.assertEqual(domain.findings(), [(IN_BACKING, 'first', 'vda', 'first')])
        domain.vck.lookup_checkpoint('first', None).delete(0, None)
        self.assertEqual(domain.findings(), [])
        self.assertChain(domain, ['second'])
        self.assertEqual(domain.bitmaps('vda'), ['second'])
        domain.disks = base
        self.assertEqual(domain.bitmaps('vda'), [])

    def test_disks_come_and_go(self):
        domain = self.start_domain(('vda',))
        domain.create('first')
        path = self.host.create_image(f'{domain.name}-sda')
        domain.libvirt.attachDevice(disk_xml('sda', path))
        domain.create('second')
        second = domain.vck.lookup_checkpoint('second', None)
        self.assertEqual(domain.findings(), [])
        self.assertEqual(names(second.list_disks(0, None)), ['vda', 'sda'])

        domain.libvirt.detachDevice(disk_xml('sda', path))
        self.wait_until(lambda: len(domain.vck.list_disks(None)) == 1, 'the end of the disk')
        self.assertEqual(domain.findings(), [(GONE, 'second', 'sda', 'second')])
        domain.vck.repair_checkpoints(0, None)
        self.assertEqual(domain.findings(), [])
        second.delete(0, None)
        self.assertChain(domain, ['first'])

    def test_backup(self):
        """While a backup runs, checkpoints are made, measured, verified and deleted."""
        domain = self.start_domain(('vda',))
        domain.create('first')
        domain.write('vda', 0, GRANULARITY)
        domain.libvirt.backupBegin(
            "<domainbackup mode='pull'><incremental>first</incremental>"
            f"<server transport='unix' socket='{self.host.folder}/nbd'/><disks>"
            "<disk name='vda' backup='yes' type='file'><driver type='qcow2'/>"
            f"<scratch file='{self.host.folder}/{domain.name}-scratch'/></disk></disks></domainbackup>",
            checkpoint_xml('second'),
        )
        self.assertChain(domain, ['first', 'second'])
        domain.create('third')
        self.assertEqual(domain.findings(), [])
        self.assertEqual(domain.sizes('first'), {'vda': GRANULARITY})
        self.assertEqual(domain.sizes('second'), {'vda': 0})
        domain.vck.lookup_checkpoint('first', None).delete(0, None)
        domain.libvirt.abortJob()
        self.assertChain(domain, ['second', 'third'])
        self.assertEqual(domain.findings(), [])

    def test_domain_that_is_not_defined(self):
        """Its checkpoints end with it, and that is reported."""
        path = self.host.create_image('transient')
        domain = self.libvirt.createXML(live_domain_xml('transient', {'vda': path}))
        seen = []

        def note(_emitter, each, signal):
            seen.append((signal, each.get_name()))

        seen_by = self.vck.lookup_domain_by_name('transient', None)
        removed = self.vck.connect('domain-removed', note, 'domain-removed')
        self.addCleanup(self.vck.disconnect, removed)
        for signal in ('checkpoint-added', 'checkpoint-removed'):
            seen_by.connect(signal, note, signal)
        for name in ('first', 'second'):
            seen_by.create_checkpoint_xml(checkpoint_xml(name), 0, None)
        domain.destroy()
        self.wait_until(lambda: len(seen) >= 5, 'the signals')
        self.assertEqual(
            seen,
            [
                ('checkpoint-added', 'first'),
                ('checkpoint-added', 'second'),
                ('checkpoint-removed', 'second'),
                ('checkpoint-removed', 'first'),
                ('domain-removed', 'transient'),
            ],
        )
        self.assertFails(Vck.Error.NO_DOMAIN, seen_by.list_checkpoints, TOPOLOGICAL, None)
