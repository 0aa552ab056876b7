# SPDX-License-Identifier: LGPL-2.1-or-later

"""What is known of checkpoints: sizes, states, and since when."""

from support import GRANULARITY, LocalBackend, VckTestCase, settle
from gi.repository import GLib, Vck


class TestFigures(VckTestCase):
    def setUp(self):
        super().setUp()
        self.domain = self.define(self.open())
        self.size = GRANULARITY if self.backend.has_images else 0

    def figures(self, checkpoint):
        return checkpoint.props.size, checkpoint.props.state, checkpoint.props.measured_at is not None

    def test_unknown(self):
        first = self.create(self.domain, 'first')
        self.assertEqual(self.figures(first), (-1, Vck.CheckpointState.UNKNOWN, False))

    def test_measure(self):
        first = self.create(self.domain, 'first')
        self.backend.write('vda', 0, 1)
        second = self.create(self.domain, 'second')
        before = GLib.DateTime.new_now_utc()
        self.domain.measure_checkpoints()
        self.assertEqual(self.figures(first), (self.size, Vck.CheckpointState.READY, True))
        self.assertEqual(self.figures(second), (0, Vck.CheckpointState.READY, True))
        self.assertLessEqual(before.compare(first.props.measured_at), 0)
        self.backend.write('vdb', 0, 1)
        self.assertEqual(second.query_state(), Vck.CheckpointState.READY)
        self.assertEqual([first.get_size(), second.get_size()], [self.size, self.size])
        self.domain.verify_checkpoints()
        self.assertEqual([first.get_size(), second.get_size()], [2 * self.size, self.size])

    def test_notify(self):
        first = self.create(self.domain, 'first')
        settle()
        seen = []
        first.connect('notify', lambda object, spec: seen.append((spec.name, self.figures(object))))
        self.call(self.domain.measure_checkpoints_async, None)
        self.wait_until(lambda: len(seen) >= 3, 'notify')
        known = (0, Vck.CheckpointState.READY, True)
        self.assertEqual(sorted(seen, key=lambda one: one[0]),
                         [('measured-at', known), ('size', known), ('state', known)])

    def test_identity(self):
        first = self.create(self.domain, 'first')
        own = self.create(self.domain, 'vck.0a1b2c3d.20261127T075307.120667Z-1fae9c02')
        self.assertTrue(GLib.uuid_string_is_valid(first.props.uuid))
        self.assertNotEqual(first.props.uuid, own.get_uuid())
        self.assertIsNone(first.props.owner)
        self.assertEqual([own.props.owner, own.get_owner()], ['0a1b2c3d', '0a1b2c3d'])


class TestFiguresLocal(TestFigures):
    backend_class = LocalBackend
