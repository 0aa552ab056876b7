# SPDX-License-Identifier: LGPL-2.1-or-later

"""A domain that runs in a libvirtd of the test's own."""

import json
import os
import signal
import time
from xml.sax.saxutils import escape

import libvirt
import libvirt_qemu

from forms import OnQemu, become_unprivileged
from host import Host
from support import TIMEOUT, UUID

# libvirt asks QEMU for each feature of the processor, which takes most of the time of a start, unless QEMU is
# said to be an old one.
OLD_PROCESSOR = (
    "<qemu:capabilities xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>"
    "<qemu:del capability='cpu-unavailable-features'/></qemu:capabilities>"
)
HUMAN = libvirt_qemu.VIR_DOMAIN_QEMU_MONITOR_COMMAND_HMP


class Libvirt(OnQemu):
    pulls = True

    def __init__(self, test):
        become_unprivileged()
        self.host = Host()
        test.addCleanup(self.host.stop)
        self.prepare(test, self.host.folder, self.host.uri())
        self.libvirt = libvirt.open(self.host.uri())
        test.addCleanup(self.libvirt.close)
        self.devices = {}  # target -> QEMU's names of its device and its node

    def define(self, disks):
        """libvirt takes disks away from a running domain only if the guest agrees."""
        rows = ''.join(
            "<disk type='file' device='disk'><driver name='qemu' type='qcow2' cache='unsafe' discard='unmap'/>"
            f"<source file='{escape(str(disk.image))}'/><target dev='{disk.target}' bus='virtio'/></disk>"
            for disk in disks)
        with self.off():
            self.domain = self.connection.define_domain_xml(
                f"<domain type='qemu'><name>guest</name><uuid>{UUID}</uuid><memory unit='MiB'>16</memory>"
                f"<os><type arch='x86_64' machine='pc'>hvm</type></os><devices>{rows}"
                f"<controller type='usb' model='none'/><memballoon model='none'/></devices>{OLD_PROCESSOR}</domain>", None)
            self.disks = list(disks)

    def start(self):
        """There is no guest to be run."""
        self.live = self.libvirt.lookupByUUIDString(UUID)
        self.live.createWithFlags(libvirt.VIR_DOMAIN_START_PAUSED)
        self.on = True
        devices = {each['inserted']['file']: (each['qdev'], each['inserted']['node-name'])
                   for each in self.command('query-block') if 'inserted' in each}
        self.devices = {disk.target: devices[str(disk.image)] for disk in self.disks}

    def stop(self):
        self.live.destroyFlags(libvirt.VIR_DOMAIN_DESTROY_GRACEFUL)
        self.on = False

    def kill(self):
        os.kill(self.host.qemu_pid('guest'), signal.SIGKILL)
        deadline = time.monotonic() + TIMEOUT
        while self.live.isActive() and time.monotonic() < deadline:
            time.sleep(0.01)
        self.on = False

    def command(self, command, **arguments):
        text = json.dumps({'execute': command, 'arguments': arguments})
        answer = json.loads(libvirt_qemu.qemuMonitorCommand(self.live, text, 0))
        if 'error' in answer:
            raise AssertionError(f"{command} {arguments}: {answer['error']['desc']}")
        return answer['return']

    def human(self, line):
        return libvirt_qemu.qemuMonitorCommand(self.live, line, HUMAN)

    def device(self, disk):
        return f'-d {self.devices[disk.target][0]}'

    def node(self, disk):
        return self.devices[disk.target][1]
