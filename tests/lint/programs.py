# SPDX-License-Identifier: LGPL-2.1-or-later

"""The code blocks of pages, and how they are compiled and run with the installed library."""

import os
import pathlib
import re
import shlex
import tempfile
import unittest

from house import SOURCE, run
from installed import InstalledTree

# A line of backticks without a language ends a block; a block that begins so has the language "".
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
PYTHON = "/usr/bin/python3"
README = SOURCE / "README.md"
PAGES = {path.name.removesuffix(".in"): path for path in (*SOURCE.glob("docs/*.md"), *SOURCE.glob("docs/*.md.in"))}


def blocks(page, language):
    """The code blocks of one language on a page, in their order."""
    text = page.read_text(encoding="utf-8")
    return [block for name, block in BLOCK.findall(text) if name == language]


class Programs(unittest.TestCase):
    """A folder of its own for each test, which is the user's home."""

    @classmethod
    def setUpClass(cls):
        cls.tree = InstalledTree()
        cls.addClassCleanup(cls.tree.remove)

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="vck-guide-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.environment = self.tree.environment(self.folder)

    def call(self, *command):
        return run(*command, cwd=self.folder, env=self.environment)

    def save(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")

    def compile_vala(self, name, program, *options):
        self.save(f"{name}.vala", program)
        self.call("valac", "--vapidir", self.tree.datadir / "vala" / "vapi", "--pkg", "vck-1",
                  "--fatal-warnings", *options, f"{name}.vala")

    def compile_c(self, name, program, packages=("vck-1",), options=()):
        self.save(f"{name}.c", program)
        flags = self.call("pkg-config", "--cflags", "--libs", *packages)
        self.call(*shlex.split(os.environ["VCK_CC"]), "-Wall", "-Wextra", "-Werror", *options,
                  f"{name}.c", "-o", name, *shlex.split(flags))
