# SPDX-License-Identifier: LGPL-2.1-or-later

"""Makes the picture of the example `window` on the page of lists, from two domains with checkpoints.

usage: build/run python3 tests/gtk/picture.py docs/lists-window.png
"""

import os
import pathlib
import subprocess
import sys
import tempfile

import gi

gi.require_version('Vck', '1')
from gi.repository import Vck  # noqa: E402
from window import Window  # noqa: E402

SOURCE = pathlib.Path(__file__).parents[2]
# What is written to a disk after each checkpoint, in MiB.
DOMAINS = {'mail': {'monday': 72, 'tuesday': 6, 'wednesday': 0}, 'web': {'before-update': 12, 'nightly': 1}}
SHOWN = """Name | State | Size
- mail | shutoff |\x20
  - monday | ready | 81.8 MB
    - tuesday | ready | 6.3 MB
      . wednesday | ready | 0 bytes
- web | shutoff |\x20
  - before-update | ready | 13.6 MB
    . nightly | ready | 1.0 MB
Checkpoints
"""


def define(connection, folder, name, written):
    image = folder / f'{name}.qcow2'
    subprocess.run(['qemu-img', 'create', '-q', '-f', 'qcow2', image, '1G'], check=True)
    config = Vck.DomainConfig.new_from_images([str(image)])
    config.name = name
    domain = connection.define_domain(config)
    for number, (checkpoint, size) in enumerate(written.items()):
        domain.create_checkpoint(Vck.CheckpointConfig(name=checkpoint))
        if size > 0:
            subprocess.run(['qemu-io', '-f', 'qcow2', '-c', f'write {number * 256}M {size}M', image], check=True,
                           stdout=subprocess.DEVNULL)


def main(picture):
    with tempfile.TemporaryDirectory(prefix='vck-picture-') as folder:
        uri = f'local://{folder}/domains'
        connection = Vck.Connection.open(uri)
        for name, written in DOMAINS.items():
            define(connection, pathlib.Path(folder), name, written)
        command = [sys.executable, SOURCE / 'examples' / 'python' / 'window.py', uri]
        with Window(command, dict(os.environ), SOURCE / 'build' / 'tests' / 'gtk', picture=picture) as window:
            window.wait_for(SHOWN)
            window.close()


if __name__ == '__main__':
    main(sys.argv[1])
