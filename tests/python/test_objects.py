# SPDX-License-Identifier: LGPL-2.1-or-later

"""Flags and enums, properties and notify, identity, and the death of objects."""

import os
import unittest.mock

from support import LocalBackend, VckTestCase, checkpoint_xml, domain_xml, names, settle
from gi.repository import GLib, GObject, Vck


class TestTypes(VckTestCase):
    def test_flags(self):
        self.assertTrue(issubclass(Vck.CheckpointListFlags, GObject.GFlags))
        both = Vck.CheckpointListFlags.ROOTS | Vck.CheckpointListFlags.LEAVES
        self.assertEqual(int(both), 5)
        self.assertEqual(Vck.CheckpointListFlags.ROOTS, Vck.CheckpointListFlags.DESCENDANTS)
        self.assertEqual(int(Vck.CheckpointCreateFlags.REDEFINE_VALIDATE), 4)
        self.assertEqual(int(Vck.CheckpointDeleteFlags.CHILDREN_ONLY), 4)
        self.assertEqual(int(Vck.CheckpointXmlFlags.SIZE), 4)
        self.assertEqual(int(Vck.DomainListFlags.NO_CHECKPOINT), 1 << 15)
        self.assertEqual(int(Vck.DomainUndefineFlags.CHECKPOINTS_METADATA), 16)
        self.assertEqual(int(Vck.DomainXmlFlags.SECURE), 1)
        self.assertEqual(int(Vck.ConnectionFlags.READ_ONLY), 1)

    def test_enums(self):
        self.assertTrue(issubclass(Vck.DomainState, GObject.GEnum))
        self.assertEqual(int(Vck.DomainState.SHUTOFF), 5)
        self.assertEqual(Vck.DomainState.SHUTOFF.value_nick, 'shutoff')
        self.assertEqual(Vck.Error.NO_DOMAIN_CHECKPOINT.value_nick, 'no-domain-checkpoint')


class TestProperties(VckTestCase):
    def setUp(self):
        super().setUp()
        self.connection = self.open()
        self.domain = self.define(self.connection, 'Bücher')

    def test_connection(self):
        self.assertEqual(self.connection.props.uri, self.backend.uri)
        self.assertFalse(self.connection.props.read_only)
        reader = self.open(Vck.ConnectionFlags.READ_ONLY)
        self.assertTrue(reader.props.read_only)
        self.assertEqual(reader.props.flags, Vck.ConnectionFlags.READ_ONLY)

    def test_domain(self):
        self.assertEqual(self.domain.props.name, 'Bücher')
        self.assertEqual(self.domain.props.uuid, self.domain.get_uuid())
        self.assertIs(self.domain.props.connection, self.connection)
        self.assertEqual(self.domain.props.state, Vck.DomainState.SHUTOFF)

    def test_refresh_interval(self):
        notified = []
        self.domain.connect('notify::refresh-interval', lambda *_: notified.append(1))
        self.assertEqual(self.domain.props.refresh_interval, 0)
        self.domain.props.refresh_interval = 2000
        self.domain.set_refresh_interval(2000)
        self.assertEqual(self.domain.get_refresh_interval(), 2000)
        self.assertEqual(notified, [1])

    def test_running_domain(self):
        domain = self.connection.lookup_domain_by_name('test', None)
        self.assertEqual(domain.props.state, Vck.DomainState.RUNNING)

    def test_checkpoint(self):
        before = GLib.DateTime.new_now_utc().to_unix()
        first = self.create(self.domain, 'first', description='Stand – 最初 & <mehr>')
        second = self.create(self.domain, 'second')
        after = GLib.DateTime.new_now_utc().to_unix()
        self.assertEqual(first.props.name, 'first')
        self.assertIs(first.props.domain, self.domain)
        self.assertIs(first.props.connection, self.connection)
        self.assertEqual(first.props.description, 'Stand – 最初 & <mehr>')
        self.assertIsNone(first.props.parent_name)
        self.assertEqual(second.props.parent_name, 'first')
        self.assertTrue(before <= first.props.creation_time.to_unix() <= after)
        self.assertEqual(first.get_creation_time().get_utc_offset(), 0)

    def test_notify_parent_name(self):
        first = self.create(self.domain, 'first')
        second = self.create(self.domain, 'second')
        self.assertEqual(second.props.parent_name, 'first')
        seen = []
        second.connect('notify::parent-name', lambda object, _spec: seen.append(object.props.parent_name))
        first.delete(0, None)
        self.wait_until(lambda: seen, 'notify::parent-name')
        self.assertEqual(seen, [None])

    def test_values_at_once(self):
        """What a call changed is right when it returns, though no main context has run."""
        _first, middle, last = (self.create(self.domain, name) for name in ('a', 'b', 'c'))
        middle.delete(0, None)
        self.assertEqual(last.props.parent_name, 'a')
        self.assertEqual(last.query_parent(None).props.name, 'a')
        self.domain.rename('Hefte', None)
        self.assertEqual(self.domain.props.name, 'Hefte')
        self.assertIs(self.connection.lookup_domain_by_name('Hefte', None), self.domain)

    def test_read_only_properties(self):
        for name in ('name', 'uuid', 'connection', 'state'):
            with self.subTest(name), self.assertRaises(TypeError):
                self.domain.set_property(name, None)

    def test_disk(self):
        disks = self.domain.list_disks(None)
        self.assertEqual([disk.props.target for disk in disks], ['vda', 'vdb'])
        self.assertEqual([disk.props.format for disk in disks], ['qcow2', 'qcow2'])
        self.assertTrue(disks[0].props.source.endswith('/vda.qcow2'))
        self.assertTrue(disks[0].props.trackable)
        self.assertIsNone(disks[0].props.reason)
        self.assertEqual(self.domain.count_disks(None), 2)

    def test_checkpoint_disk(self):
        checkpoint = self.create(self.domain, 'first', disks={'vdb': 'bitmap'})
        vda, vdb = checkpoint.list_disks(0, None)
        self.assertEqual([vda.props.name, vdb.props.name], ['vda', 'vdb'])
        self.assertEqual([vda.props.tracked, vdb.props.tracked], [False, True])
        self.assertEqual([vda.props.bitmap, vdb.props.bitmap], [None, 'first'])
        self.assertEqual([vda.props.size, vdb.props.size], [-1, -1])
        vda, vdb = checkpoint.list_disks(Vck.CheckpointXmlFlags.SIZE, None)
        self.assertEqual([vda.get_size(), vdb.get_size()], [-1, 0])
        self.assertEqual(checkpoint.count_disks(0, None), 2)

    def test_measure(self):
        self.create(self.domain, 'first')
        self.create(self.domain, 'second', disks={'vdb': 'bitmap'})
        disks = self.domain.measure_checkpoints(None)
        self.assertEqual([(disk.props.checkpoint, disk.props.name, disk.props.size) for disk in disks],
                         [('first', 'vda', 0), ('first', 'vdb', 0), ('second', 'vdb', 0)])
        self.assertEqual({disk.props.state for disk in disks}, {Vck.CheckpointState.READY})
        self.assertEqual(len(self.call(self.domain.measure_checkpoints_async, None)), 3)


class TestLists(VckTestCase):
    def test_domains(self):
        connection = self.open()
        self.define(connection, 'Bücher')
        self.define(connection, 'archive', uuid=None)
        self.assertEqual(names(connection.list_domains(0, None)), ['Bücher', 'archive', 'test'])
        flags = Vck.DomainListFlags
        self.assertEqual(names(connection.list_domains(flags.ACTIVE, None)), ['test'])
        self.assertEqual(connection.count_domains(flags.INACTIVE, None), 2)
        self.assertEqual(connection.count_domains(flags.ACTIVE | flags.INACTIVE, None), 3)
        self.create(connection.lookup_domain_by_name('archive', None), 'first')
        self.assertEqual(names(connection.list_domains(flags.HAS_CHECKPOINT, None)), ['archive'])
        self.assertEqual(connection.count_domains(flags.NO_CHECKPOINT, None), 2)

    def test_unnamed_checkpoints(self):
        domain = self.define(self.open())
        created = [self.create(domain, None).get_name() for _ in range(5)]
        self.assertEqual(created, sorted(set(created)))

    def test_default_uri(self):
        """None stands for $VCK_URI."""
        GLib.setenv('VCK_URI', self.backend.uri, True)
        self.addCleanup(GLib.unsetenv, 'VCK_URI')
        connection = Vck.Connection.open(None, 0, None)
        self.addCleanup(connection.close)
        self.assertEqual(connection.get_uri(), self.backend.uri)


class TestDrivers(VckTestCase):
    """Which drivers there are, and whether they can be used."""

    def find_local(self):
        return next(driver for driver in Vck.list_drivers() if driver.name == 'local')

    def test_found(self):
        self.assertEqual([driver.name for driver in Vck.list_drivers()], ['memory', 'local', 'libvirt'])
        driver = self.find_local()
        self.assertTrue(driver.available, driver.reason)
        self.assertIsNone(driver.reason)
        self.assertEqual(driver.schemes, ['local'])
        self.assertEqual([os.path.basename(tool) for tool in driver.tools], ['qemu-storage-daemon'])

    def test_missing(self):
        with unittest.mock.patch.dict(os.environ, {'PATH': '/nonexistent'}):
            driver = self.find_local()
        self.assertFalse(driver.is_available())
        self.assertIn("'qemu-storage-daemon'", driver.get_reason())
        self.assertEqual(driver.get_tools(), [])


class IdentityCases:
    """As long as an object lives, whatever leads to the same thing leads to that object."""

    def setUp(self):
        super().setUp()
        self.connection = self.open()
        self.domain = self.define(self.connection)

    def test_domain(self):
        self.assertIs(self.connection.lookup_domain_by_name('guest', None), self.domain)
        self.assertIs(self.connection.lookup_domain_by_uuid(self.domain.get_uuid(), None), self.domain)
        self.assertIs(self.connection.lookup_domain('guest'), self.domain)
        self.assertIs(self.connection.lookup_domain(self.domain.get_uuid()), self.domain)
        message = self.assertFails(Vck.Error.NO_DOMAIN, self.connection.lookup_domain, 'nosuch')
        self.assertIn("'nosuch' is neither the name nor the UUID of a domain", message)
        self.assertIn(self.domain, self.connection.list_domains(0, None))
        disks = {disk.get_target(): disk.get_source() for disk in self.domain.list_disks(None)}
        again = self.connection.define_domain_xml(domain_xml('guest', disks), None)
        self.assertIs(again, self.domain)

    def test_checkpoint(self):
        first = self.create(self.domain, 'first')
        second = self.create(self.domain, 'second')
        self.assertIs(self.domain.lookup_checkpoint('first', None), first)
        self.assertIs(second.query_parent(None), first)
        self.assertIs(first.list_children(0, None)[0], second)
        self.assertIs(self.call(self.domain.lookup_checkpoint_async, 'first', None), first)
        self.assertIsNot(first, second)

    def test_two_connections(self):
        other = self.open()
        self.assertIsNot(other, self.connection)
        self.assertIsNot(other.lookup_domain_by_name('guest', None), self.domain)

    def test_same_name_in_two_domains(self):
        self.create(self.domain, 'first')
        twin = self.connection.define_domain_xml(
            domain_xml('twin', self.backend.disks('vdc'), None), None
        )
        self.assertIsNot(self.create(twin, 'first'), self.domain.lookup_checkpoint('first', None))


class TestMemoryIdentity(IdentityCases, VckTestCase):
    pass


class TestLocalIdentity(IdentityCases, VckTestCase):
    backend_class = LocalBackend


class TestDeath(VckTestCase):
    """Nothing keeps an object alive that is no longer used."""

    def watch(self, *objects):
        """A function that returns how many of the objects still live."""
        living = {index: True for index in range(len(objects))}
        for index, each in enumerate(objects):
            each.weak_ref(living.pop, index)
        return lambda: len(living)

    def assertDie(self, living):
        def all_are_dead():
            settle()
            GLib.idle_add(lambda: False)
            return living() == 0

        self.wait_until(all_are_dead, 'the death of every object')

    def test_everything(self):
        connection = Vck.Connection.open(self.backend.uri, 0, None)
        domain = self.define(connection)
        first = self.create(domain, 'first')
        second = self.create(domain, 'second')
        disks = domain.list_disks(None) + second.list_disks(0, None)
        living = self.watch(connection, domain, first, second, *disks)
        self.assertEqual(living(), 8)
        del connection, domain, first, second, disks
        self.assertDie(living)

    def test_with_handlers(self):
        connection = Vck.Connection.open(self.backend.uri, 0, None)
        seen = []
        connection.connect('domain-added', lambda _connection, domain: seen.append(domain.get_name()))
        domain = self.define(connection)
        domain.connect('checkpoint-added', lambda _domain, cp: seen.append(cp.get_name()))
        checkpoint = self.create(domain, 'first')
        self.wait_until(lambda: seen == ['guest', 'first'], 'both signals')
        living = self.watch(connection, domain, checkpoint)
        del connection, domain, checkpoint
        self.assertDie(living)

    def test_after_async(self):
        connection = Vck.Connection.open(self.backend.uri, 0, None)
        domain = self.call(connection.define_domain_xml_async, domain_xml('guest', {'vda': '/x'}), None)
        checkpoint = self.call(domain.create_checkpoint_xml_async, checkpoint_xml('first'), 0, None)
        living = self.watch(connection, domain, checkpoint)
        del connection, domain, checkpoint
        self.assertDie(living)

    def test_after_close(self):
        connection = Vck.Connection.open(self.backend.uri, 0, None)
        domain = self.define(connection)
        connection.close()
        living = self.watch(connection, domain)
        del connection, domain
        self.assertDie(living)

    def test_child_keeps_its_ancestors(self):
        connection = Vck.Connection.open(self.backend.uri, 0, None)
        checkpoint = self.create(self.define(connection), 'first')
        del connection
        settle()
        self.assertEqual(checkpoint.get_domain().get_name(), 'guest')
        self.assertTrue(checkpoint.get_connection().is_open)
        self.assertEqual(checkpoint.get_domain().count_checkpoints(0, None), 1)
        living = self.watch(checkpoint, checkpoint.get_domain(), checkpoint.get_connection())
        del checkpoint
        self.assertDie(living)
