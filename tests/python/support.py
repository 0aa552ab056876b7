# SPDX-License-Identifier: LGPL-2.1-or-later

"""What the Python tests share: backends to connect to, domains to define, a main loop to wait on."""

import gc
import itertools
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import threading
import traceback
import unittest
from xml.sax.saxutils import escape

import gi

gi.require_version('Vck', '1')
from gi.repository import GLib, Vck  # noqa: E402

GRANULARITY = 64 * 1024
DISK_SIZE = 64 * 1024 * 1024
UUID = '5a0b6a3e-6b1c-4c86-9d6b-b7f0a3b0d2c1'
TIMEOUT = 60  # seconds until a wait is given up: only ever reached by a defect
N_THREADS = 8

_numbers = itertools.count(1)


def domain_xml(name, disks, uuid=UUID, qmp=None):
    """The definition of a domain with the disks {target: path of a qcow2 image}, and its QMP socket."""
    uuid_element = f'<uuid>{uuid}</uuid>' if uuid else ''
    if qmp is not None:
        qmp = f"<metadata><vck:machine xmlns:vck='urn:vck:domain:1' qmp='{escape(str(qmp))}'/></metadata>"
    disk_elements = ''.join(
        "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>"
        f"<source file='{escape(str(path))}'/><target dev='{target}' bus='virtio'/></disk>"
        for target, path in disks.items()
    )
    return (
        f"<domain type='qemu'><name>{escape(name)}</name>{uuid_element}{qmp or ''}"
        "<memory unit='MiB'>64</memory><os><type>hvm</type></os>"
        f'<devices>{disk_elements}</devices></domain>'
    )


def checkpoint_xml(name=None, description=None, disks=None):
    """The definition of a checkpoint; `disks` is {target: "bitmap" or "no"}, None for all."""
    parts = []
    if name is not None:
        parts.append(f'<name>{escape(name)}</name>')
    if description is not None:
        parts.append(f'<description>{escape(description)}</description>')
    if disks is not None:
        rows = ''.join(f"<disk name='{t}' checkpoint='{how}'/>" for t, how in disks.items())
        parts.append(f'<disks>{rows}</disks>')
    return f"<domaincheckpoint>{''.join(parts)}</domaincheckpoint>"


def backup_xml(files, base=None):
    """The document of a backup of the disks {target: path of the file}, of changes since `base`."""
    incremental = f'<incremental>{escape(base)}</incremental>' if base else ''
    disks = ''.join(
        f"<disk name='{target}' type='file'><target file='{escape(str(path))}'/></disk>"
        for target, path in files.items()
    )
    return f'<domainbackup>{incremental}<disks>{disks}</disks></domainbackup>'


class MemoryBackend:
    """A memory: URI of its own; no disk is touched."""

    def __init__(self, test):
        self.uri = f'memory:///python-{os.getpid()}-{next(_numbers)}'
        self.has_images = False

    def disks(self, *targets):
        return {target: f'/nonexistent/{target}.qcow2' for target in targets}

    def backups(self, name, *targets):
        return {target: pathlib.Path(f'/nonexistent/{target}-{name}.qcow2') for target in targets}

    def write(self, target, offset, length):
        pass


class LocalBackend:
    """A new folder for a local: connection, with real qcow2 images in it."""

    def __init__(self, test):
        folder = tempfile.TemporaryDirectory(prefix='vck test ä-')
        test.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.uri = GLib.filename_to_uri(str(self.folder / 'domains'), None).replace('file:', 'local:')
        self.has_images = True

    def image(self, target):
        return self.folder / f'{target}.qcow2'

    def disks(self, *targets):
        for target in targets:
            run('qemu-img', 'create', '-q', '-f', 'qcow2', self.image(target), str(DISK_SIZE))
        return {target: self.image(target) for target in targets}

    def backups(self, name, *targets):
        """Files for a backup, not made yet."""
        return {target: self.folder / f'{target}-{name}.qcow2' for target in targets}

    def write(self, target, offset, length):
        run('qemu-io', '-f', 'qcow2', '-c', f'write {offset} {length}', self.image(target))


class SilentQemu:
    """A QMP socket that takes every connection and never says a word."""

    def __init__(self, test, path):
        self.path = path
        self.clients = []
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(str(path))
        self.socket.listen()
        self.source = GLib.unix_fd_add_full(
            GLib.PRIORITY_DEFAULT, self.socket.fileno(), GLib.IOCondition.IN, self.accept
        )
        test.addCleanup(self.close)

    def accept(self, _fd, _condition):
        self.clients.append(self.socket.accept()[0])
        return GLib.SOURCE_CONTINUE

    def close(self):
        """Ends: nothing listens any more."""
        if self.source != 0:
            GLib.source_remove(self.source)
            self.source = 0
            self.path.unlink()
        for each in [self.socket, *self.clients]:
            each.close()


def run(*command):
    """Runs a program; what it printed becomes part of the failure, if it fails."""
    done = subprocess.run(
        [str(word) for word in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        env=clean_environment(),
    )
    if done.returncode != 0:
        raise AssertionError(f"{command} failed: {done.stdout.decode(errors='replace')}")
    return done.stdout.decode()


def clean_environment():
    """The environment for programs that are not ours: without what a sanitizer preloads."""
    return {name: value for name, value in os.environ.items() if name != 'LD_PRELOAD'}


class VckTestCase(unittest.TestCase):
    """A test case with a backend to connect to and a main loop to wait on."""

    backend_class = MemoryBackend

    def setUp(self):
        self.backend = self.backend_class(self)

    def tearDown(self):
        settle()

    def open(self, flags=Vck.ConnectionFlags(0)):
        """A connection to the backend, closed when the test ends."""
        connection = Vck.Connection.open(self.backend.uri, flags, None)
        self.addCleanup(connection.close)
        return connection

    def define(self, connection, name='guest', targets=('vda', 'vdb'), uuid=UUID):
        return connection.define_domain_xml(domain_xml(name, self.backend.disks(*targets), uuid), None)

    def create(self, domain, name, **details):
        xml = checkpoint_xml(name, **details)
        return domain.create_checkpoint_xml(xml, Vck.CheckpointCreateFlags(0), None)

    def assertFails(self, code, call, *arguments):
        """The call fails with this error of Vck; returns the message."""
        with self.assertRaises(GLib.Error) as caught:
            call(*arguments)
        return self.assertMatches(caught.exception, code)

    def assertMatches(self, error, code):
        self.assertTrue(
            error.matches(Vck.error_quark(), code),
            f'{error.domain} {error.code} ({error.message}) is not {code.value_nick}',
        )
        return error.message

    def in_child(self, function):
        """Calls it in a forked child, which must get to its end."""
        child = os.fork()
        if child == 0:
            signal.alarm(TIMEOUT)
            status = 1
            try:
                function()
                status = 0
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(status)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0)

    def wait_until(self, condition, what='the condition'):
        """Runs the default main context until the condition holds."""
        too_late = []
        guard = GLib.timeout_add_seconds(TIMEOUT, lambda: too_late.append(1) or True)
        try:
            while not condition():
                self.assertFalse(too_late, f'gave up waiting for {what}')
                GLib.MainContext.default().iteration(True)
        finally:
            GLib.source_remove(guard)

    def in_threads(self, work):
        """Runs work(number) in threads at once; returns what it returned, or raises what one raised."""
        results, errors = [], []

        def run(number):
            try:
                results.append(work(number))
            except BaseException as error:
                errors.append(error)

        threads = [threading.Thread(target=run, args=(number,)) for number in range(N_THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for error in errors:
            raise error
        return results

    def call(self, start, *arguments):
        """Calls an _async method, waits on the main loop and returns what _finish returns."""
        results = []
        start(*arguments, lambda source, result: results.append((source, result)))
        self.wait_until(lambda: results, start.__name__)
        source, result = results[0]
        owner = source if source is not None else Vck.Connection
        return getattr(owner, start.__name__.replace('_async', '_finish'))(result)


def settle():
    """Delivers what is under way and collects garbage."""
    while GLib.MainContext.default().iteration(False):
        pass
    gc.collect()


def names(objects):
    return [each.get_name() for each in objects]
