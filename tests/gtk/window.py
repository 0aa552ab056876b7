# SPDX-License-Identifier: LGPL-2.1-or-later

"""Programs with a window, which is looked at: what it shows is a text, as shown.h describes it."""

import contextlib
import pathlib
import subprocess
import tempfile
import time

from with_display import private_display

TIMEOUT = 60  # seconds until a wait is given up: only ever reached by a defect


class Window:
    """A program that shows one window, on a display of its own. `look` is the folder of the module that looks."""

    def __init__(self, command, environment, look, cwd=None, picture=None):
        with contextlib.ExitStack() as stack:
            self.folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix='vck-window-')))
            display = stack.enter_context(private_display(environment))
            look = {'GIO_EXTRA_MODULES': str(look), 'VCK_LOOK': str(self.folder / 'shown'),
                    'VCK_LOOK_CLOSE': str(self.folder / 'close'), 'G_DEBUG': 'fatal-criticals'}
            if picture is not None:
                look['VCK_LOOK_PICTURE'] = str(picture)
            self.output = stack.enter_context((self.folder / 'output').open('w+', encoding='utf-8'))
            self.program = subprocess.Popen(command, cwd=cwd, env={**display, **look}, stdin=subprocess.DEVNULL,
                                            stdout=self.output, stderr=subprocess.STDOUT)
            stack.callback(self.end)
            self.stack = stack.pop_all()

    def end(self):
        """Without asking the program."""
        self.program.kill()
        self.program.wait()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.stack.close()

    def printed(self):
        self.output.seek(0)
        return self.output.read()

    def shown(self):
        with contextlib.suppress(FileNotFoundError):
            return (self.folder / 'shown').read_text(encoding='utf-8').replace('\N{NO-BREAK SPACE}', ' ')
        return ''

    def wait_for(self, text):
        """Until that is what it shows."""
        deadline = time.monotonic() + TIMEOUT
        while self.shown() != text:
            if time.monotonic() > deadline or self.program.poll() is not None:
                raise AssertionError(f'{text!r} is not shown but {self.shown()!r}; it ended with '
                                     f'{self.program.poll()}: {self.printed()}')
            time.sleep(0.02)

    def close(self):
        """As the user does; what the program printed until it ended well."""
        (self.folder / 'close').touch()
        if self.program.wait(TIMEOUT) != 0:
            raise AssertionError(f'it ended with {self.program.returncode}: {self.printed()}')
        return self.printed()
