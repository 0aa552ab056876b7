# SPDX-License-Identifier: LGPL-2.1-or-later

"""verify and repair: what libvirt knows of checkpoints against the bitmaps that there are."""

import os

from host import LiveTestCase, acted_on, described
from support import GRANULARITY, run
from gi.repository import Vck

MISSING = Vck.FindingKind.BITMAP_MISSING
INCONSISTENT = Vck.FindingKind.BITMAP_INCONSISTENT
NOT_RECORDING = Vck.FindingKind.BITMAP_NOT_RECORDING
FOREIGN = Vck.FindingKind.BITMAP_FOREIGN
UNREACHABLE = Vck.FindingKind.DISK_UNREACHABLE


class TestFindings(LiveTestCase):
    """While the domain runs: QEMU is asked, through libvirt."""

    def setUp(self):
        super().setUp()
        self.domain = self.shared_domain()

    def assertRepaired(self, expected, flags=Vck.RepairFlags(0), left=()):
        """A dry run changes nothing, a repair of the same mends what it found, and stays so."""
        before = (self.domain.parents(), self.domain.bitmaps('vda'), self.domain.bitmaps('vdb'))
        dry = self.domain.vck.repair_checkpoints(flags | Vck.RepairFlags.DRY_RUN, None)
        self.assertEqual(described(acted_on(dry)), expected)
        after = (self.domain.parents(), self.domain.bitmaps('vda'), self.domain.bitmaps('vdb'))
        self.assertEqual(after, before)
        self.assertEqual(self.domain.findings(), expected)
        mended = self.domain.vck.repair_checkpoints(flags, None)
        self.assertEqual(described(acted_on(mended)), expected)
        self.assertEqual(self.domain.findings(), list(left))
        self.assertEqual(acted_on(self.domain.vck.repair_checkpoints(flags, None)), [])

    def tracked(self, checkpoint):
        disks = self.domain.vck.lookup_checkpoint(checkpoint, None).list_disks(0, None)
        return [each.get_name() for each in disks if each.is_tracked()]

    def test_all_is_well(self):
        self.assertEqual(self.domain.findings(), [])
        self.domain.create('first')
        self.domain.create_by_libvirt('second', {'vda': 'bitmap'})
        self.assertEqual(self.domain.findings(), [])
        self.assertEqual(self.domain.vck.repair_checkpoints(0, None), [])

    def test_missing_on_one_disk(self):
        self.domain.create('first')
        self.domain.create('second')
        self.domain.remove_bitmap('vdb', 'first')
        self.assertRepaired([(MISSING, 'first', 'vdb', 'first')])
        self.assertEqual(self.tracked('first'), ['vda'])
        self.assertEqual(self.tracked('second'), ['vda', 'vdb'])
        self.assertChain(self.domain, ['first', 'second'])
        self.domain.write('vda', 0, GRANULARITY)
        self.assertEqual(self.domain.sizes('first')['vda'], GRANULARITY)

    def test_missing_altogether(self):
        """A checkpoint that tracks nothing any more is forgotten, the others are not."""
        for name in ('first', 'second', 'third'):
            self.domain.create(name)
        for target in ('vda', 'vdb'):
            self.domain.remove_bitmap(target, 'second')
        self.assertRepaired([(MISSING, 'second', target, 'second') for target in ('vda', 'vdb')])
        self.assertChain(self.domain, ['first', 'third'])
        self.domain.create('fourth')
        self.assertChain(self.domain, ['first', 'third', 'fourth'])

    def test_signals_of_a_repair(self):
        self.domain.create('first')
        seen = []
        handler = self.domain.vck.connect(
            'checkpoint-removed', lambda _domain, each: seen.append(each.get_name())
        )
        self.addCleanup(self.domain.vck.disconnect, handler)
        for target in ('vda', 'vdb'):
            self.domain.remove_bitmap(target, 'first')
        self.domain.vck.repair_checkpoints(0, None)
        self.wait_until(lambda: seen == ['first'], 'checkpoint-removed')

    def test_not_recording(self):
        """What was written until then is kept: in a bitmap of unknown origin."""
        self.domain.create('first', {'vda': 'bitmap'})
        node = self.domain.node('vda')['node-name']
        self.domain.command('block-dirty-bitmap-disable', node=node, name='first')
        self.assertRepaired(
            [(NOT_RECORDING, 'first', 'vda', 'first')], left=[(FOREIGN, None, 'vda', 'first')]
        )
        self.assertChain(self.domain, [])

    def test_foreign(self):
        """Bitmaps of others are left alone, unless they are asked for."""
        self.domain.create('first')
        self.domain.add_bitmap('vda', 'theirs – 他')
        expected = [(FOREIGN, None, 'vda', 'theirs – 他')]
        self.assertEqual(self.domain.findings(), expected)
        self.assertEqual(acted_on(self.domain.vck.repair_checkpoints(0, None)), [])
        self.assertEqual(self.domain.bitmaps('vda'), ['first', 'theirs – 他'])
        self.assertRepaired(expected, Vck.RepairFlags.FOREIGN)
        self.assertEqual(self.domain.bitmaps('vda'), ['first'])
        self.assertChain(self.domain, ['first'])

    def test_only_what_is_asked_for(self):
        self.domain.create('first', {'vda': 'bitmap'})
        self.domain.remove_bitmap('vda', 'first')
        self.domain.add_bitmap('vdb', 'theirs')
        mended = self.domain.vck.repair_checkpoints(Vck.RepairFlags.FOREIGN, None)
        self.assertEqual(described(acted_on(mended)), [(FOREIGN, None, 'vdb', 'theirs')])
        self.assertEqual(self.domain.findings(), [(MISSING, 'first', 'vda', 'first')])

    def test_read_only_connection(self):
        """There QEMU cannot be asked; libvirt's own word on sizes is what remains."""
        self.domain.create('first')
        self.domain.remove_bitmap('vdb', 'first')
        connection = Vck.Connection.open(self.host.uri(), Vck.ConnectionFlags.READ_ONLY, None)
        self.addCleanup(connection.close)
        domain = connection.lookup_domain_by_name(self.domain.name, None)
        expected = [(UNREACHABLE, 'first', 'vdb', 'first')]
        self.assertEqual(described(domain.verify_checkpoints(None)), expected)
        dry = domain.repair_checkpoints(Vck.RepairFlags.DRY_RUN, None)
        self.assertEqual(described(dry), expected)
        self.assertEqual(acted_on(dry), [])
        states = domain.lookup_checkpoint('first', None).list_disks(Vck.CheckpointXmlFlags.SIZE, None)
        self.assertEqual(
            [each.get_state() for each in states],
            [Vck.CheckpointState.READY, Vck.CheckpointState.UNKNOWN],
        )
        self.assertFails(Vck.Error.OPERATION_DENIED, domain.repair_checkpoints, 0, None)


class TestPowerLoss(LiveTestCase):
    """Across the end of QEMU: while the domain is off, the images are read on this host."""

    def test_killed(self):
        domain = self.start_domain(('vda', 'vdb'))
        domain.create('stored')
        domain.stop()
        self.assertEqual(domain.findings(), [])
        domain.start()
        domain.create('unstored', {'vda': 'bitmap'})
        self.assertEqual(domain.findings(), [])
        domain.kill()
        lost = [
            (INCONSISTENT, 'stored', 'vda', 'stored'),
            (INCONSISTENT, 'stored', 'vdb', 'stored'),
            (MISSING, 'unstored', 'vda', 'unstored'),
        ]
        self.assertEqual(domain.findings(), lost)
        domain.start()
        self.assertEqual(domain.findings(), lost)
        self.assertEqual(described(domain.vck.repair_checkpoints(0, None)), lost)
        self.assertEqual(domain.findings(), [])
        self.assertEqual((domain.bitmaps('vda'), domain.bitmaps('vdb')), ([], []))
        self.assertChain(domain, [])
        domain.create('stored')
        domain.write('vdb', 0, GRANULARITY)
        self.assertEqual(domain.sizes('stored'), {'vda': 0, 'vdb': GRANULARITY})

    def test_off(self):
        domain = self.start_domain(('vda', 'vdb'))
        domain.create('first')
        domain.create('second')
        domain.stop()
        run('qemu-img', 'bitmap', '--remove', domain.disks['vda'], 'first')
        run('qemu-img', 'bitmap', '--disable', domain.disks['vda'], 'second')
        run('qemu-img', 'bitmap', '--add', domain.disks['vdb'], 'theirs')
        broken = [
            (MISSING, 'first', 'vda', 'first'),
            (NOT_RECORDING, 'second', 'vda', 'second'),
        ]
        foreign = [(FOREIGN, None, 'vdb', 'theirs')]
        self.assertEqual(domain.findings(), broken + foreign)
        self.assertEqual(domain.parents(), {'first': None, 'second': 'first'})
        message = self.assertFails(
            Vck.Error.OPERATION_INVALID,
            domain.vck.repair_checkpoints,
            Vck.RepairFlags.BROKEN | Vck.RepairFlags.FOREIGN,
            None,
        )
        self.assertIn('start it', message)
        self.assertEqual(domain.findings(), broken + foreign)

    def test_image_that_is_away(self):
        domain = self.start_domain(('vda', 'vdb'))
        domain.create('first')
        domain.stop()
        hidden = domain.disks['vdb'].with_suffix('.hidden')
        os.rename(domain.disks['vdb'], hidden)
        self.assertEqual(domain.findings(), [(UNREACHABLE, 'first', 'vdb', 'first')])
        self.assertEqual(acted_on(domain.vck.repair_checkpoints(0, None)), [])
        os.rename(hidden, domain.disks['vdb'])
        self.assertEqual(domain.findings(), [])
