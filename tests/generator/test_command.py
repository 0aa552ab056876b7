# SPDX-License-Identifier: LGPL-2.1-or-later
"""The command line of vck-bindgen, its lock and its configuration, and hostile input."""

import pathlib
import random
import re
import tempfile
import unittest

from bindgen import CORE_CONFIG, CORE_GIR, generate, read_folder, run

UNBOUND = '''
    <function name="version" c:identifier="vckc_version" version="1.0">
      <doc>Gets the version.</doc><source-position filename="vckc.h" line="7"/>
      <return-value><doc>the version</doc><type name="gint" c:type="int"/></return-value>
    </function>
  </namespace>'''


class CommandTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)

    def write(self, name, text):
        (self.path / name).write_text(text, encoding='utf-8')
        return self.path / name

    def gir_with_unbound(self):
        text = pathlib.Path(CORE_GIR).read_text(encoding='utf-8')
        return self.write('input.gir', text.replace('</namespace>', UNBOUND))

    def test_help(self):
        for arguments in (['--help'], ['-h'], ['generate', '--help'], ['explain', '-h']):
            code, output = run(*arguments)
            self.assertEqual(code, 0)
            self.assertIn('Usage:', output)

    def test_usage(self):
        for arguments in ([], ['frobnicate'], ['generate'], ['report', CORE_GIR],
                          ['generate', '--nonsense'], ['report', '-c', CORE_CONFIG, 'a', 'b'],
                          ['explain', '-c', CORE_CONFIG, CORE_GIR]):
            self.assertEqual(run(*arguments)[0], 1, arguments)

    def test_pyi(self):
        """What is made of a GIR without a class; wrong calls and files say what is wrong."""
        extra = self.write('extra.pyi', 'import typing\n\nclass Own:\n    more: int\n\nclass Other: ...\n')
        gir = self.write('x.gir', '''<repository xmlns:c="c" xmlns:glib="g"><namespace name="X" version="1">
            <class name="Own" parent="GObject.Object"><doc>See [method@X.Own.get] and %NULL.</doc>
            <method name="get"><return-value nullable="1"><type name="utf8"/></return-value></method></class>
            <bitfield name="Ways"><member name="to_there" value="1"/></bitfield>
            </namespace></repository>''')
        code, output = run('pyi', '--extra', extra, '--output', self.path, gir)
        self.assertEqual((code, output), (0, ''))
        stub = (self.path / 'X.pyi').read_text(encoding='utf-8')
        for line in ('import typing', 'class Other: ...', 'class Own(GObject.Object):', '    more: int',
                     '    """See Own.get() and None."""', '    def get(self) -> str | None:',
                     '    TO_THERE: ClassVar[Ways]'):
            self.assertIn(line, stub.splitlines())
        self.assertIn("'Own': \"\"\"See Own.get() and None.\"\"\"",
                      (self.path / '_x_docs.py').read_text(encoding='utf-8'))
        failures = self.write('failures.gir', '''<repository xmlns:glib="g"><namespace name="Y" version="1">
            <enumeration name="Failure" glib:error-domain="y"><member name="lost" value="1"/></enumeration>
            </namespace></repository>''')
        for arguments, expected in (
                (('pyi', gir), 'give --extra=FILE and one GIR file'),
                (('pyi', '--extra', extra), 'give --extra=FILE and one GIR file'),
                (('pyi', '--extra', self.path / 'no', gir), 'No such file'),
                (('pyi', '--extra', extra, self.path / 'no'), 'No such file'),
                (('pyi', '--extra', extra, '--output', self.path, failures),
                 "the codes of the errors 'Failure' have no class; add 'class Failure(GLib.Error)'"),
                (('pyi', '--extra', extra, extra), 'not a GIR file with a namespace'),
                (('pyi', '--extra', extra, '--output', self.path / 'no', gir), 'No such file')):
            code, output = run(*arguments)
            self.assertEqual(code, 1)
            self.assertIn(expected, output)
        self.assertFalse((self.path / 'Y.pyi').exists())

    def test_js(self):
        """Only arguments at the end have defaults; wrong calls and files say what is wrong."""
        gir = self.write('x.gir', '''<repository xmlns:c="c" xmlns:glib="g"><namespace name="X" version="1">
            <class name="Own" parent="GObject.Object"><method name="get"><parameters>
            <parameter name="key"><type name="utf8"/></parameter></parameters></method>
            <method name="find_async"><parameters>
            <parameter name="key" nullable="1"><type name="utf8"/></parameter>
            <parameter name="place"><type name="utf8"/></parameter>
            <parameter name="count"><type name="guint"/></parameter>
            <parameter name="ways"><type name="Ways"/></parameter>
            <parameter name="cancellable" nullable="1"><type name="Gio.Cancellable"/></parameter>
            <parameter name="callback" nullable="1"><type name="Gio.AsyncReadyCallback"/></parameter>
            <parameter name="user_data" nullable="1"><type name="gpointer"/></parameter></parameters></method></class>
            <class name="Bare" parent="GObject.Object"/>
            <bitfield name="Ways"><member name="to_there" value="1"/></bitfield>
            </namespace></repository>''')
        self.assertEqual(run('js', '--output', self.path, gir), (0, ''))
        text = (self.path / '_x_defaults.js').read_text(encoding='utf-8')
        self.assertEqual(text[text.index('var '):], '''var defaults = {
  Own: {
    find_async: [undefined, undefined, 0, 'Ways', null],
  },
  Bare: {
  },
};

var enumerations = [
  'Ways',
];
''')
        for arguments, expected in (
                (('js',), 'give one GIR file'),
                (('js', gir, gir), 'give one GIR file'),
                (('js', self.path / 'no'), 'No such file'),
                (('js', '--output', self.path / 'no', gir), 'No such file')):
            code, output = run(*arguments)
            self.assertEqual(code, 1)
            self.assertIn(expected, output)

    def test_runtime(self):
        """What methods run by, under the names of any library, and of no other."""
        self.assertEqual(run('runtime', '--prefix=my_own', '--output', self.path), (0, ''))
        files = read_folder(self.path)
        self.assertEqual(list(files), ['my-own-call.c', 'my-own-call.h', 'my-own-pool.c', 'my-own-pool.h'])
        for name, text in files.items():
            self.assertNotRegex(text, r'\b_?(lib_|lib-|Lib[A-Z]|LIB_|vck_|Vck|VCK_)', name)
        for word in ('#include "my-own-call.h"', 'my_own_call_sync (MyOwnCall *call', 'MY_OWN_CALL_READER',
                     'g_thread_try_new ("my-own"'):
            self.assertIn(word, files['my-own-call.c'] + files['my-own-pool.c'])
        self.assertIn('typedef struct _MyOwnCall MyOwnCall;', files['my-own-call.h'])
        self.assertEqual(run('runtime', '--prefix=my_own', '--check', '--output', self.path), (0, ''))
        for arguments in ((), ('--prefix=', ), ('--prefix=Vck', ), ('--prefix=a-b', ), ('--prefix=x', CORE_GIR)):
            code, output = run('runtime', *arguments)
            self.assertEqual(code, 1)
            self.assertIn('give --prefix=NAME', output)
        self.assertIn('No such file', run('runtime', '--prefix=x', '--output', self.path / 'no')[1])

    def test_unknown_symbol(self):
        code, output = run('explain', '-c', CORE_CONFIG, CORE_GIR, 'vckc_nothing')
        self.assertEqual(code, 1)
        self.assertIn("there is no symbol 'vckc_nothing'", output)

    def test_missing_files(self):
        for arguments in ((CORE_CONFIG, self.path / 'no.gir'), (self.path / 'no', CORE_GIR)):
            code, output = run('report', '-c', *arguments)
            self.assertEqual(code, 1)
            self.assertIn('No such file or directory', output)
        self.assertIn('No such file', generate(self.path, CORE_GIR, '--lock', 'no')[1])
        self.assertIn('No such file', generate(self.path / 'no', CORE_GIR)[1])

    def test_unbound(self):
        """What no rule can bind stops the build and writes nothing, unless it is known."""
        gir = self.gir_with_unbound()
        output = self.path / 'output'
        output.mkdir()
        self.assertEqual(generate(output, gir),
                         (1, 'vckc.h:7: error: vckc_version: cannot be bound: neither takes a handle '
                             'first nor returns one\n'))
        self.assertEqual(read_folder(output), {})
        lock = self.write('lock', '# known\nvckc_version\n')
        code, printed = generate(output, gir, '--lock', lock)
        self.assertEqual(code, 0)
        self.assertIn('1 unbound', printed)
        self.assertIn('vckc_version', run('report', '-c', CORE_CONFIG, gir)[1])
        explained = run('explain', '-c', CORE_CONFIG, gir, 'vckc_version')[1]
        self.assertIn('first rule that failed: owner-first-handle: a function belongs', explained)
        self.assertIn("return value, in C 'int'", explained)

    def test_lock_may_only_shrink(self):
        lock = self.write('lock', '\nvckc_version\n')
        self.assertEqual(generate(self.path, CORE_GIR, '--lock', lock),
                         (1, f'{lock}:2: error: vckc_version is not unbound any more: remove it from '
                             'the list\n'))

    def gir_since(self, version):
        """The core, with one function of that version."""
        text = pathlib.Path(CORE_GIR).read_text(encoding='utf-8')
        changed = re.sub(r'(c:identifier="vckc_domain_undefine"[^>]* version=)"1.0"',
                         rf'\1"{version}"', text)
        self.assertNotEqual(changed, text)
        return self.write('input.gir', changed)

    def test_since_is_known(self):
        """Each version in use has its macros, and so has that of the library."""
        gir = self.gir_since('1.2')
        self.assertEqual(generate(self.path, gir, '--library-version', '1.3.0')[0], 0)
        macros = (self.path / 'vck-versions.h').read_text(encoding='utf-8')
        self.assertEqual(re.findall(r'#define VCK_VERSION_(\w+) ', macros), ['1_0', '1_2', '1_3'])
        for name in ('AVAILABLE_IN_1_2 VCK_UNAVAILABLE (1, 2)', 'AVAILABLE_IN_1_2 VCK_EXTERN',
                     'DEPRECATED_IN_1_2 VCK_DEPRECATED', 'DEPRECATED_IN_1_2_FOR(f) VCK_EXTERN'):
            self.assertIn(f'#define VCK_{name}\n', macros)
        methods = (self.path / 'vck-domain-methods.h').read_text(encoding='utf-8')
        self.assertRegex(methods, r'VCK_AVAILABLE_IN_1_2\ngboolean vck_domain_undefine \(')

    def test_since_is_unknown(self):
        """What is newer than the library, or no version, is refused where it is written."""
        for version, message in (
                ('1.2', 'is newer than the library, which is 1.0.0; write 1.0, or raise the version '
                        'of the project'),
                ('1.x', 'is no version; write MAJOR.MINOR, such as 1.0')):
            code, output = generate(self.path, self.gir_since(version),
                                    '--library-version', '1.0.0')
            self.assertEqual(code, 1)
            self.assertRegex(output, r'^vckc-domain\.h:\d+: error: vckc_domain_undefine: '
                                     + re.escape(f"'Since: {version}' {message}") + '\n$')
        code, output = generate(self.path, CORE_GIR, '--library-version', 'one')
        self.assertEqual((code, output),
                         (1, "vck-bindgen: 'one' is not a version of the library; write "
                             'MAJOR.MINOR.MICRO, such as 1.0.0\n'))

    def test_config(self):
        for text, message in (('[library]\n', "have key"),
                              ('[library]\nnamespace=X\nnamspace=Y\n', "key 'namspace'"),
                              ('[library]\nnamespace=X\n[other]\n', "group 'other'"),
                              ('namespace=X\n', 'group'),
                              ('', 'group')):
            code, output = run('report', '-c', self.write('config', text), CORE_GIR)
            self.assertEqual(code, 1, text)
            self.assertIn(message, output)

    def test_other_names(self):
        """Nothing of the names of Vck is built in."""
        config = self.write('config', '[library]\nnamespace=OtherName\nruntime=other-run\n'
                                      'private-header=inside.h\nerror-take=other_take\n')
        self.assertEqual(run('generate', '-c', config, '-o', self.path, CORE_GIR)[0], 0)
        text = (self.path / 'other-name-domain-methods.c').read_text(encoding='utf-8')
        self.assertNotIn('VckDomain', text)
        for word in ('other_name_domain_list_disks (OtherNameDomain *self', 'OTHER_NAME_IS_DOMAIN (',
                     'other_take (err)', 'OtherRun base;', 'other_run_sync (', '#include "inside.h"',
                     'method@OtherName.Domain.list_disks'):
            self.assertIn(word, text)

    def test_damaged_input(self):
        """Whatever is wrong with a file, it is refused or accepted, in peace."""
        whole = pathlib.Path(CORE_GIR).read_bytes()
        order = random.Random(2)
        for i in range(120):
            data = bytearray(whole)
            if i % 2:
                del data[order.randrange(len(data)):]
            for _ in range(order.randrange(1, 6)):
                data[order.randrange(len(data))] = order.choice(b'<>"/=& 01\0\xff')
            path = self.path / 'damaged.gir'
            path.write_bytes(data)
            code, output = generate(self.path, path)
            self.assertIn(code, (0, 1), output)
            self.assertTrue(output)
