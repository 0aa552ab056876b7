# SPDX-License-Identifier: LGPL-2.1-or-later

"""Errors that a program can match, and bare objects."""

import unittest.mock

from support import LocalBackend, VckTestCase, checkpoint_xml, domain_xml
from gi.repository import GLib, GObject, Vck
from gi.overrides import _vck_errors


class TestErrors(VckTestCase):
    def setUp(self):
        super().setUp()
        self.connection = self.open()
        self.domain = self.define(self.connection)

    def test_domain_of_errors(self):
        self.assertEqual(GLib.quark_to_string(Vck.error_quark()), 'vck-error-quark')
        with self.assertRaises(GLib.Error) as caught:
            self.domain.lookup_checkpoint('nosuch', None)
        self.assertEqual(caught.exception.domain, 'vck-error-quark')
        self.assertEqual(caught.exception.code, int(Vck.Error.NO_DOMAIN_CHECKPOINT))

    def test_names_of_a_code(self):
        with self.assertRaises(Vck.Error) as caught:
            self.domain.lookup_checkpoint('nosuch', None)
        made = Vck.Error(caught.exception.code)
        for error in (made, caught.exception):
            self.assertEqual(error.value_nick, 'no-domain-checkpoint')
            self.assertEqual(error.value_name, 'VCK_ERROR_NO_DOMAIN_CHECKPOINT')
            self.assertTrue(error.matches(Vck.error_quark(), Vck.Error.NO_DOMAIN_CHECKPOINT))
        self.assertEqual(Vck.Error(Vck.Error.BUSY).value_nick, 'busy')
        self.assertEqual(str(Vck.Error(Vck.Error.BUSY)), 'busy')
        with self.assertRaises(ValueError):
            Vck.Error(9999)

    def test_code_without_a_name(self):
        """Its class is called as the code is, so that a new code needs no change of the module."""
        with unittest.mock.patch.dict(_vck_errors._NAMES, {'DOMAIN_EXISTS': 'Taken'}, clear=True):
            classes = _vck_errors._make_classes()
        self.assertEqual(classes.keys(), _vck_errors.CLASSES.keys())
        self.assertEqual(classes[Vck.Error.DOMAIN_EXISTS].__name__, 'Taken')
        self.assertEqual(classes[Vck.Error.NO_BACKUP].__name__, 'NoBackup')

    def test_not_from_libvirt(self):
        with self.assertRaises(GLib.Error) as caught:
            self.domain.lookup_checkpoint('nosuch', None)
        self.assertEqual(Vck.error_get_libvirt_code(caught.exception), 0)
        self.assertEqual(Vck.error_get_libvirt_domain(caught.exception), 0)
        self.assertIsNone(Vck.error_get_libvirt_message(caught.exception))

    def test_no_connect(self):
        message = self.assertFails(Vck.Error.NO_CONNECT, Vck.Connection.open, 'nosuch:///x', 0, None)
        self.assertIn('nosuch', message)

    def test_misspelled_scheme(self):
        for uri, meant in ('loacl:///tmp', "'local:'"), ('Memroy:///default', "'memory:'"):
            message = self.assertFails(Vck.Error.NO_CONNECT, Vck.Connection.open, uri, 0, None)
            self.assertIn(f'did you mean {meant}?', message)

    def test_invalid_uri(self):
        self.assertFails(Vck.Error.INVALID_ARG, Vck.Connection.open, 'not a URI', 0, None)

    def test_no_domain(self):
        message = self.assertFails(
            Vck.Error.NO_DOMAIN, self.connection.lookup_domain_by_name, 'größer', None
        )
        self.assertIn("'größer'", message)
        uuid = '00000000-0000-4000-8000-000000000000'
        self.assertFails(Vck.Error.NO_DOMAIN, self.connection.lookup_domain_by_uuid, uuid, None)
        self.assertFails(Vck.Error.INVALID_ARG, self.connection.lookup_domain_by_uuid, 'nouuid', None)

    def test_domain_xml(self):
        define = self.connection.define_domain_xml
        self.assertFails(Vck.Error.XML_ERROR, define, '<domain>', None)
        self.assertFails(Vck.Error.XML_ERROR, define, '', None)

    def test_domain_name_taken(self):
        other = domain_xml('guest', {'vda': '/x'}, '11111111-2222-4333-8444-555555555555')
        self.assertFails(Vck.Error.DOMAIN_EXISTS, self.connection.define_domain_xml, other, None)

    def test_checkpoint_xml(self):
        create = self.domain.create_checkpoint_xml
        self.assertFails(Vck.Error.XML_ERROR, create, '<domaincheckpoint>', 0, None)
        for name in ('größer', '../x', '.hidden', 'a b', ''):
            with self.subTest(name):
                self.assertFails(Vck.Error.XML_INVALID_SCHEMA, create, checkpoint_xml(name), 0, None)
        self.assertEqual(self.domain.count_checkpoints(0, None), 0)

    def test_checkpoint_disks(self):
        create = self.domain.create_checkpoint_xml
        message = self.assertFails(
            Vck.Error.CONFIG_UNSUPPORTED, create, checkpoint_xml('c', disks={'vdz': 'bitmap'}), 0, None
        )
        self.assertIn("'vdz'", message)
        nothing = checkpoint_xml('c', disks={'vda': 'no', 'vdb': 'no'})
        self.assertFails(Vck.Error.CONFIG_UNSUPPORTED, create, nothing, 0, None)

    def test_flags_that_exclude_each_other(self):
        checkpoint = self.create(self.domain, 'first')
        flags = Vck.CheckpointDeleteFlags
        self.assertFails(
            Vck.Error.INVALID_ARG, checkpoint.delete, flags.CHILDREN | flags.CHILDREN_ONLY, None
        )
        self.assertFails(
            Vck.Error.INVALID_ARG,
            self.domain.create_checkpoint_xml,
            checkpoint_xml('second'),
            Vck.CheckpointCreateFlags.REDEFINE_VALIDATE,
            None,
        )

    def test_read_only(self):
        self.create(self.domain, 'first')
        reader = self.open(Vck.ConnectionFlags.READ_ONLY)
        self.assertTrue(reader.is_read_only())
        domain = reader.lookup_domain_by_name('guest', None)
        checkpoint = domain.lookup_checkpoint('first', None)
        denied = Vck.Error.OPERATION_DENIED
        self.assertFails(denied, reader.define_domain_xml, domain_xml('x', {'vda': '/x'}), None)
        self.assertFails(denied, domain.create_checkpoint_xml, checkpoint_xml('second'), 0, None)
        self.assertFails(denied, domain.undefine, 0, None)
        self.assertFails(denied, checkpoint.delete, 0, None)
        self.assertFails(denied, checkpoint.get_xml_desc, Vck.CheckpointXmlFlags.SECURE, None)

    def test_gone(self):
        checkpoint = self.create(self.domain, 'first')
        checkpoint.delete(0, None)
        self.assertEqual(checkpoint.get_name(), 'first')
        self.assertFails(Vck.Error.NO_DOMAIN_CHECKPOINT, checkpoint.get_xml_desc, 0, None)
        self.assertFails(Vck.Error.NO_DOMAIN_CHECKPOINT, checkpoint.delete, 0, None)
        self.domain.undefine(0, None)
        self.assertEqual(self.domain.get_name(), 'guest')
        self.assertFails(Vck.Error.NO_DOMAIN, self.domain.list_checkpoints, 0, None)

    def test_closed(self):
        self.assertTrue(self.connection.close())
        self.assertTrue(self.connection.close())
        self.assertFalse(self.connection.is_open)
        self.assertFails(Vck.Error.NO_CONNECT, self.connection.list_domains, 0, None)
        self.assertFails(Vck.Error.NO_CONNECT, self.domain.list_checkpoints, 0, None)
        self.assertEqual(self.domain.get_name(), 'guest')


class TestBareObjects(VckTestCase):
    """An object that was never opened gives an error, never a crash."""

    def assertVckError(self, call, *arguments):
        with self.assertRaises(GLib.Error) as caught:
            call(*arguments)
        self.assertEqual(caught.exception.domain, 'vck-error-quark')

    def test_connection(self):
        connection = GObject.new(Vck.Connection)
        self.assertVckError(connection.list_domains, 0, None)
        self.assertVckError(connection.lookup_domain_by_name, 'x', None)
        self.assertFalse(connection.is_open)

    def test_domain(self):
        domain = Vck.Domain()
        self.assertVckError(domain.list_checkpoints, 0, None)
        self.assertVckError(domain.create_checkpoint_xml, checkpoint_xml('first'), 0, None)
        self.assertVckError(domain.query_state, None)
        self.assertVckError(self.call, domain.count_checkpoints_async, 0, None)
        self.assertIsNone(domain.get_connection())
        self.assertIsNone(domain.props.name)

    def test_checkpoint(self):
        checkpoint = Vck.Checkpoint()
        self.assertVckError(checkpoint.delete, 0, None)
        self.assertVckError(checkpoint.query_parent, None)
        self.assertVckError(self.call, checkpoint.get_xml_desc_async, 0, None)
        self.assertIsNone(checkpoint.get_domain())
        self.assertIsNone(checkpoint.get_connection())
        self.assertIsNone(checkpoint.props.description)

    def test_disks(self):
        self.assertIsNone(Vck.Disk().get_target())
        self.assertFalse(Vck.Disk().is_trackable())
        self.assertIsNone(Vck.CheckpointDisk().get_name())
        self.assertFalse(Vck.CheckpointDisk().is_tracked())
        self.assertEqual(Vck.CheckpointDisk().get_size(), -1)
        self.assertEqual(Vck.CheckpointDisk().props.size, -1)
        self.assertEqual(Vck.CheckpointDisk().get_state(), Vck.CheckpointState.UNKNOWN)

    def test_results(self):
        finding = Vck.Finding()
        for name in ('checkpoint', 'disk', 'bitmap', 'message', 'remedy'):
            self.assertIsNone(finding.get_property(name))
        result = Vck.ImportResult()
        self.assertIsNone(result.get_checkpoint())
        self.assertFalse(result.is_imported())


class TestLocalErrors(VckTestCase):
    backend_class = LocalBackend

    def test_missing_image(self):
        connection = self.open()
        domain = self.define(connection)
        self.backend.image('vdb').unlink()
        with self.assertRaises(GLib.Error) as caught:
            self.create(domain, 'first')
        self.assertEqual(caught.exception.domain, 'vck-error-quark')
        self.assertIn('vdb.qcow2', caught.exception.message)
        self.assertEqual(domain.count_checkpoints(0, None), 0)
