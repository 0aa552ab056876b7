# SPDX-License-Identifier: LGPL-2.1-or-later

"""Vck in one process with other users of libvirt, and with whatever event loop there is."""

import json
import pathlib
import subprocess

import libvirt

from host import LiveTestCase
from support import TIMEOUT

PROGRAM = pathlib.Path(__file__).with_name('beside.py')
REPORTED = {
    'vck': ['added', 'running', 'shutoff', 'removed', 'client'],
    'python': [
        libvirt.VIR_DOMAIN_EVENT_DEFINED,
        libvirt.VIR_DOMAIN_EVENT_STARTED,
        libvirt.VIR_DOMAIN_EVENT_STOPPED,
        libvirt.VIR_DOMAIN_EVENT_UNDEFINED,
    ],
}


class TestBeside(LiveTestCase):
    def run_program(self, who):
        """What the program heard, and what libvirt printed meanwhile."""
        done = subprocess.run(
            ['/usr/bin/python3', PROGRAM, who, self.host.uri('test', '/default')],
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout), done.stderr

    def assertLoopIsUsed(self, who):
        self.assertEqual(self.run_program(who), ({**REPORTED, 'own-loop': False}, ''))

    def assertLoopIsLate(self, who):
        """libvirt keeps the loop of Vck, which serves both."""
        reported, printed = self.run_program(who)
        self.assertEqual(reported, {**REPORTED, 'own-loop': True})
        self.assertIn('Ignoring attempt to replace registered event loop', printed)

    def test_python_first(self):
        self.assertLoopIsUsed('python-first')

    def test_python_last(self):
        self.assertLoopIsLate('python-last')

    def test_libvirt_glib_first(self):
        self.assertLoopIsUsed('glib-first')

    def test_libvirt_glib_last(self):
        self.assertLoopIsLate('glib-last')

    def test_error_handler(self):
        """What fails in Vck is no business of the program's handler for libvirt's errors."""
        self.assertEqual(self.run_program('errors'), ([libvirt.VIR_ERR_NO_NETWORK], ''))

    def test_no_loop(self):
        self.assertEqual(self.run_program('none'), ({**REPORTED, 'own-loop': True}, ''))


class TestIdle(LiveTestCase):
    """A program without any main loop keeps its connection, and hears of its end."""

    settings = 'keepalive_interval = 1'

    @classmethod
    def connect(cls):
        """The program is to be libvirtd's only client."""

    def start_program(self):
        program = subprocess.Popen(
            ['/usr/bin/python3', PROGRAM, 'idle', self.host.uri('test', '/default')],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(program.__exit__, None, None, None)
        self.addCleanup(program.kill)
        return program

    def test_idle(self):
        program = self.start_program()
        self.assertEqual(program.stdout.readline(), 'true\n')
        self.wait_until(self.has_answered, 'an answer to libvirtd')
        program.stdin.write('\n')
        program.stdin.flush()
        self.assertEqual(program.stdout.readline(), 'true\n')
        self.host.kill()
        end = json.loads(program.stdout.readline())
        self.assertFalse(end['open'])
        self.assertIn(end['reason'], ('eof', 'error'))
        self.assertEqual(program.wait(TIMEOUT), 0)

    def has_answered(self):
        """Has the program answered libvirtd's question whether it is still there?"""
        return self.host.has_logged('Got keepalive response')
