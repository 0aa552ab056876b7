# SPDX-License-Identifier: LGPL-2.1-or-later
"""Typed declarations for JavaScript, of small GIRs. tests/gjs/typing compares those of the library with what GJS has."""

import os
import pathlib
import tempfile
import unittest

from bindgen import run

VCK_GIR = os.environ['VCK_GIR']
GIR = '''<repository xmlns:c="c" xmlns:glib="g"><namespace name="X" version="2">%s
    <bitfield name="Ways"><member name="far_away" glib:nick="far-away" value="2"/></bitfield></namespace></repository>'''
CANCELLABLE = '<parameter name="cancellable" nullable="1"><type name="Gio.Cancellable"/></parameter>'
CALLBACK = '''<parameter name="callback" nullable="1"><type name="Gio.AsyncReadyCallback"/></parameter>
    <parameter name="user_data" nullable="1"><type name="gpointer"/></parameter>'''


def parameter(name, kind):
    return f'<parameter name="{name}"><type name="{kind}"/></parameter>'


def method(name, *parameters, result='<type name="utf8"/>', element='method', nullable=0, more=''):
    return f'''<{element} name="{name}">{more}<return-value nullable="{nullable}">{result}</return-value>
        <parameters><instance-parameter name="self"/>{''.join(parameters)}</parameters></{element}>'''


class DtsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)

    def emit(self, text, *options):
        gir = self.path / 'x.gir'
        gir.write_text(GIR % text, encoding='utf-8')
        self.assertEqual(run('dts', *options, '--output', self.path, gir), (0, ''))
        return (self.path / 'x-2.d.ts').read_text(encoding='utf-8')

    def check(self, members, *expected):
        text = self.emit(f'<class name="Own" parent="GObject.Object">{members}</class>')
        lines = [line.strip() for line in text.splitlines() if line.startswith('      ')]
        for line in expected:
            self.assertIn(line, lines)

    def test_methods(self):
        self.check(method('read', parameter('name', 'utf8'), parameter('ways', 'Ways'), CANCELLABLE, nullable=1),
                   'read(name: string, ways?: Ways.Input, cancellable?: Gio.Cancellable | null): string | null;')
        self.check(method('list', result='<array><type name="Own"/></array>', element='function'),
                   'static list(): Own[];')

    def test_calls(self):
        result = parameter('result', 'Gio.AsyncResult')
        self.check(
            method('read_async', parameter('name', 'utf8'), CANCELLABLE, CALLBACK, result='<type name="none"/>')
            + method('read_finish', result, result='<type name="gint64"/>'),
            'read_async(name: string, cancellable?: Gio.Cancellable | null): Promise<number>;',
            'read_async(name: string, callback: (source: this, result: Gio.AsyncResult) => void): void;',
            'read_async(name: string, cancellable: Gio.Cancellable | null | undefined, '
            'callback: ((source: this, result: Gio.AsyncResult) => void) | null): void;',
            'read_finish(result: Gio.AsyncResult): number;')

    def test_properties(self):
        getter = method('get_long_name', nullable=1)
        self.check('<property name="long-name" getter="get_long_name"><type name="utf8"/></property>' + getter,
                   'readonly long_name: string | null;', 'readonly longName: string | null;', 'private constructor();')
        self.check('<property name="rate" writable="1"><type name="guint"/></property>', 'rate: number;')
        self.check('<property name="uri" writable="1" construct-only="1"><type name="utf8"/></property>'
                   + method('new', element='constructor', result='<type name="Own"/>'),
                   'readonly uri: string;', 'constructor(properties?: { uri?: string; });', 'static new(): Own;')

    def test_lists(self):
        element = '<attribute name="bindgen.element" value="Own"/>'
        self.check(f'<property name="rows">{element}<type name="Gio.ListModel"/></property>',
                   'readonly rows: Gio.ListModel<Own> & Iterable<Own>;')
        self.check(method('get_rows', result='<type name="Gio.ListModel"/>', more=element),
                   'get_rows(): Gio.ListModel<Own> & Iterable<Own>;')

    def test_signals(self):
        self.check(method('lost', parameter('count', 'guint'), element='glib:signal', result='<type name="none"/>'),
                   "connect(signal: 'lost', callback: (self: this, count: number) => void): number;",
                   "connect_after(signal: 'lost', callback: (self: this, count: number) => void): number;",
                   "connect(signal: 'notify', callback: (self: this, pspec: GObject.ParamSpec) => void): number;")

    def test_flags(self):
        text = self.emit('')
        self.assertIn('FAR_AWAY = 2,', text)
        self.assertIn("type Name = 'FAR_AWAY' | 'far-away';", text)
        self.assertIn('type Input = Ways | Name | readonly Input[];', text)

    def test_by_hand(self):
        extra = self.path / 'extra'
        extra.write_text('    interface Own extends Iterable<number> {}\n', encoding='utf-8')
        self.assertIn(f'{extra.read_text(encoding="utf-8")}  }}\n\n  export default X;\n', self.emit('', '--extra', extra))

    def test_command_line(self):
        for arguments, expected in ((('dts',), 'give one GIR file; see --help'),
                                    (('dts', self.path / 'no'), 'No such file'),
                                    (('dts', '--extra', self.path / 'no', VCK_GIR), 'No such file'),
                                    (('dts', '--output', self.path / 'no', VCK_GIR), 'No such file'),
                                    (('dts', '--check', '--output', self.path, VCK_GIR),
                                     'is not what would be generated')):
            code, output = run(*arguments)
            self.assertEqual(code, 1)
            self.assertIn(expected, output)
