# SPDX-License-Identifier: LGPL-2.1-or-later
"""The metadata that vapigen gets. golden/vala.metadata is that of the library; UPDATE_GOLDEN=1 accepts what it has
become."""

import os
import pathlib
import tempfile
import unittest

from bindgen import run

GOLDEN = pathlib.Path(__file__).parent / 'golden' / 'vala.metadata'
VCK_GIR = os.environ['VCK_GIR']

GIR = '''<repository xmlns:c="c" xmlns:glib="g"><namespace name="X" version="2">%s
    <record name="Spot"/><bitfield name="Ways"/><enumeration name="Kind"/></namespace></repository>'''
ERROR = '<enumeration name="Error" glib:error-domain="x"><member name="lost" value="1"/></enumeration>'
CANCELLABLE = '<parameter name="cancellable" nullable="1"><type name="Gio.Cancellable"/></parameter>'
CALLBACK = '''<parameter name="callback" scope="async" nullable="1"><type name="Gio.AsyncReadyCallback"/></parameter>
    <parameter name="user_data" nullable="1"><type name="gpointer"/></parameter>'''


def parameter(name, kind, nullable=False):
    return f'<parameter name="{name}" nullable="{int(nullable)}"><type name="{kind}"/></parameter>'


def method(name, *parameters, throws=True, result='<type name="gint"/>', transfer='none', element='method', more=''):
    return f'''<{element} name="{name}" throws="{int(throws)}" {more}>
        <return-value transfer-ownership="{transfer}">{result}</return-value>
        <parameters><instance-parameter name="self"><type name="Own"/></instance-parameter>
        {''.join(parameters)}</parameters></{element}>'''


class MetadataTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)

    def emit(self, text, name='X-2.metadata'):
        gir = self.path / 'x.gir'
        gir.write_text(GIR % text, encoding='utf-8')
        self.assertEqual(run('metadata', '--output', self.path, gir), (0, ''))
        return (self.path / name).read_text(encoding='utf-8').partition('\n\n')[2].splitlines()

    def check(self, members, *expected, error=ERROR):
        self.assertEqual(self.emit(f'{error}<class name="Own">{members}</class>'), list(expected))

    def test_library(self):
        self.assertEqual(run('metadata', '--output', self.path, VCK_GIR), (0, ''))
        actual = (self.path / 'Vck-1.metadata').read_text(encoding='utf-8')
        if os.environ.get('UPDATE_GOLDEN'):
            GOLDEN.write_text(actual, encoding='utf-8')
        self.assertEqual(actual, GOLDEN.read_text(encoding='utf-8'))
        self.assertEqual(run('metadata', '--check', '--output', self.path, VCK_GIR), (0, ''))

    def test_errors(self):
        self.check(method('close'), 'Own.close#method throws="X.Error"')
        self.check(method('close', throws=False))
        self.check(method('read', CANCELLABLE), 'Own.read#method throws="X.Error,GLib.IOError"',
                   'Own.read#method.cancellable default=null')
        self.check(method('read'), error='')
        self.assertEqual(self.emit(ERROR + method('start', element='function') + method('begin', element='function',
                                                                                       more='moved-to="Own.begin"')),
                         ['start#function throws="X.Error"'])

    def test_errors_of_finish(self):
        """Those of the call that it ends."""
        result = parameter('result', 'Gio.AsyncResult')
        finish = method('read_finish', result)
        self.check(method('read_async', CANCELLABLE, CALLBACK, throws=False) + finish,
                   'Own.read_async#method.cancellable default=null',
                   'Own.read_finish#method throws="X.Error,GLib.IOError"')
        self.check(method('read_async', CALLBACK, throws=False) + finish,
                   'Own.read_finish#method throws="X.Error"')
        self.check(finish, 'Own.read_finish#method throws="X.Error"')

    def test_defaults(self):
        """From the end: flags, what may be null, and numbers before flags."""
        label, number = parameter('label', 'utf8', True), parameter('number', 'guint')
        flags, kind = parameter('flags', 'Ways'), parameter('kind', 'Kind')
        for parameters, expected in (
                ((label, number, flags, CANCELLABLE), ('cancellable default=null', 'flags default=0',
                                                       'number default=0', 'label default=null')),
                ((label, number, flags), ('flags default=0', 'number default=0', 'label default=null')),
                ((number, label, CANCELLABLE), ('cancellable default=null', 'label default=null')),
                ((flags, kind, CANCELLABLE), ('cancellable default=null',)),
                ((flags, parameter('path', 'utf8'), flags), ('flags default=0',)),
                ((number,), ()),
                ((parameter('cancellable', 'Gio.Cancellable'),), ()),
                ((flags, CANCELLABLE, CALLBACK), ('cancellable default=null', 'flags default=0'))):
            self.check(method('read', *parameters, throws=False), *(f'Own.read#method.{line}' for line in expected))

    def test_elements(self):
        """The elements of an array that is handed over belong to it."""
        def array(element, name='GLib.PtrArray'):
            return f'<array name="{name}"><type name="{element}"/></array>'

        def listing(result, transfer='container'):
            return method('list', throws=False, result=result, transfer=transfer)

        self.check(listing(array('Own')), 'Own.list#method type_arguments="Own"')
        self.check(listing(array('Spot')), 'Own.list#method type_arguments="Spot"')
        self.check(listing(array('utf8')), 'Own.list#method type_arguments="string"')
        self.check(listing(array('Own'), 'none'))
        self.check(listing(array('Own', 'GLib.Array')))
        self.check(method('list', result=array('Own'), transfer='container'),
                   'Own.list#method throws="X.Error" type_arguments="Own"')

    def test_nullable_properties(self):
        """A property is what its getter returns."""
        def getter(nullable):
            return f'<method name="get_long_name"><return-value nullable="{nullable}"><type name="utf8"/>' \
                   '</return-value></method>'

        own = '<property name="long-name" getter="get_long_name"><type name="utf8"/></property>'
        self.check(own + getter(1), 'Own.long_name#property nullable')
        self.check(own + getter(0))
        self.check(own)
        self.check('<property name="long-name"><type name="utf8"/></property>' + getter(1))

    def test_command_line(self):
        other = self.path / 'other'
        other.write_text('<x/>', encoding='utf-8')
        for arguments, expected in ((('metadata',), 'give one GIR file; see --help'),
                                    (('metadata', VCK_GIR, VCK_GIR), 'give one GIR file; see --help'),
                                    (('metadata', self.path / 'no'), 'No such file'),
                                    (('metadata', other), 'not a GIR file with a namespace'),
                                    (('metadata', '--output', self.path / 'no', VCK_GIR), 'No such file'),
                                    (('metadata', '--check', '--output', self.path, VCK_GIR),
                                     'is not what would be generated')):
            code, output = run(*arguments)
            self.assertEqual(code, 1)
            self.assertIn(expected, output)
