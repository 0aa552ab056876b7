# SPDX-License-Identifier: LGPL-2.1-or-later

"""A real libvirtd that belongs to the test alone, and domains that run in it.

It works without systemd, D-Bus, virtlogd and the rights of root; all that it has is in one folder. libvirt
keeps the paths of its files from root, so root runs it as the user `nobody`.
"""

import contextlib
import itertools
import json
import os
import pathlib
import pwd
import signal
import socket
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from xml.sax.saxutils import escape

import libvirt
import libvirt_qemu

import gi

gi.require_version('Vck', '1')
from gi.repository import GLib, Vck  # noqa: E402

from support import DISK_SIZE, TIMEOUT, VckTestCase, clean_environment, names, run, settle  # noqa: E402

DAEMON = '/usr/sbin/libvirtd'
TOPOLOGICAL = Vck.CheckpointListFlags.TOPOLOGICAL

_numbers = itertools.count(1)


# Read while it can be: a test that becomes another user may have no right to the folder that it is in.
GUARD = pathlib.Path(__file__).with_name('guard.py').read_text()


class Host:
    """libvirtd, in a folder of its own."""

    def __init__(self, settings='', tcp_port=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='vck-live-'))
        self.user = pwd.getpwnam('nobody') if os.geteuid() == 0 else pwd.getpwuid(os.getuid())
        self.log = self.folder / 'log'
        self.run_folder = self.folder / 'run'
        self.socket = self.run_folder / 'libvirt-sock'
        self.daemon = None
        self.tcp_port = tcp_port
        self.guard = subprocess.Popen(
            [sys.executable, '-c', GUARD, self.folder],
            stdin=subprocess.PIPE,
            start_new_session=True,
            env=clean_environment(),
        )
        self._write_configuration(settings)
        self.start()

    def uri(self, driver='qemu', path='/session'):
        return f'{driver}+unix://{path}?socket={self.socket}'

    def remote_uri(self):
        """As from another host; libvirtd listens on that port of this one."""
        return f'qemu+tcp://127.0.0.1:{self.tcp_port}/session'

    def _write_configuration(self, settings):
        config = self.folder / 'config' / 'libvirt'
        for folder in (config, self.run_folder, self.folder / 'cache', self.folder / 'data'):
            folder.mkdir(parents=True)
        (config / 'qemu.conf').write_text(
            'stdio_handler = "file"\n'
            'security_driver = "none"\n'
            'namespaces = []\n'
            'cgroup_controllers = []\n'
        )
        (self.folder / 'libvirtd.conf').write_text(
            'listen_tls = 0\n'
            'auth_unix_ro = "none"\n'
            'auth_unix_rw = "none"\n'
            f'unix_sock_dir = "{self.run_folder}"\n'
            'log_level = 3\n'
            'log_filters = "1:conf.virdomainjob 1:rpc.keepalive"\n'
            f'log_outputs = "1:file:{self.log}"\n'
            f'{self._listen_settings()}'
            f'{settings}\n'
        )
        for root, _folders, files in os.walk(self.folder):
            for path in [root] + [os.path.join(root, name) for name in files]:
                self.give(path)

    def _listen_settings(self):
        if self.tcp_port is None:
            return ''
        return (
            'listen_tcp = 1\nauth_tcp = "none"\nlisten_addr = "127.0.0.1"\n'
            f'tcp_port = "{self.tcp_port}"\n'
        )

    def give(self, path):
        """Lets libvirtd have a file or folder."""
        if os.geteuid() == 0:
            os.chown(path, self.user.pw_uid, self.user.pw_gid)

    def _environment(self):
        return {
            'PATH': '/usr/bin:/bin:/usr/sbin:/sbin',
            'LC_ALL': 'C.UTF-8',
            'HOME': str(self.folder),
            'XDG_CACHE_HOME': str(self.folder / 'cache'),
            'XDG_CONFIG_HOME': str(self.folder / 'config'),
            'XDG_DATA_HOME': str(self.folder / 'data'),
            'XDG_RUNTIME_DIR': str(self.run_folder),
            'NOTIFY_SOCKET': str(self.folder / 'ready'),
        }

    def start(self):
        """Starts libvirtd and waits until it says that it is ready."""
        ready = self.folder / 'ready'
        ready.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
            listener.bind(str(ready))
            self.give(ready)
            other_user = {'user': self.user.pw_uid, 'group': self.user.pw_gid, 'extra_groups': []}
            self.daemon = subprocess.Popen(
                [
                    DAEMON,
                    *(['-l'] if self.tcp_port else []),
                    *('-f', self.folder / 'libvirtd.conf', '-p', self.folder / 'pid'),
                ],
                env=self._environment(),
                start_new_session=True,
                **(other_user if os.geteuid() == 0 else {}),
            )
            self._wait_for_word(listener)

    def _wait_for_word(self, listener):
        listener.settimeout(1)
        for _attempt in range(TIMEOUT):
            try:
                if b'READY=1' in listener.recv(4096).split(b'\n'):
                    return
            except TimeoutError:
                if self.daemon.poll() is not None:
                    break
        raise AssertionError(f'libvirtd does not start: {self.log.read_text()}')

    def freeze(self):
        """Keeps libvirtd from answering, until it is killed."""
        self.daemon.send_signal(signal.SIGSTOP)

    def kill(self):
        """Kills libvirtd; the QEMUs go on."""
        self.daemon.kill()
        self.daemon.wait()

    def stop(self):
        """Ends all that there is, and removes the folder."""
        self.daemon.kill()
        self.daemon.wait()
        self.guard.stdin.close()
        if self.guard.wait() != 0 or self.folder.exists():
            raise AssertionError(f"something is left in '{self.folder}'")

    def has_logged(self, text):
        return text in self.log.read_text(errors='replace')

    def create_image(self, name):
        path = self.folder / f'{name}.qcow2'
        run('qemu-img', 'create', '-q', '-f', 'qcow2', path, str(DISK_SIZE))
        self.give(path)
        return path

    def qemu_pid(self, name):
        """The process id of a domain's QEMU."""
        return int((self.run_folder / 'libvirt' / 'qemu' / 'run' / f'{name}.pid').read_text())


@contextlib.contextmanager
def as_real_user():
    """For programs that refuse to run otherwise."""
    user = os.geteuid()
    os.seteuid(os.getuid())
    try:
        yield
    finally:
        os.seteuid(user)


def disk_xml(target, path):
    bus = 'scsi' if target.startswith('sd') else 'virtio'
    return (
        "<disk type='file' device='disk'><driver name='qemu' type='qcow2' cache='unsafe'/>"
        f"<source file='{escape(str(path))}'/><target dev='{target}' bus='{bus}'/></disk>"
    )


def live_domain_xml(name, disks):
    """The least that runs, with the disks {target: path of a qcow2 image}."""
    disk_elements = ''.join(disk_xml(target, path) for target, path in disks.items())
    return (
        f"<domain type='qemu'><name>{escape(name)}</name><memory unit='MiB'>16</memory>"
        "<os><type arch='x86_64' machine='pc'>hvm</type></os><devices>"
        f"{disk_elements}<controller type='scsi' model='virtio-scsi'/>"
        "<controller type='usb' model='none'/><memballoon model='none'/>"
        '</devices></domain>'
    )


def checkpoint_xml(name, disks=None):
    """The definition of a checkpoint; `disks` is {target: "bitmap" or "no"}, None for all."""
    rows = ''.join(f"<disk name='{t}' checkpoint='{how}'/>" for t, how in (disks or {}).items())
    wrapped = f'<disks>{rows}</disks>' if rows else ''
    return f'<domaincheckpoint><name>{escape(name)}</name>{wrapped}</domaincheckpoint>'


class LiveDomain:
    """A domain in libvirt, as python3-libvirt and as Vck see it."""

    def __init__(self, test, targets=('vda',), disks=None):
        self.test = test
        self.name = f'domain-{next(_numbers)}'
        self.disks = disks or {
            target: test.host.create_image(f'{self.name}-{target}') for target in targets
        }
        test.libvirt.defineXML(live_domain_xml(self.name, self.disks))
        self.running = False
        self.reconnect()

    def reconnect(self):
        """Looks the domain up at the connections that the test has now."""
        self.libvirt = self.test.libvirt.lookupByName(self.name)
        self.vck = self.test.vck.lookup_domain_by_name(self.name, None)

    def start(self):
        self.libvirt.create()
        self.running = True
        return self

    def stop(self):
        """Stops the domain cleanly: QEMU stores the bitmaps."""
        self.libvirt.destroy()
        self.running = False

    def kill(self):
        """Kills QEMU, and waits until libvirt knows."""
        if not self.running:
            return
        os.kill(self.test.host.qemu_pid(self.name), signal.SIGKILL)
        self.test.wait_until(lambda: not self.libvirt.isActive(), 'libvirt to see the end of QEMU')
        self.running = False

    def clear(self):
        """Deletes all checkpoints and bitmaps, whatever became of them."""
        for checkpoint in self.libvirt.listAllCheckpoints():
            checkpoint.delete(libvirt.VIR_DOMAIN_CHECKPOINT_DELETE_METADATA_ONLY)
        for target in self.disks:
            for bitmap in self.bitmaps(target):
                self.remove_bitmap(target, bitmap)

    def command(self, command, **arguments):
        """What QEMU answers to a command of its monitor."""
        text = json.dumps({'execute': command, 'arguments': arguments})
        return json.loads(libvirt_qemu.qemuMonitorCommand(self.libvirt, text, 0))['return']

    def node(self, target):
        """QEMU's name for an image in use, with what QEMU knows of it."""
        nodes = self.command('query-named-block-nodes', flat=True)
        path = str(self.disks[target])
        return next(each for each in nodes if each['drv'] == 'qcow2' and each['file'] == path)

    def bitmaps(self, target):
        bitmaps = self.node(target).get('dirty-bitmaps', [])
        return sorted(each['name'] for each in bitmaps if 'name' in each)  # jobs have nameless ones

    def add_bitmap(self, target, bitmap):
        node = self.node(target)['node-name']
        self.command('block-dirty-bitmap-add', node=node, name=bitmap, persistent=True)

    def remove_bitmap(self, target, bitmap):
        node = self.node(target)['node-name']
        self.command('block-dirty-bitmap-remove', node=node, name=bitmap)

    def guest_io(self, target, command):
        """Has a disk written to as the guest would."""
        node = self.node(target)['node-name']
        device = next(
            each['qdev']
            for each in self.command('query-block')
            if each.get('inserted', {}).get('node-name') == node
        )
        line = f'qemu-io -d {device} "{command}"'
        answer = libvirt_qemu.qemuMonitorCommand(
            self.libvirt, line, libvirt_qemu.VIR_DOMAIN_QEMU_MONITOR_COMMAND_HMP
        )
        self.test.assertEqual(answer, '')  # the rest goes to QEMU's log

    def write(self, target, offset, length, pattern=0xA5):
        self.guest_io(target, f'write -P {pattern} {offset} {length}')

    def zero(self, target, offset, length):
        self.guest_io(target, f'write -z {offset} {length}')

    def create(self, name, disks=None):
        """A checkpoint that Vck makes."""
        return self.vck.create_checkpoint_xml(checkpoint_xml(name, disks), 0, None)

    def create_by_libvirt(self, name, disks=None):
        """A checkpoint that libvirt makes, alone."""
        return self.libvirt.checkpointCreateXML(checkpoint_xml(name, disks))

    def parents(self):
        """{checkpoint: its parent}, as libvirt has it, parents first."""
        flags = libvirt.VIR_DOMAIN_CHECKPOINT_LIST_TOPOLOGICAL
        found = {}
        for checkpoint in self.libvirt.listAllCheckpoints(flags):
            text = checkpoint.getXMLDesc(libvirt.VIR_DOMAIN_CHECKPOINT_XML_NO_DOMAIN)
            found[checkpoint.getName()] = xml_text(text, 'parent/name')
        return found

    def sizes(self, checkpoint):
        """{target: bytes to be saved since a checkpoint}, as Vck has it."""
        disks = self.vck.lookup_checkpoint(checkpoint, None).list_disks(
            Vck.CheckpointXmlFlags.SIZE, None
        )
        return {disk.get_name(): disk.get_size() for disk in disks}

    def findings(self):
        """What Vck finds wrong: (kind, checkpoint, disk, bitmap)."""
        return described(self.vck.verify_checkpoints(None))

    def virsh(self, command, *arguments):
        """What virsh prints; `command` comes before the name of the domain."""
        words = ['virsh', '-q', '-c', self.test.host.uri(), command, self.name, *arguments]
        with as_real_user():
            return run(*words)


def acted_on(findings):
    """Without those that a repair leaves, or would leave."""
    return [each for each in findings if each.get_outcome() != Vck.FindingOutcome.LEFT]


def described(findings):
    return [
        (each.get_kind(), each.get_checkpoint(), each.get_disk(), each.get_bitmap())
        for each in findings
    ]


def xml_text(text, path):
    """The text of the element at this path below the root, None if there is none."""
    return ElementTree.fromstring(text).findtext(path)


class LiveTestCase(VckTestCase):
    """A test case with one libvirtd for all tests of its class, reached by both libraries.

    Vck comes first, so that libvirt's events go through the loop that Vck brings along.
    """

    settings = ''  # of libvirtd

    @classmethod
    def setUpClass(cls):
        cls.host = Host(cls.settings)
        cls.addClassCleanup(cls.host.stop)
        cls.used_domain = None
        cls.connect()

    @classmethod
    def connect(cls):
        cls.vck = Vck.Connection.open(cls.host.uri(), 0, None)
        cls.addClassCleanup(cls.vck.close)
        cls.libvirt = libvirt.open(cls.host.uri())
        cls.addClassCleanup(cls.libvirt.close)

    def setUp(self):
        """There is nothing to connect to but the host."""

    def start_domain(self, targets=('vda',), disks=None):
        """A running domain that belongs to this test."""
        domain = LiveDomain(self, targets, disks).start()
        self.addCleanup(domain.kill)
        return domain

    def shared_domain(self):
        """A running domain with two disks and no checkpoints, used by one test after the other."""
        if self.used_domain is None:
            type(self).used_domain = LiveDomain(self, ('vda', 'vdb')).start()
        self.used_domain.test = self
        self.used_domain.vck.refresh(None)
        settle()
        self.addCleanup(self.used_domain.clear)
        return self.used_domain

    def be_user_of_qemu(self):
        """For the rest of the test, so that QEMU can write into its repositories."""
        if os.geteuid() == 0:
            os.seteuid(self.host.user.pw_uid)
            self.addCleanup(os.seteuid, 0)

    def wait_until(self, condition, what='the condition'):
        """Also for what has no event: looks again every few milliseconds."""
        ticks = GLib.timeout_add(5, lambda: True)
        try:
            super().wait_until(condition, what)
        finally:
            GLib.source_remove(ticks)

    def assertChain(self, domain, expected):
        """Both libraries see one chain of these checkpoints."""
        parents = dict(zip(expected, [None] + expected[:-1]))
        self.assertEqual(domain.parents(), parents)
        domain.vck.refresh(None)
        settle()
        chain = domain.vck.list_checkpoints(TOPOLOGICAL, None)
        self.assertEqual(names(chain), expected)
        self.assertEqual({each.get_name(): each.get_parent_name() for each in chain}, parents)
