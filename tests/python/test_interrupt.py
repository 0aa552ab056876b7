# SPDX-License-Identifier: LGPL-2.1-or-later

"""Ctrl-C while a call blocks: it ends at once, and what the program does about signals stays."""

import os
import signal
import subprocess
import sys
import threading

from support import LocalBackend, VckTestCase, domain_xml
from gi.repository import Gio, GLib, Vck
from gi.overrides import _vck_interrupt

# A domain whose QEMU takes connections and never answers. interrupt() sends SIGINT once the next call
# blocks; with `hang_up`, QEMU ends after that.
PROGRAM = '''
import os, signal, socket, sys, threading, time
import gi
gi.require_version('Vck', '1')
from gi.repository import Vck

path, uri, xml = sys.argv[1:]
domain = Vck.Connection.open(uri).define_domain_xml(xml)
listener = socket.socket(socket.AF_UNIX)
listener.bind(path)
listener.listen()
clients = []

def accept():
    while True:
        clients.append(listener.accept()[0])

def is_in_call():
    frame = sys._current_frames()[threading.main_thread().ident]
    return frame.f_code.co_filename.endswith('_vck_interrupt.py')

def interrupt(hang_up=False):
    def wait():
        while not (is_in_call() and clients):
            time.sleep(0.001)
        os.kill(os.getpid(), signal.SIGINT)
        if hang_up:
            os.unlink(path)
            listener.close()
            for client in clients:
                client.close()
    threading.Thread(target=wait, daemon=True).start()

threading.Thread(target=accept, daemon=True).start()
'''
CREATE = "domain.create_checkpoint_xml('<domaincheckpoint/>')\n"
CATCH = '''
interrupt()
try:
    {}
except KeyboardInterrupt:
    print('interrupted')
'''
COUNT = '''
assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
assert signal.set_wakeup_fd(-1) == -1
os.unlink(path)
print(domain.count_checkpoints())
'''


class TestInterrupt(VckTestCase):
    backend_class = LocalBackend

    def setUp(self):
        """What runs the tests may ignore SIGINT, as a shell does for a command in the background."""
        super().setUp()
        self.addCleanup(
            signal.signal, signal.SIGINT, signal.signal(signal.SIGINT, signal.default_int_handler)
        )

    def run_program(self, text):
        """Runs the program; returns the lines that it prints, its errors and its exit status."""
        socket = self.backend.folder / 'qmp'
        xml = domain_xml('guest', self.backend.disks('vda'), qmp=socket)
        done = subprocess.run(
            [sys.executable, '-c', PROGRAM + text, socket, self.backend.uri, xml],
            capture_output=True,
            check=False,
            text=True,
        )
        return done.stdout.split(), done.stderr, done.returncode

    def test_change(self):
        done = self.run_program(CATCH.format(CREATE) + COUNT)
        self.assertEqual(done, (['interrupted', '0'], '', 0))

    def test_reader(self):
        done = self.run_program(CATCH.format('domain.query_state()') + COUNT)
        self.assertEqual(done, (['interrupted', '0'], '', 0))

    def test_again(self):
        done = self.run_program(2 * CATCH.format('domain.query_state()') + COUNT)
        self.assertEqual(done, (['interrupted', 'interrupted', '0'], '', 0))

    def test_not_caught(self):
        lines, errors, status = self.run_program('interrupt()\n' + CREATE)
        self.assertEqual((lines, status), ([], -signal.SIGINT))
        self.assertEqual(errors.count('Traceback'), 1, errors)
        self.assertTrue(errors.endswith('KeyboardInterrupt\n'), errors)

    def test_handler_of_the_program(self):
        """It is called after the call, as Python does it, and the call goes on to its end."""
        text = '''
def handle(number, frame):
    print('handled')
signal.signal(signal.SIGINT, handle)
interrupt(hang_up=True)
try:
    domain.query_state()
finally:
    print('ended')
assert signal.getsignal(signal.SIGINT) is handle
'''
        lines, errors, _status = self.run_program(text)
        self.assertEqual(sorted(lines), ['ended', 'handled'])
        self.assertNotIn('KeyboardInterrupt', errors)

    def test_wakeup_descriptor(self):
        """That of the program gets what Python writes there, and is still the one afterwards."""
        text = f'''
reader, writer = os.pipe()
os.set_blocking(writer, False)
signal.set_wakeup_fd(writer)
{CATCH.format(CREATE)}
assert os.read(reader, 1)[0] == signal.SIGINT
assert signal.set_wakeup_fd(-1) == writer
'''
        self.assertEqual(self.run_program(text), (['interrupted'], '', 0))

    def test_wakeup_descriptor_at_the_end(self):
        """What came just before the call ended is there when it has returned."""
        text = '''
from gi.overrides import _vck_interrupt
reader, writer = os.pipe()
os.set_blocking(reader, False)
os.set_blocking(writer, False)
signal.set_wakeup_fd(writer)
for _ in range(300):
    try:
        _vck_interrupt.call(lambda _: signal.raise_signal(signal.SIGINT), [None], 0)
    except KeyboardInterrupt:
        assert os.read(reader, 2) == bytes([signal.SIGINT])
    else:
        raise AssertionError('it was not interrupted')
print('passed')
'''
        self.assertEqual(self.run_program(text), (['passed'], '', 0))

    def test_before_the_call(self):
        """A signal before anything could be cancelled: the call is not begun."""
        begun = []
        used = _vck_interrupt.signal
        set_wakeup_fd = used.set_wakeup_fd

        def interrupted(*arguments, **keywords):
            used.set_wakeup_fd = set_wakeup_fd
            signal.raise_signal(signal.SIGINT)
            return set_wakeup_fd(*arguments, **keywords)

        self.addCleanup(setattr, used, 'set_wakeup_fd', set_wakeup_fd)
        used.set_wakeup_fd = interrupted
        with self.assertRaises(KeyboardInterrupt):
            _vck_interrupt.call(begun.append, [None], 0)
        self.assertEqual(begun, [])

    def test_fork_during_a_call(self):
        """By another thread: the child has Python's own handler, and the program's descriptor."""
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        self.addCleanup(os.close, writer)
        os.set_blocking(writer, False)

        def check():
            self.assertIs(signal.getsignal(signal.SIGINT), signal.default_int_handler)
            self.assertEqual(signal.set_wakeup_fd(-1), writer)

        def fork():
            try:
                self.in_child(check)
            except AssertionError as error:
                failures.append(error)

        def function(_cancellable):
            thread = threading.Thread(target=fork)
            thread.start()
            thread.join()

        failures = []
        self.addCleanup(signal.set_wakeup_fd, signal.set_wakeup_fd(writer))
        _vck_interrupt.call(function, [None], 0)
        self.assertEqual(failures, [])

    def interrupt_failure(self, domain, code):
        """The cause that is given for Ctrl-C during a call that fails."""

        def function(_cancellable):
            signal.raise_signal(signal.SIGINT)
            raise GLib.Error('the disk is full', GLib.quark_to_string(domain), code)

        with self.assertRaises(KeyboardInterrupt) as caught:
            _vck_interrupt.call(function, [None], 0)
        return caught.exception.__cause__

    def test_other_failure(self):
        """It is not lost when Ctrl-C came meanwhile."""
        self.assertIsInstance(self.interrupt_failure(Vck.error_quark(), Vck.Error.NO_SPACE), Vck.NoSpace)
        self.assertIsNone(self.interrupt_failure(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))

    def test_other_threads(self):
        """A call in another thread, or with a cancellable of its own, changes nothing."""
        seen = []
        connection = self.open()
        connection.connect('domain-added', lambda *_: None)
        default = signal.getsignal(signal.SIGINT)
        thread = threading.Thread(target=lambda: seen.append(connection.count_domains()))
        thread.start()
        thread.join()
        seen.append(connection.count_domains(cancellable=Gio.Cancellable()))
        self.assertEqual(seen, [0, 0])
        self.assertIs(signal.getsignal(signal.SIGINT), default)

    def test_from_a_handler(self):
        """A call inside of a signal's Python handler works, too."""
        connection = self.open()
        seen = []
        self.addCleanup(signal.signal, signal.SIGALRM, signal.signal(
            signal.SIGALRM, lambda *_: seen.append(connection.count_domains())))
        signal.raise_signal(signal.SIGALRM)
        self.assertEqual(seen, [0])
        self.assertIsInstance(connection, Vck.Connection)
