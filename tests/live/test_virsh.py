# SPDX-License-Identifier: LGPL-2.1-or-later

"""virsh and Vck see each other's work."""

from host import LiveTestCase
from support import names, settle
from gi.repository import Vck


class TestVirsh(LiveTestCase):
    def setUp(self):
        super().setUp()
        self.domain = self.shared_domain()
        self.seen = []

    def follow(self):
        """Notes every signal about checkpoints from here on."""
        for signal in ('checkpoint-added', 'checkpoint-removed'):
            handler = self.domain.vck.connect(signal, self.note, signal)
            self.addCleanup(self.domain.vck.disconnect, handler)

    def note(self, _domain, checkpoint, signal):
        self.seen.append((signal, checkpoint.get_name()))

    def lookup(self, name):
        return self.domain.vck.lookup_checkpoint(name, None)

    def assertSeen(self, *expected):
        self.wait_until(lambda: len(self.seen) >= len(expected), f'{expected}')
        settle()
        self.assertEqual(self.seen, list(expected))
        self.seen.clear()

    def test_made_by_vck(self):
        for name in ('first', 'second', 'third'):
            self.domain.create(name)
        tree = self.domain.virsh('checkpoint-list', '--tree').split()
        self.assertEqual([word for word in tree if word.isalpha()], ['first', 'second', 'third'])
        listed = self.domain.virsh('checkpoint-list', '--topological', '--name').split()
        self.assertEqual(listed, ['first', 'second', 'third'])
        self.assertEqual(self.domain.virsh('checkpoint-parent', 'third').strip(), 'second')
        second = self.lookup('second')
        text = self.domain.virsh('checkpoint-dumpxml', 'second', '--no-domain')
        self.assertEqual(text, second.get_xml_desc(Vck.CheckpointXmlFlags.NO_DOMAIN, None))

    def test_made_by_virsh(self):
        self.domain.virsh('checkpoint-create-as', 'first', '--description', 'Stand – 最初')
        self.domain.virsh('checkpoint-create-as', 'second', '--diskspec', 'vdb')
        self.assertChain(self.domain, ['first', 'second'])
        self.assertEqual(self.lookup('first').get_description(), 'Stand – 最初')
        disks = self.lookup('second').list_disks(0, None)
        tracked = {each.get_name(): each.is_tracked() for each in disks}
        self.assertEqual(tracked, {'vda': False, 'vdb': True})

    def test_deleted_by_virsh(self):
        for name in ('first', 'second', 'third'):
            self.domain.create(name)
        second = self.lookup('second')
        self.domain.virsh('checkpoint-delete', 'second')
        self.assertChain(self.domain, ['first', 'third'])
        for call, *arguments in ((second.get_xml_desc, 0, None), (self.lookup, 'second')):
            message = self.assertFails(Vck.Error.NO_DOMAIN_CHECKPOINT, call, *arguments)
            self.assertIn("'second'", message)
        self.assertEqual(self.domain.bitmaps('vda'), ['first', 'third'])

    def test_deleted_by_vck(self):
        for name in ('first', 'second', 'third'):
            self.domain.virsh('checkpoint-create-as', name)
        self.lookup('first').delete(Vck.CheckpointDeleteFlags.CHILDREN, None)
        self.assertEqual(self.domain.virsh('checkpoint-list', '--name').split(), [])
        self.assertEqual(self.domain.bitmaps('vdb'), [])

    def test_own_signals(self):
        self.follow()
        self.domain.create('first')
        self.domain.create('second')
        self.lookup('first').delete(0, None)
        self.assertSeen(
            ('checkpoint-added', 'first'),
            ('checkpoint-added', 'second'),
            ('checkpoint-removed', 'first'),
        )
        self.domain.vck.refresh(None)
        self.assertSeen()

    def test_signals_of_a_refresh(self):
        self.follow()
        self.domain.virsh('checkpoint-create-as', 'first')
        self.domain.virsh('checkpoint-create-as', 'second')
        self.assertSeen()
        self.domain.vck.refresh(None)
        self.assertSeen(('checkpoint-added', 'first'), ('checkpoint-added', 'second'))
        second = self.lookup('second')
        self.assertEqual(second.get_parent_name(), 'first')
        self.domain.virsh('checkpoint-delete', 'first')
        self.domain.vck.refresh(None)
        self.assertSeen(('checkpoint-removed', 'first'))
        self.assertIsNone(second.get_parent_name())

    def test_signals_of_a_list(self):
        self.follow()
        self.domain.virsh('checkpoint-create-as', 'first')
        self.assertEqual(names(self.domain.vck.list_checkpoints(0, None)), ['first'])
        self.assertSeen(('checkpoint-added', 'first'))

    def test_signals_in_the_background(self):
        self.follow()
        self.addCleanup(self.domain.vck.set_refresh_interval, 0)
        self.domain.vck.set_refresh_interval(20)
        self.domain.virsh('checkpoint-create-as', 'first')
        self.assertSeen(('checkpoint-added', 'first'))
        self.domain.virsh('checkpoint-create-as', 'second')
        self.assertSeen(('checkpoint-added', 'second'))
        self.domain.virsh('checkpoint-delete', 'first')
        self.assertSeen(('checkpoint-removed', 'first'))
        self.assertEqual(names(self.domain.vck.list_checkpoints(0, None)), ['second'])
