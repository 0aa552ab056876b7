# SPDX-License-Identifier: LGPL-2.1-or-later

"""valac refuses what is wrong in Vala, by the types that the binding has, and says so; test-natural.vala is what
it has to accept."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

HERE = pathlib.Path(__file__).parent / 'typing'
VAPIDIR = os.environ['VAPIDIR']
EXPECTED = re.compile(r'// wrong: (.+)$')
FOUND = re.compile(r'^\S*?([\w-]+\.\w+):(\d+)\.\d+-\d+\.\d+: (?:error|warning): (.*)$', re.MULTILINE)


class TestTyping(unittest.TestCase):
    def check(self, name):
        path = HERE / name
        lines = enumerate(path.read_text(encoding='utf-8').splitlines(), 1)
        expected = {number: match[1] for number, line in lines if (match := EXPECTED.search(line))}
        self.assertGreater(len(expected), 4)
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(
                ['valac', '--ccode', '--enable-experimental-non-null', '--fatal-warnings', '--vapidir', VAPIDIR,
                 '--pkg', 'vck-1', '--directory', folder, path],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, text=True)
        self.assertEqual(done.returncode, 1, done.stdout)
        found = {}
        for file, number, message in FOUND.findall(done.stdout):
            self.assertEqual(file, name, done.stdout)
            found.setdefault(int(number), []).append(message)
        self.assertEqual(set(found), set(expected), done.stdout)
        for number, message in expected.items():
            self.assertIn(message, '\n'.join(found[number]), done.stdout)

    def test_types(self):
        self.check('bad.vala')

    def test_errors(self):
        self.check('bad-errors.vala')
