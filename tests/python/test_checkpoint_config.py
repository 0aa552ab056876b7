# SPDX-License-Identifier: LGPL-2.1-or-later

"""Checkpoints that are created from a configuration instead of XML."""

import asyncio

from support import LocalBackend, VckTestCase, checkpoint_xml
from gi.repository import GObject, Vck


def tracked(checkpoint):
    return {disk.name: disk.bitmap for disk in checkpoint.list_disks()}


class TestConfig(VckTestCase):
    def setUp(self):
        super().setUp()
        self.domain = self.define(self.open())

    def test_nothing(self):
        first = self.domain.create_checkpoint()
        second = self.domain.create_checkpoint(Vck.CheckpointConfig())
        self.assertLess(first.name, second.name)
        self.assertEqual(tracked(first), {'vda': first.name, 'vdb': first.name})

    def test_disks(self):
        config = Vck.CheckpointConfig(name='first', description='a < b & c')
        config.skip('vda')
        first = self.domain.create_checkpoint(config)
        self.assertEqual((first.name, first.description), ('first', 'a < b & c'))
        self.assertEqual(tracked(first), {'vda': None, 'vdb': 'first'})
        config.name = 'second'
        config.track('vda', 'other')
        self.assertEqual(tracked(self.domain.create_checkpoint(config)), {'vda': 'other', 'vdb': 'second'})
        config.name = 'third'
        config.track('vda')
        config.disk_policy = Vck.DiskPolicy.LISTED
        self.assertEqual(tracked(self.domain.create_checkpoint(config)), {'vda': 'third', 'vdb': None})

    def test_plan(self):
        config = Vck.CheckpointConfig(name='first')
        config.skip('vda')
        plan = self.domain.plan_checkpoint(config)
        self.assertEqual(plan.name, 'first')
        disks = plan.list_disks()
        self.assertEqual([(disk.target, disk.tracked, disk.bitmap) for disk in disks],
                         [('vda', False, None), ('vdb', True, 'first')])
        self.assertEqual([disk.reason for disk in disks], ['the configuration leaves it out', None])
        self.assertEqual(self.domain.count_checkpoints(), 0)
        self.assertEqual(tracked(self.domain.create_checkpoint(config)), {'vda': None, 'vdb': 'first'})
        with self.assertRaises(Vck.CheckpointExists):
            self.domain.plan_checkpoint(config)
        plan = asyncio.run(self.plan_nothing())
        self.assertIsNone(plan.name)
        self.assertEqual([(disk.is_tracked(), disk.bitmap) for disk in plan.list_disks()], [(True, None)] * 2)

    async def plan_nothing(self):
        return await self.domain.plan_checkpoint_async()

    def test_list(self):
        config = Vck.CheckpointConfig()
        config.track('vda')
        config.skip('vdb')
        self.assertEqual(len(config.disks), 2)
        self.assertEqual([(each.target, each.tracked) for each in config.disks], [('vda', True), ('vdb', False)])
        self.assertIsNone(config.disks[0].bitmap)

    def test_xml(self):
        config = Vck.CheckpointConfig.new_from_xml(checkpoint_xml('a', 'b', {'vda': 'bitmap', 'vdb': 'no'}))
        self.assertIs(type(config), Vck.CheckpointConfig)
        self.assertEqual((config.name, config.description, config.disk_policy), ('a', 'b', Vck.DiskPolicy.LISTED))
        again = Vck.CheckpointConfig.new_from_xml(config.to_xml())
        self.assertEqual([each.target for each in again.disks], ['vda', 'vdb'])
        self.assertEqual(repr(again), "<Vck.CheckpointConfig description='b' disk_policy=listed name='a'>")
        self.assertEqual(self.domain.create_checkpoint_xml(config.to_xml()).name, 'a')

    def test_errors(self):
        with self.assertRaises(Vck.XmlError):
            Vck.CheckpointConfig.new_from_xml('<domaincheckpoint>')
        config = Vck.CheckpointConfig()
        with self.assertRaises(Vck.OperationInvalid):
            config.to_xml()
        config.track('vdz')
        with self.assertRaisesRegex(Vck.ConfigUnsupported, "'vdz'"):
            self.domain.create_checkpoint(config)
        self.domain.create_checkpoint(Vck.CheckpointConfig(name='first'))
        with self.assertRaises(Vck.CheckpointExists):
            self.domain.create_checkpoint(Vck.CheckpointConfig(name='first'))

    def test_await(self):
        async def create():
            config = Vck.CheckpointConfig(name='first')
            call = self.domain.create_checkpoint_async(config)
            config.name = 'later'
            return await call

        self.assertEqual(asyncio.run(create()).name, 'first')

    def test_notify(self):
        config = Vck.CheckpointConfig()
        notified = []
        config.connect('notify', lambda _, pspec: notified.append(pspec.name))
        config.name = 'a'
        config.name = 'a'
        config.disk_policy = Vck.DiskPolicy.ALL
        self.assertEqual(notified, ['name', 'disk-policy'])
        for pspec in GObject.list_properties(Vck.CheckpointConfig):
            self.assertTrue(pspec.nick != pspec.name and pspec.blurb, pspec.name)


class TestLocalConfig(TestConfig):
    backend_class = LocalBackend
