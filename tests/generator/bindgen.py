# SPDX-License-Identifier: LGPL-2.1-or-later
"""Running vck-bindgen."""

import os
import pathlib
import subprocess

BINDGEN = os.environ['BINDGEN']
CORE_GIR = os.environ['CORE_GIR']
CORE_CONFIG = os.environ['CORE_CONFIG']


def run(*arguments, folder=None):
    """What vck-bindgen ends with and prints."""
    result = subprocess.run([BINDGEN, *map(str, arguments)], cwd=folder, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return result.returncode, result.stdout


def generate(folder, gir=CORE_GIR, *options):
    return run('generate', '--config', CORE_CONFIG, '--output', folder, *options, gir)


def read_folder(folder):
    return {path.name: path.read_text(encoding='utf-8')
            for path in sorted(pathlib.Path(folder).iterdir())}
