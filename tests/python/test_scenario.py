# SPDX-License-Identifier: LGPL-2.1-or-later

"""The eleven-step scenario of tests/languages/scenario.md, in Python."""

import unittest
import xml.etree.ElementTree as ElementTree

from support import GRANULARITY, UUID, LocalBackend, VckTestCase, checkpoint_xml, names
from gi.repository import Vck

NAME = 'Bücher'
DESCRIPTION = 'Erster Stand – 最初'
MIB = 1024 * 1024


class Scenario:
    """Each step builds on the one before; see the table in scenario.md."""

    def test_scenario(self):
        connection = self.step_1_open()
        domain = self.step_2_define(connection)
        first, second, third = self.step_3_create(connection, domain)
        self.step_4_list(domain, [first, second, third])
        self.step_5_look_up(domain, second)
        self.step_6_parent(first, second, third)
        self.step_7_children(first, second, third)
        self.step_8_xml(third)
        self.step_9_changed_blocks(first, third)
        self.step_10_delete(domain, first, second, third)
        self.step_11_error(connection, domain)

    def step_1_open(self):
        connection = self.open()
        self.assertTrue(connection.is_open)
        self.assertFalse(connection.is_read_only())
        self.assertEqual(connection.get_uri(), self.backend.uri)
        return connection

    def step_2_define(self, connection):
        domain = self.define(connection, NAME)
        self.assertEqual(domain.get_name(), NAME)
        self.assertEqual(domain.get_uuid(), UUID)
        self.assertEqual(domain.query_state(None), Vck.DomainState.SHUTOFF)
        disks = domain.list_disks(None)
        self.assertEqual([disk.get_target() for disk in disks], ['vda', 'vdb'])
        self.assertEqual([disk.get_reason() for disk in disks], [None, None])
        self.assertTrue(all(disk.is_trackable() for disk in disks))
        self.assertEqual(domain.count_checkpoints(0, None), 0)
        return domain

    def step_3_create(self, connection, domain):
        first = self.create(domain, 'first', description=DESCRIPTION)
        self.backend.write('vda', 0, MIB)
        second = self.create(domain, 'second')
        self.backend.write('vdb', 5 * MIB + 17, 1)
        third = self.create(domain, 'third')
        self.backend.write('vda', 8 * MIB, 3 * GRANULARITY)
        self.assertEqual(names([first, second, third]), ['first', 'second', 'third'])
        self.assertEqual(first.get_description(), DESCRIPTION)
        self.assertIsNone(second.get_description())
        self.assertIs(third.get_domain(), domain)
        self.assertIs(third.get_connection(), connection)
        return first, second, third

    def step_4_list(self, domain, expected):
        flags = Vck.CheckpointListFlags
        self.assertEqual(domain.list_checkpoints(flags.TOPOLOGICAL, None), expected)
        self.assertEqual(names(domain.list_checkpoints(flags.ROOTS, None)), ['first'])
        self.assertEqual(names(domain.list_checkpoints(flags.LEAVES, None)), ['third'])
        self.assertEqual(domain.count_checkpoints(0, None), 3)
        self.assertEqual(domain.count_checkpoints(flags.NO_LEAVES, None), 2)

    def step_5_look_up(self, domain, second):
        self.assertIs(domain.lookup_checkpoint('second', None), second)

    def step_6_parent(self, first, second, third):
        self.assertIs(third.query_parent(None), second)
        self.assertEqual(third.get_parent_name(), 'second')
        self.assertFails(Vck.Error.NO_DOMAIN_CHECKPOINT, first.query_parent, None)
        self.assertIsNone(first.get_parent_name())

    def step_7_children(self, first, second, third):
        flags = Vck.CheckpointListFlags
        self.assertEqual(first.list_children(0, None), [second])
        below = first.list_children(flags.DESCENDANTS | flags.TOPOLOGICAL, None)
        self.assertEqual(below, [second, third])
        self.assertEqual(first.count_children(flags.DESCENDANTS, None), 2)
        self.assertEqual(third.list_children(0, None), [])

    def step_8_xml(self, third):
        flags = Vck.CheckpointXmlFlags
        whole = ElementTree.fromstring(third.get_xml_desc(0, None))
        self.assertEqual(whole.findtext('name'), 'third')
        self.assertEqual(whole.findtext('parent/name'), 'second')
        self.assertEqual([disk.get('name') for disk in whole.iter('disk') if disk.get('name')], ['vda', 'vdb'])
        self.assertEqual(whole.findtext('domain/name'), NAME)
        brief = ElementTree.fromstring(third.get_xml_desc(flags.SIZE | flags.NO_DOMAIN, None))
        self.assertIsNone(brief.find('domain'))
        sizes = [int(disk.get('size')) for disk in brief.iter('disk')]
        self.assertEqual(sizes, self.written(vda=3 * GRANULARITY, vdb=0))

    def step_9_changed_blocks(self, first, third):
        both = Vck.ExtentFlags.DIRTY | Vck.ExtentFlags.DATA
        early = (0, MIB, both)
        late = (8 * MIB, 3 * GRANULARITY, both)
        self.assertEqual(self.extents(first.list_extents('vda', 0, None)), self.if_written(early, late))
        listed = self.call(first.list_extents_async, 'vda', 0, None)
        self.assertEqual(self.extents(listed), self.if_written(early, late))
        self.assertEqual(self.extents(third.list_extents('vda', 0, None)), self.if_written(late))
        self.assertEqual(third.list_extents('vdb', 0, None), [])
        brief = third.list_extents('vda', Vck.ExtentsFlags.NO_ZERO, None)
        self.assertEqual([extent.flags for extent in brief], self.if_written(Vck.ExtentFlags.DIRTY))
        cursor = first.open_extents('vda', 0, None)
        read = list(iter(lambda: self.extents(cursor.read(1, None)), []))
        self.assertEqual(read, self.if_written([early], [late]))
        self.assertEqual(cursor.props.dirty_bytes, sum(self.if_written(MIB, 3 * GRANULARITY)))
        self.assertEqual(cursor.props.zero_bytes, 0)
        self.assertFails(Vck.Error.INVALID_ARG, first.list_extents, 'vdz', 0, None)

    def step_10_delete(self, domain, first, second, third):
        self.assertTrue(second.delete(0, None))
        self.assertEqual(domain.count_checkpoints(0, None), 2)
        self.assertEqual(first.list_children(0, None), [third])
        self.assertIs(third.query_parent(None), first)
        self.wait_until(lambda: third.get_parent_name() == 'first', 'the new parent')
        self.assertEqual(self.sizes(first), self.written(vda=MIB + 3 * GRANULARITY, vdb=GRANULARITY))
        self.assertEqual(self.sizes(third), self.written(vda=3 * GRANULARITY, vdb=0))

    def step_11_error(self, connection, domain):
        message = self.assertFails(Vck.Error.NO_DOMAIN_CHECKPOINT, domain.lookup_checkpoint, 'second', None)
        self.assertIn("'second'", message)
        message = self.assertFails(
            Vck.Error.CHECKPOINT_EXISTS, domain.create_checkpoint_xml, checkpoint_xml('first'), 0, None
        )
        self.assertIn("'first'", message)
        message = self.assertFails(Vck.Error.OPERATION_INVALID, domain.undefine, 0, None)
        self.assertIn(NAME, message)
        self.assertTrue(domain.undefine(Vck.DomainUndefineFlags.CHECKPOINTS_METADATA, None))
        self.assertFails(Vck.Error.NO_DOMAIN, connection.lookup_domain_by_name, NAME, None)

    def sizes(self, checkpoint):
        return [disk.get_size() for disk in checkpoint.list_disks(Vck.CheckpointXmlFlags.SIZE, None)]

    @staticmethod
    def extents(extents):
        return [(extent.offset, extent.length, extent.flags) for extent in extents]

    def if_written(self, *items):
        """On memory: nothing writes."""
        return list(items) if self.backend.has_images else []

    def written(self, vda, vdb):
        """What the sizes must be: on memory: nothing writes."""
        return [vda, vdb] if self.backend.has_images else [0, 0]


class TestMemoryScenario(Scenario, VckTestCase):
    pass


class TestLocalScenario(Scenario, VckTestCase):
    backend_class = LocalBackend


if __name__ == '__main__':
    unittest.main()
