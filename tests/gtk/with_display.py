# SPDX-License-Identifier: LGPL-2.1-or-later

"""with_display.py PROGRAM [ARGUMENT]...: runs a program of GTK with a display of its own, which has no screen."""

import contextlib
import os
import signal
import subprocess
import sys

# Drawn without a graphics card, without the services of a session, and alike on every host.
SETTINGS = {'GDK_BACKEND': 'x11', 'GDK_DEBUG': 'gl-disable', 'GSK_RENDERER': 'cairo', 'GTK_A11Y': 'none',
            'GTK_THEME': 'Adwaita', 'GSETTINGS_BACKEND': 'memory', 'GIO_USE_VFS': 'local', 'LC_ALL': 'C.UTF-8'}


@contextlib.contextmanager
def private_display(environment):
    """The environment for programs that use a display, which ends with the context."""
    reading, writing = os.pipe()
    server = subprocess.Popen(['Xvfb', '-displayfd', str(writing), '-screen', '0', '800x600x24', '-nolisten', 'tcp'],
                              pass_fds=[writing], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL,
                              env={name: value for name, value in environment.items() if name != 'LD_PRELOAD'})
    os.close(writing)
    try:
        # The server chooses a number that is free, and says so when it is ready.
        with os.fdopen(reading) as answer:
            number = answer.readline().strip()
        if not number:
            raise RuntimeError('Xvfb ended before it had a display')
        yield {**environment, **SETTINGS, 'DISPLAY': f':{number}'}
    finally:
        server.terminate()
        server.wait()


def end(number, frame):
    sys.exit(128 + number)


def main():
    signal.signal(signal.SIGTERM, end)
    with private_display(dict(os.environ)) as environment:
        code = subprocess.run(sys.argv[1:], env=environment, check=False).returncode
    return code if code >= 0 else 128 - code


if __name__ == '__main__':
    sys.exit(main())
