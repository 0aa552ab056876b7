# SPDX-License-Identifier: LGPL-2.1-or-later

"""A machine that runs: QEMU in its software emulation, with disks but without a guest system."""

import json
import subprocess

PROGRAM = 'qemu-system-x86_64'


class MachineError(Exception):
    """QEMU did not do as it was told."""


class Machine:
    """Runs from the beginning of a `with` to its end, or until it is killed.

    QEMU listens for Vck at a socket. Its own user, who is we, gives it orders through a pipe.
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
            raise MachineError(message) from None
        self.process.stdout.readline()  # the greeting: now it also listens at the socket
        self.order('qmp_capabilities')
        return self

    def __exit__(self, *_exception):
        self.kill()

    def order(self, command, **arguments):
        """Gives QEMU an order and returns its answer."""
        order = {'execute': command, 'arguments': arguments}
        print(json.dumps(order), file=self.process.stdin, flush=True)
        for line in self.process.stdout:
            answer = json.loads(line)
            if 'return' in answer:
                return answer['return']
            if 'error' in answer:
                raise MachineError(f"{command} failed: {answer['error']['desc']}")
        raise MachineError(f'{PROGRAM} ended')

    def write(self, target, offset, length):
        """Writes to a disk from inside, where a guest's driver would."""
        device = f'/machine/peripheral/{target}/virtio-backend'
        line = f'qemu-io -d {device} "write -q {offset} {length}"'
        complaint = self.order('human-monitor-command', **{'command-line': line})
        if complaint:
            raise MachineError(complaint.strip())

    def kill(self):
        """As `kill -9` does; returns when it is dead."""
        with self.process:  # closes the pipes and waits
            self.process.kill()
