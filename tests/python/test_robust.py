# SPDX-License-Identifier: LGPL-2.1-or-later

"""Every method of every class, in every state of its object and with arguments that mean harm: an answer or an error.

The calls are made in a program of their own, which a critical message of GLib ends as well as a crash (every_call.py).
"""

import collections
import os
import re
import subprocess
import sys
import tempfile
import unittest

import every_call
from gi.repository import Vck

LINE = re.compile(r'^(\w+)[.:]([\w-]+)(?: (\w+)=(.*))? = (\w+)$')
REFUSED = {'TypeError', 'ValueError', 'OverflowError', 'UnicodeEncodeError'}
CODES = {name for name in dir(Vck.Error) if name.isupper()}

# What a call that may take time fails with, by class. A closed or bare object of another class says nothing of a connection.
CLOSED = dict.fromkeys(
    ('Connection', 'Domain', 'Checkpoint', 'CheckpointList', 'DiskList', 'DomainList', 'ExtentCursor', 'BackupJob'),
    'NO_CONNECT',
)
GONE = dict.fromkeys(('Domain', 'Checkpoint', 'CheckpointList', 'DiskList', 'BackupJob'), 'NO_DOMAIN')
BARE = {
    'Connection': 'INVALID_CONNECT',
    'DomainList': 'INVALID_CONNECT',
    'Domain': 'INVALID_DOMAIN',
    'CheckpointList': 'INVALID_DOMAIN',
    'DiskList': 'INVALID_DOMAIN',
    'Checkpoint': 'INVALID_DOMAIN_CHECKPOINT',
    'BackupJob': 'INVALID_ARG',
    'ExtentCursor': 'INVALID_ARG',
    'Mount': 'INVALID_ARG',
    'Repository': 'INVALID_ARG',
}
# Calls that need no connection, and one that waits for what has ended already.
EXCEPT = {'Connection.open', 'Connection.init', 'Connection.close', 'Repository.open'}

Row = collections.namedtuple('Row', 'class_name name argument value outcome')


def run(state):
    """Makes all calls on objects in that state; returns what became of each."""
    with tempfile.TemporaryDirectory(prefix='vck-every-call-') as folder:
        done = subprocess.run(
            [sys.executable, every_call.__file__, state, folder],
            capture_output=True,
            check=False,
            env={**os.environ, 'G_DEBUG': 'fatal-criticals', 'VCK_URI': every_call.URI},
        )
    lines = done.stdout.decode().splitlines()
    if done.returncode != 0 or done.stderr:
        errors = done.stderr.decode(errors='replace')
        raise AssertionError(f'{state}: ended with {done.returncode} in {lines[-1:]}\n{errors}')
    return [Row(*LINE.fullmatch(line).groups()) for line in lines]


class TestEveryCall(unittest.TestCase):
    def outcomes(self, state):
        """What became of each call, all of which had an answer or an error that says something."""
        rows = run(state)
        allowed = {'works', 'Cancelled', *REFUSED, *CODES} - {'INTERNAL'}
        self.assertEqual([row for row in rows if row.outcome not in allowed], [])
        self.assertGreater(len(rows), 50)
        return rows

    def assertFail(self, state, expected, excepted=()):
        rows = self.outcomes(state)
        self.assertEqual({row.class_name for row in rows}, set(every_call.classes()))
        names = {(row.class_name, row.name) for row in rows}
        waiting = [row for row in rows if (row.class_name, f"{row.name.removesuffix('_async')}_async") in names]
        wrong = [
            row for row in waiting
            if f"{row.class_name}.{row.name.removesuffix('_async')}" not in {*EXCEPT, *excepted}
            and row.outcome != expected.get(row.class_name, row.outcome)
        ]
        self.assertEqual(wrong, [])
        self.assertEqual(set(expected) - {row.class_name for row in waiting}, set())

    def test_closed(self):
        """Waiting for a job that has ended needs no connection."""
        self.assertFail('closed', CLOSED, {'BackupJob.wait'})

    def test_gone(self):
        """The domain was undefined, with its checkpoints."""
        self.assertFail('gone', GONE, {'BackupJob.wait'})

    def test_bare(self):
        self.assertFail('bare', BARE)

    def test_cancelled(self):
        """Before the call: it is not begun, whatever its arguments are."""
        rows = self.outcomes('cancelled')
        self.assertEqual([row for row in rows if row.outcome != 'Cancelled'], [])

    def test_cancelled_meanwhile(self):
        rows = self.outcomes('cancelled-meanwhile')
        self.assertTrue(any(row.outcome == 'Cancelled' for row in rows))

    def test_hostile_arguments(self):
        rows = self.outcomes('hostile')
        changed = [row for row in rows if f'{row.class_name}.{row.name}' != 'Connection.new']
        unknown = [row for row in changed if row.argument == 'flags']
        texts = [row for row in rows if row.value and row.value.startswith("'a\\x00b")]
        broken = [row for row in rows if row.value == "'\\udcff'"]
        self.assertGreater(min(map(len, (unknown, texts, broken))), 20)
        self.assertEqual([row for row in unknown if row.outcome != 'INVALID_ARG'], [])
        self.assertEqual([row for row in texts if row.outcome != 'ValueError'], [])
        self.assertEqual([row for row in broken if row.outcome not in REFUSED | CODES], [])

    def test_hostile_arguments_of_bare_objects(self):
        self.outcomes('hostile-bare')


if __name__ == '__main__':
    unittest.main()
