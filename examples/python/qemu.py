# SPDX-License-Identifier: LGPL-2.1-or-later

"""A running QEMU: in its software emulation, with disks but without a guest system."""

import json
import subprocess

PROGRAM = 'qemu-system-x86_64'


class QemuError(Exception):
    """A command to QEMU failed."""


class Qemu:
    """Runs from the beginning of a `with` to its end, or until it is killed.

    QEMU accepts Vck on a socket, and the commands of this program on a pipe.
    """

    def __init__(self, images, qmp_socket):
        command = [PROGRAM, '-M', 'pc', '-accel', 'tcg', '-m', '64', '-display', 'none']
        command += ['-nodefaults', '-no-user-config', '-qmp', 'stdio']
        command += ['-qmp', f'unix:{qmp_socket},server=on,wait=off']
        for target, image in images.items():
            file = {'driver': 'file', 'filename': str(image)}
            node = {'driver': 'qcow2', 'node-name': f'{target}-image', 'file': file}
            command += ['-blockdev', json.dumps(node)]
            command += ['-device', f'virtio-blk-pci,id={target},drive={target}-image']
        self.command = command
        self.process = None

    def __enter__(self):
        pipes = {'stdin': subprocess.PIPE, 'stdout': subprocess.PIPE, 'text': True}
        try:
            self.process = subprocess.Popen(self.command, **pipes)
        except FileNotFoundError:
            message = f'the program {PROGRAM} is missing; install qemu-system-x86'
            raise QemuError(message) from None
        self.process.stdout.readline()  # the greeting: the socket is ready, too
        self.execute('qmp_capabilities')
        return self

    def __exit__(self, *_exception):
        self.kill()

    def execute(self, command, **arguments):
        """Sends a QMP command and returns the result."""
        request = {'execute': command, 'arguments': arguments}
        print(json.dumps(request), file=self.process.stdin, flush=True)
        for line in self.process.stdout:
            answer = json.loads(line)
            if 'return' in answer:
                return answer['return']
            if 'error' in answer:
                raise QemuError(f"{command} failed: {answer['error']['desc']}")
        raise QemuError(f'{PROGRAM} exited')

    def write(self, target, offset, length):
        """Writes to a disk from inside, as the driver of a guest would."""
        device = f'/machine/peripheral/{target}/virtio-backend'
        line = f'qemu-io -d {device} "write -q {offset} {length}"'
        complaint = self.execute('human-monitor-command', **{'command-line': line})
        if complaint:
            raise QemuError(complaint.strip())

    def kill(self):
        """As `kill -9` does; returns when it is dead."""
        with self.process:  # closes the pipes and waits
            self.process.kill()
