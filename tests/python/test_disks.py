# SPDX-License-Identifier: LGPL-2.1-or-later

"""The disks of domains, as lists that follow what happens."""

from support import GRANULARITY, UUID, LocalBackend, VckTestCase, domain_xml
from gi.repository import Vck


class TestDisks(VckTestCase):
    def setUp(self):
        super().setUp()
        self.connection = self.open()
        self.domain = self.define(self.connection)
        self.disks = self.domain.disks
        self.assertTrue(self.disks.load())

    def redefine(self, *targets, raw=None):
        xml = domain_xml('guest', self.backend.disks(*targets), UUID)
        if raw is not None:
            before, after = xml.split(f"<target dev='{raw}'")
            xml = f"<target dev='{raw}'".join(["type='raw'".join(before.rsplit("type='qcow2'", 1)), after])
        self.assertIs(self.connection.define_domain_xml(xml), self.domain)

    def test_follow(self):
        rows = list(self.disks)
        self.assertEqual([disk.target for disk in rows], ['vda', 'vdb'])
        self.assertEqual(rows, self.domain.list_disks())
        self.assertIs(self.disks, self.domain.disks)
        self.assertIs(self.disks.domain, self.domain)
        self.redefine('vdc', 'vdb')
        self.wait_until(lambda: [disk.target for disk in self.disks] == ['vdc', 'vdb'], 'the new disks')
        self.assertIs(self.disks[1], rows[1])
        self.assertTrue(self.call(self.disks.load_async, None))
        self.assertEqual(list(self.disks), self.domain.list_disks())

    def test_changed(self):
        disk = self.disks[1]
        seen = []
        disk.connect('notify', lambda _disk, spec: seen.append(spec.name))
        self.redefine('vda', 'vdb', raw='vdb')
        self.domain.list_disks()
        self.assertEqual((disk.trackable, disk.format, seen), (False, 'raw', []))
        self.assertIsNotNone(disk.reason)
        self.wait_until(lambda: len(seen) == 3, 'notify')
        self.assertEqual(sorted(seen), ['format', 'reason', 'trackable'])
        self.assertIs(self.disks[1], disk)

    def test_checkpoint(self):
        config = Vck.CheckpointConfig(name='first')
        config.skip('vdb')
        first = self.domain.create_checkpoint(config)
        state = Vck.CheckpointState
        for flags, expected in ((0, state.UNKNOWN), ('SIZE', state.READY)):
            disks = first.list_disks(flags)
            self.assertEqual([disk.state for disk in disks], [expected, state.UNTRACKED])
            self.assertGreater(disks[0].capacity, 0)
            self.assertEqual(disks[0].granularity, GRANULARITY)
            self.assertEqual((disks[1].capacity, disks[1].granularity, disks[1].bitmap), (-1, -1, None))
        self.assertEqual(first.state, state.READY)
        self.assertEqual([disk.name for disk in self.domain.measure_checkpoints()], ['vda'])

    def test_closed(self):
        rows = list(self.disks)
        self.connection.close()
        self.assertRaises(Vck.NotConnected, self.disks.load)
        self.wait_until(lambda: self.disks.error is not None, 'the error')
        self.assertEqual(list(self.disks), rows)


class TestDisksLocal(TestDisks):
    backend_class = LocalBackend
