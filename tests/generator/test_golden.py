# SPDX-License-Identifier: LGPL-2.1-or-later
"""Small inputs of vck-bindgen and what becomes of them.

golden/NAME.xml is the part of a GIR that matters; prelude.gir.in is put around it. golden/NAME.gir is a
whole file. What is printed for it must equal golden/NAME.expected: for a sound input the report,
the explanation of each symbol of its own and, where its first line asks for it with `show:`, files
that were made; for another one the messages. UPDATE_GOLDEN=1 accepts what is printed now. The command
report accepts and refuses the same inputs, with the same messages, but for what is unbound.
"""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

GOLDEN = pathlib.Path(__file__).parent / 'golden'
BINDGEN = os.environ['BINDGEN']

PRELUDE = (GOLDEN.parent / 'prelude.gir.in').read_text(encoding='utf-8')

CONFIG = '[library]\nnamespace=P\ncore-header=pc.h\n'


def run(*arguments, folder):
    result = subprocess.run([BINDGEN, *arguments], cwd=folder, text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, check=False)
    assert result.returncode in (0, 1), f'{arguments} ended with {result.returncode}'
    # What libxml2 says exactly is its own affair.
    return result.returncode, re.sub('(not well-formed XML: ).*', r'\1...', result.stdout)


def own_symbols(text):
    """The symbols of the part that matters, in its order."""
    found = re.findall(r'<(?:function|method|constructor|record|callback|alias|constant|union|'
                       r'enumeration|bitfield)\b[^>]*? c:(?:identifier|type)="(\w+)"'
                       r'|<callback name="(\w+)">', text)
    return [name or name_of_callback for name, name_of_callback in found]


def check_report(generated, folder):
    """The command report finds the same wrong as generate, for which unbound symbols are wrong, too."""
    wrong = [line for line in generated.splitlines()
             if 'error: ' in line and ': cannot be bound: ' not in line]
    code, output = run('report', '-c', 'library', 'input.gir', folder=folder)
    if wrong:
        assert (code, output.splitlines()) == (1, wrong), output
    else:
        assert code == 0, output


def describe(text, whole):
    """All that vck-bindgen has to say about an input."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder)
        (path / 'library').write_text(CONFIG, encoding='utf-8')
        (path / 'input.gir').write_text(text if whole else PRELUDE % text, encoding='utf-8')
        code, output = run('generate', '-c', 'library', '-o', '.', 'input.gir', folder=folder)
        check_report(output, folder)
        lines = [f'generate: {"done" if code == 0 else "refused"}\n', output]
        if code != 0:
            return ''.join(lines)
        for symbol in own_symbols(text):
            lines += ['\n', run('explain', '-c', 'library', 'input.gir', symbol, folder=folder)[1]]
        shown = re.match(r'<!-- show: (.*) -->', text)
        for name in shown[1].split() if shown else []:
            lines += [f'\n==> {name} <==\n', (path / name).read_text(encoding='utf-8')]
        return ''.join(lines)


class GoldenTest(unittest.TestCase):
    maxDiff = None

    def check(self, path):
        expected = path.with_suffix('.expected')
        text = path.read_text(encoding='utf-8')
        actual = describe(text, path.suffix == '.gir')
        if os.environ.get('UPDATE_GOLDEN'):
            expected.write_text(actual, encoding='utf-8')
        self.assertEqual(actual, expected.read_text(encoding='utf-8'))


def add_tests():
    for path in sorted(GOLDEN.glob('*.xml')) + sorted(GOLDEN.glob('*.gir')):
        name = 'test_' + path.stem.replace('-', '_')
        setattr(GoldenTest, name, lambda self, path=path: self.check(path))


add_tests()
