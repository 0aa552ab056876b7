# SPDX-License-Identifier: LGPL-2.1-or-later

"""What deleting checkpoints would do."""

import asyncio

from support import LocalBackend, VckTestCase, names
from gi.repository import Vck

Delete = Vck.CheckpointDeleteFlags


def bitmaps(plan):
    return [(each.checkpoint, each.disk, each.name, each.removed) for each in plan.list_bitmaps()]


def of(name, removed=True):
    return [(name, disk, name, removed) for disk in ('vda', 'vdb')]


class TestDeletePlan(VckTestCase):
    def setUp(self):
        super().setUp()
        self.connection = self.open()
        self.domain = self.define(self.connection)
        self.first, self.second, self.third = [self.create(self.domain, each) for each in ('first', 'second', 'third')]

    def test_between(self):
        plan = self.second.plan_delete()
        self.assertEqual(plan.list_checkpoints(), [self.second])
        self.assertEqual(bitmaps(plan), of('second'))
        for bitmap, disk in zip(plan.list_bitmaps(), self.domain.list_disks()):
            self.assertEqual(bitmap.source, disk.source)
            self.assertIsNone(bitmap.reason)
        self.assertEqual(self.domain.count_checkpoints(), 3)
        self.second.delete()
        self.assertEqual(names(self.domain.list_checkpoints()), ['first', 'third'])
        self.assertEqual(bitmaps(plan), of('second'))

    def test_children(self):
        plan = self.first.plan_delete(Delete.CHILDREN)
        self.assertEqual(plan.list_checkpoints(), [self.first, self.second, self.third])
        self.assertEqual(bitmaps(plan), of('first') + of('second') + of('third'))
        plan = asyncio.run(self.plan_children())
        self.assertEqual(plan.list_checkpoints(), [self.second, self.third])
        self.assertEqual(bitmaps(plan), of('second') + of('third'))
        self.assertEqual(self.domain.count_checkpoints(), 3)

    async def plan_children(self):
        return await self.first.plan_delete_async(Delete.CHILDREN_ONLY)

    def test_metadata(self):
        plan = self.third.plan_delete(Delete.METADATA_ONLY)
        self.assertEqual(bitmaps(plan), of('third', False))
        self.assertEqual({each.reason for each in plan.list_bitmaps()}, {'only the metadata is deleted'})
        self.third.delete(Delete.METADATA_ONLY)
        with self.assertRaises(Vck.OperationFailed):
            self.domain.plan_checkpoint(Vck.CheckpointConfig(name='third'))

    def test_read_only(self):
        reader = self.open(Vck.ConnectionFlags.READ_ONLY)
        second = reader.lookup_domain('guest').lookup_checkpoint('second')
        plan = second.plan_delete()
        self.assertEqual(plan.list_checkpoints(), [second])
        self.assertEqual(bitmaps(plan), of('second'))
        with self.assertRaises(Vck.OperationDenied):
            second.delete()

    def test_errors(self):
        plan = self.first.plan_delete()
        with self.assertRaises(Vck.InvalidArgument):
            self.first.plan_delete(Delete.CHILDREN | Delete.CHILDREN_ONLY)
        self.second.delete()
        with self.assertRaisesRegex(Vck.CheckpointNotFound, 'second'):
            self.second.plan_delete()
        self.connection.close()
        with self.assertRaises(Vck.NotConnected):
            self.first.plan_delete()
        self.assertEqual(plan.list_checkpoints(), [self.first])
        self.assertEqual(bitmaps(plan), of('first'))


class TestLocalDeletePlan(TestDeletePlan):
    backend_class = LocalBackend
