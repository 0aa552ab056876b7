# SPDX-License-Identifier: LGPL-2.1-or-later

"""What the override of PyGObject adds: defaults, keywords, flags by name, attributes, exceptions, with."""

import datetime
import enum
import inspect
import pathlib
import tempfile
import unittest
import unittest.mock

from support import LocalBackend, VckTestCase, checkpoint_xml
from gi.repository import Gio, GLib, GObject, Vck
from gi.overrides import _vck_calls


class TestCalls(VckTestCase):
    def setUp(self):
        super().setUp()
        self.connection = Vck.Connection.open(self.backend.uri)
        self.addCleanup(self.connection.close)
        self.domain = self.define(self.connection)

    def test_lists(self):
        created = [self.domain.create_checkpoint_xml(checkpoint_xml(name)) for name in ('a', 'b', 'c')]
        checkpoints = self.domain.checkpoints
        self.assertIs(self.domain.checkpoints, checkpoints)
        self.assertEqual(len(checkpoints), 0)
        self.assertTrue(checkpoints.load())
        self.assertIs(checkpoints.error, None)
        self.assertIs(checkpoints.loading, False)
        self.assertEqual(len(checkpoints), 3)
        self.assertEqual([each.name for each in checkpoints], ['a', 'b', 'c'])
        self.assertIs(checkpoints[0], created[0])
        self.assertIs(checkpoints[-1], created[2])
        self.assertEqual(checkpoints[1:], created[1:])
        self.assertIn(created[1], checkpoints)
        self.assertIs(created[0].parent, None)
        self.assertIs(created[2].parent, created[1])
        roots, children = self.domain.root_checkpoints, created[1].children
        self.assertEqual(list(roots), [created[0]])
        self.assertEqual(list(children), [created[2]])
        self.assertIs(children.parent, created[1])
        self.assertEqual(list(created[2].children), [])
        created[1].delete()
        checkpoints.load()
        self.assertEqual(list(created[0].children), [created[2]])
        self.assertEqual(list(children), [])
        self.assertNotIn(created[1], checkpoints)
        domains = self.connection.domains
        domains.load()
        self.assertIn(self.domain, domains)
        self.connection.close()
        with self.assertRaises(Vck.NotConnected):
            domains.load()
        self.assertIn('closed', domains.error.message)
        self.assertIn(self.domain, domains)

    def test_defaults(self):
        first = self.domain.create_checkpoint_xml(checkpoint_xml('first'))
        self.assertEqual(self.domain.list_checkpoints(), [first])
        self.assertIs(self.domain.lookup_checkpoint('first'), first)
        self.assertEqual(len(self.connection.list_domains()), 2)
        self.assertTrue(first.delete())

    def test_keywords(self):
        flags = Vck.CheckpointListFlags
        first = self.domain.create_checkpoint_xml(xml_desc=checkpoint_xml('first'), cancellable=None)
        self.assertEqual(self.domain.list_checkpoints(flags=flags.ROOTS), [first])
        self.assertEqual(self.domain.list_checkpoints(cancellable=Gio.Cancellable()), [first])
        reader = Vck.Connection.open(self.backend.uri, flags='READ_ONLY')
        self.assertTrue(reader.is_read_only())
        reader.close()

    def test_wrong_calls(self):
        create = self.domain.create_checkpoint_xml
        for given, keywords, expected in (
            ((), {}, r"create_checkpoint_xml\(\) lacks the argument 'xml_desc'"),
            (('x', 0, None, None), {}, 'takes 3 arguments, not 4'),
            (('x',), {'xml_desc': 'y'}, "several values for the argument 'xml_desc'"),
            (('x',), {'flag': 0}, "no argument 'flag'"),
        ):
            with self.assertRaisesRegex(TypeError, expected):
                create(*given, **keywords)

    def test_flags(self):
        for name in 'first', 'second':
            self.create(self.domain, name)
        flags = Vck.CheckpointListFlags
        for value in (
            flags.LEAVES | flags.TOPOLOGICAL,
            6,
            ('LEAVES', 'TOPOLOGICAL'),
            [flags.LEAVES, 'topological'],
        ):
            self.assertEqual([each.name for each in self.domain.list_checkpoints(value)], ['second'])
        self.assertEqual(self.domain.count_checkpoints('no-leaves'), 1)

    def test_no_flags(self):
        members = [getattr(Vck, name) for name in dir(Vck)]
        kinds = [each for each in members if isinstance(each, type) and issubclass(each, GObject.GFlags)]
        self.assertIn(Vck.RepairFlags, kinds)
        for kind in kinds:
            self.assertEqual((int(kind.NONE), kind.NONE), (0, kind(0)), kind)
        self.create(self.domain, 'first')
        for value in Vck.CheckpointListFlags.NONE, 'none', 0, ():
            self.assertEqual(len(self.domain.list_checkpoints(value)), 1)

    def test_wrong_flags(self):
        expected = "'SORTED' is not one of Vck.CheckpointListFlags: DESCENDANTS, LEAVES, NONE, NO_LEAVES"
        with self.assertRaisesRegex(ValueError, expected):
            self.domain.list_checkpoints('SORTED')
        with self.assertRaisesRegex(ValueError, "'READONLY' is not one of Vck.ConnectionFlags: NONE, READ_ONLY"):
            Vck.Connection.open(self.backend.uri, 'READONLY')
        for wrong in (Vck.DomainListFlags.ACTIVE, True, 1.5, None, [None]):
            with self.assertRaises(TypeError):
                self.domain.list_checkpoints(wrong)
        with self.assertRaises(Vck.InvalidArgument):
            self.domain.list_checkpoints(1 << 20)

    def test_nul(self):
        """PyGObject alone passes on what is before it."""
        config = Vck.CheckpointConfig()
        guest = Vck.DomainConfig()
        for call, *arguments in (
            (self.domain.lookup_checkpoint, 'a\0b'),
            (self.connection.lookup_domain_by_name_async, 'guest\0'),
            (Vck.Connection.open, f'{self.backend.uri}\0'),
            (Vck.Connection.new, f'{self.backend.uri}\0'),
            (Vck.Repository.open, pathlib.Path('a\0b')),
            (config.track, 'vda\0'),
            (config.set_name, 'a\0b'),
            (setattr, config, 'name', 'a\0b'),
            (Vck.DomainConfig.new, 'a\0b'),
            (Vck.DomainConfig.new_from_images, ['/a.qcow2', '/b\0.qcow2']),
            (Vck.CheckpointConfig.new_from_xml, '<domaincheckpoint/>\0'),
        ):
            with self.subTest(call=call), self.assertRaisesRegex(ValueError, 'must not contain the character NUL'):
                call(*arguments)
        for set_text in (
            lambda: Vck.CheckpointConfig(name='a\0b'),
            lambda: Vck.DomainConfig(qmp_socket='/a\0b'),
            lambda: Vck.Connection(uri=f'{self.backend.uri}\0'),
            lambda: config.set_property('name', 'a\0b'),
            lambda: config.set_properties(description='wrong', name='a\0b'),
            lambda: setattr(config.props, 'name', 'a\0b'),
            lambda: setattr(guest, 'qmp_socket', '/a\0b'),
        ):
            with self.assertRaisesRegex(ValueError, 'must not contain the character NUL'):
                set_text()
        self.assertEqual((config.name, config.description, len(config.disks)), (None, None, 0))
        self.assertIsNone(guest.qmp_socket)

    def test_set_properties(self):
        """In each way that PyGObject has."""
        seen = []
        config = Vck.CheckpointConfig(name='monday', description=None)
        config.connect('notify::name', lambda config, _spec: seen.append(config.name))
        config.set_property('name', 'tuesday')
        config.set_properties(name='wednesday', disk_policy=Vck.DiskPolicy.LISTED)
        config.props.name = 'thursday'
        config.name = None
        self.assertEqual(seen, ['tuesday', 'wednesday', 'thursday', None])
        self.assertEqual(config.props.disk_policy, Vck.DiskPolicy.LISTED)
        self.assertIn('disk_policy', dir(config.props))
        self.assertEqual([spec.name for spec in config.props], [spec.name for spec in Vck.CheckpointConfig.props])
        with self.assertRaises(AttributeError):
            config.props.color = 'blue'
        with self.assertRaises(TypeError):
            Vck.CheckpointConfig(color='blue')

    def test_subclass(self):
        """It is refused before GObject is asked, which prints a warning."""
        classes = [getattr(Vck, name) for name in dir(Vck)]
        kinds = [each for each in classes if isinstance(each, type) and issubclass(each, GObject.Object)]
        self.assertIn(Vck.Domain, kinds)
        for kind in kinds:
            with self.assertRaisesRegex(TypeError, f'^Vck.{kind.__name__} is final and cannot have a subclass; keep its object'):
                type('Own', (kind,), {})

    def test_attributes(self):
        checkpoint = self.create(self.domain, 'first', description='Vor dem Umzug')
        self.assertEqual(checkpoint.name, 'first')
        self.assertEqual(checkpoint.description, 'Vor dem Umzug')
        self.assertIs(checkpoint.domain, self.domain)
        self.assertIsNone(checkpoint.parent_name)
        self.assertEqual([disk.target for disk in self.domain.list_disks()], ['vda', 'vdb'])
        self.assertEqual(self.domain.state, Vck.DomainState.SHUTOFF)
        self.domain.refresh_interval = 60
        self.assertEqual(self.domain.props.refresh_interval, 60)
        with self.assertRaises(AttributeError):
            checkpoint.name = 'other'

    def test_time(self):
        before = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
        created = self.create(self.domain, 'first').creation_time
        self.assertEqual(created.tzinfo, datetime.timezone.utc)
        self.assertLessEqual(before, created)
        self.assertLess(created - before, datetime.timedelta(minutes=10))

    def test_repr(self):
        checkpoint = self.create(self.domain, 'first')
        self.assertEqual(repr(self.connection), f'<Vck.Connection {self.backend.uri!r} open>')
        self.assertEqual(repr(self.domain), "<Vck.Domain 'guest' shutoff>")
        self.assertEqual(repr(checkpoint), "<Vck.Checkpoint 'first' of 'guest'>")
        self.assertEqual(
            repr(checkpoint.list_disks('SIZE')[0]),
            "<Vck.CheckpointDisk bitmap='first' capacity=1073741824 checkpoint='first' granularity=65536"
            " name='vda' size=0 state=ready tracked=True>",
        )
        self.connection.close()
        self.assertEqual(repr(self.connection), f'<Vck.Connection {self.backend.uri!r} closed>')
        self.assertEqual(repr(Vck.Domain()), '<Vck.Domain None nostate>')
        self.assertEqual(repr(Vck.Checkpoint()), '<Vck.Checkpoint None of None>')

    def test_repr_of_flags(self):
        """Those of a later version are shown as their number."""
        extent = Vck.Extent()
        for flags, expected in ((0, 'none'), (5, 'dirty|data'), (1 << 20, '1048576')):
            extent.flags = Vck.ExtentFlags(flags)
            self.assertEqual(repr(extent), f'<Vck.Extent 0+0 {expected}>')

    def test_every_class_has_a_repr(self):
        for name in dir(Vck):
            item = getattr(Vck, name)
            if isinstance(item, type) and issubclass(item, Gio.Cancellable.__mro__[1]):
                self.assertRegex(repr(item()), rf'^<Vck\.{name}\b')

    def test_exceptions(self):
        with self.assertRaises(Vck.CheckpointNotFound) as caught:
            self.domain.lookup_checkpoint('nosuch')
        error = caught.exception
        self.assertIsInstance(error, Vck.Error)
        self.assertIsInstance(error, GLib.Error)
        self.assertEqual(str(error), error.message)
        self.assertEqual(repr(error), f'Vck.CheckpointNotFound({error.message!r})')
        self.assertEqual(error.code, Vck.Error.NO_DOMAIN_CHECKPOINT)
        self.assertTrue(error.matches(Vck.error_quark(), Vck.Error.NO_DOMAIN_CHECKPOINT))
        self.assertEqual(error.libvirt_code, 0)
        self.create(self.domain, 'first')
        with self.assertRaises(Vck.CheckpointExists):
            self.create(self.domain, 'first')
        with self.assertRaises(Vck.DomainNotFound):
            self.connection.lookup_domain_by_name('nosuch')

    def test_every_code_has_a_class(self):
        codes = [getattr(Vck.ErrorCode, name) for name in dir(Vck.ErrorCode)]
        codes = [code for code in codes if isinstance(code, Vck.ErrorCode)]
        self.assertIn(Vck.ErrorCode.CHECKPOINT_EXISTS, codes)
        from gi.overrides import _vck_errors

        self.assertEqual(set(_vck_errors.CLASSES), set(codes))
        self.assertEqual(len(set(_vck_errors.CLASSES.values())), len(codes))

    def test_exception_of_callback(self):
        with self.assertRaises(Vck.CheckpointNotFound):
            self.call(self.domain.lookup_checkpoint_async, 'nosuch', None)

    def test_cancelled(self):
        cancellable = Gio.Cancellable()
        cancellable.cancel()
        with self.assertRaises(Vck.Cancelled) as caught:
            self.domain.list_checkpoints(cancellable=cancellable)
        self.assertTrue(caught.exception.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))

    def test_with(self):
        with Vck.Connection.open(self.backend.uri) as connection:
            self.assertTrue(connection.is_open)
        self.assertFalse(connection.is_open)
        with self.assertRaises(ZeroDivisionError):
            with Vck.Connection.open(self.backend.uri) as connection:
                1 / 0
        self.assertFalse(connection.is_open)
        with self.assertRaises(Vck.NotConnected):
            connection.list_domains()

    def test_constructor(self):
        connection = Vck.Connection(uri=self.backend.uri, flags='READ_ONLY')
        self.assertTrue(connection.init())
        self.assertTrue(connection.is_read_only())
        self.assertEqual(connection.flags, Vck.ConnectionFlags.READ_ONLY)
        connection.close()
        self.assertEqual(Vck.Connection.new(self.backend.uri).uri, self.backend.uri)

    def test_help(self):
        shown = str(inspect.signature(Vck.Domain.create_checkpoint_xml))
        self.assertEqual(shown, '(self, xml_desc, flags=0, cancellable=None)')
        self.assertIn('Fails with', Vck.Domain.create_checkpoint_xml.__doc__)
        self.assertIn('name', Vck.Checkpoint.name.__doc__)
        for name in 'Connection', 'Domain', 'Extent', 'Repository':
            self.assertGreater(len(getattr(Vck, name).__doc__), 30)


class LaterFlags(enum.IntFlag):
    """Flags as PyGObject has them from 3.51 on."""

    NONE = 0
    FIRST = 1
    SECOND = 2
    BOTH = 3
    FORMER = 1


class TestLaterPyGObject(unittest.TestCase):
    """What PyGObject does otherwise from 3.51 on."""

    def test_flags(self):
        names = ['BOTH', 'FIRST', 'FORMER', 'NONE', 'SECOND']
        self.assertEqual(_vck_calls.member_names(LaterFlags), names)
        for value, expected in (('none', 0), ('former', 1), (('FIRST', 'second'), 3), (6, 6)):
            self.assertEqual(_vck_calls.to_flags(LaterFlags, value), LaterFlags(expected))

    def test_type_of_an_argument(self):
        later = unittest.mock.Mock(spec=['get_type_info'])
        self.assertIs(_vck_calls.type_of(later), later.get_type_info())
        former = unittest.mock.Mock(spec=['get_type'])
        self.assertIs(_vck_calls.type_of(former), former.get_type())


class TestLocal(VckTestCase):
    backend_class = LocalBackend

    def test_cursor(self):
        checkpoint = self.create(self.define(self.open()), 'first')
        for offset in 0, 1 << 20, 2 << 20:
            self.backend.write('vda', offset, 65536)
        with_ends = [(each.offset, each.length) for each in checkpoint.open_extents('vda')]
        self.assertEqual(with_ends, [(0, 65536), (1 << 20, 65536), (2 << 20, 65536)])
        extent = next(iter(checkpoint.open_extents('vda')))
        self.assertEqual(repr(extent), '<Vck.Extent 0+65536 dirty|data>')
        self.assertIsInstance(extent, Vck.Extent)
        self.assertEqual(list(checkpoint.open_extents('vdb')), [])

    def test_repository(self):
        domain = self.define(self.open())
        with tempfile.TemporaryDirectory() as folder:
            store = pathlib.Path(folder) / 'store'
            repository = Vck.Repository.open(store, 'CREATE')
            backup = repository.backup(domain, label='first')
            self.assertEqual(backup.label, 'first')
            self.assertEqual(backup.time.tzinfo, datetime.timezone.utc)
            self.assertIn("label='first'", repr(backup))
            self.assertEqual([each.id for each in repository.list_backups()], [backup.id])
            repository.restore(backup, None, store.parent / 'restored')
            self.assertTrue((store.parent / 'restored' / 'vda.qcow2').exists())
            with repository.mount(backup, store.parent / 'socket') as mount:
                self.assertEqual(mount.socket, str(store.parent / 'socket'))
                self.assertTrue((store.parent / 'socket').is_socket())
            self.assertFalse((store.parent / 'socket').exists())
            with self.assertRaises(Vck.InvalidArgument):
                repository.prune(domain.uuid)
            kept, = repository.prune(domain.uuid, keep_last=1)
            self.assertTrue(kept.kept)
