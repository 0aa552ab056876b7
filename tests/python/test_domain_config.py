# SPDX-License-Identifier: LGPL-2.1-or-later

"""Domains that are defined from a configuration instead of XML."""

import asyncio

from support import UUID, LocalBackend, VckTestCase, domain_xml
from gi.repository import GObject, Vck


class TestConfig(VckTestCase):
    def test_images(self):
        images = [str(path) for path in self.backend.disks('vda', 'vdb').values()]
        domain = self.open().define_domain(Vck.DomainConfig.new_from_images(images))
        self.assertEqual(domain.name, 'vda')
        self.assertEqual({disk.target: disk.source for disk in domain.list_disks()}, {'vda': images[0], 'vdb': images[1]})
        self.assertEqual(domain.create_checkpoint().domain, domain)

    def test_disks(self):
        config = Vck.DomainConfig(name='guest', uuid=UUID)
        for target, path in self.backend.disks('vda', 'vdb').items():
            config.add_disk(target, str(path))
        config.add_disk('vdc', '/nonexistent/c', 'raw')
        domain = self.open().define_domain(config)
        self.assertEqual((domain.name, domain.uuid), ('guest', UUID))
        self.assertEqual([disk.trackable for disk in domain.list_disks()], [True, True, False])

    def test_await(self):
        connection = self.open()

        async def define():
            config = Vck.DomainConfig(name='first')
            call = connection.define_domain_async(config)
            config.name = 'later'
            return await call

        self.assertEqual(asyncio.run(define()).name, 'first')

    def test_list(self):
        config = Vck.DomainConfig.new_from_images(['/a.qcow2'])
        config.add_disk('sda', '/dev/b', 'raw')
        self.assertEqual(
            [(disk.target, disk.source, disk.format) for disk in config.disks],
            [('vda', '/a.qcow2', 'qcow2'), ('sda', '/dev/b', 'raw')],
        )

    def test_xml(self):
        config = Vck.DomainConfig.new_from_xml(domain_xml('a', {'vda': '/a.qcow2'}, qmp='/q'))
        self.assertIs(type(config), Vck.DomainConfig)
        self.assertEqual((config.name, config.uuid, config.qmp_socket, config.agent_socket), ('a', UUID, '/q', None))
        again = Vck.DomainConfig.new_from_xml(config.to_xml())
        self.assertEqual([disk.target for disk in again.disks], ['vda'])
        self.assertEqual(self.open().define_domain_xml(config.to_xml()).name, 'a')

    def test_errors(self):
        connection = self.open()
        with self.assertRaises(Vck.XmlError):
            Vck.DomainConfig.new_from_xml('<domain>')
        with self.assertRaises(Vck.XmlInvalidSchema):
            Vck.DomainConfig().to_xml()
        connection.define_domain(Vck.DomainConfig(name='a', uuid=UUID))
        with self.assertRaisesRegex(Vck.DomainExists, "'b'|'a'"):
            connection.define_domain(Vck.DomainConfig(name='b', uuid=UUID))

    def test_nicks(self):
        for pspec in GObject.list_properties(Vck.DomainConfig):
            self.assertTrue(pspec.nick != pspec.name and pspec.blurb, pspec.name)


class TestLocalConfig(TestConfig):
    backend_class = LocalBackend
