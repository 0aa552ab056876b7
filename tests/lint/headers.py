# SPDX-License-Identifier: LGPL-2.1-or-later

"""Every public header can be included alone, from C and from C++."""

import os
import shlex
import unittest

from house import SOURCE, BUILD, core_public_headers, public_headers, run

CC = shlex.split(os.environ["VCK_CC"])
CXX = ["g++"]
STRICT = ["-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]


def compile_include(compiler, language, name, flags):
    run(*compiler, *STRICT, "-x", language, *flags, "-", input=f'#include "{name}"\n')


class CoreHeaders(unittest.TestCase):
    """Plain C on the outside: no flag for GLib is given here."""

    def check(self, compiler, language, standard):
        headers = core_public_headers()
        self.assertTrue(headers)
        for header in headers:
            with self.subTest(header=header.name):
                compile_include(compiler, language, header.name,
                                [standard, f"-I{SOURCE / 'core' / 'include'}"])

    def test_in_c99(self):
        self.check(CC, "c", "-std=c99")

    def test_in_cplusplus(self):
        self.check(CXX, "c++", "-std=c++11")


class LibraryHeaders(unittest.TestCase):
    def setUp(self):
        self.flags = shlex.split(run("pkg-config", "--cflags", "gobject-2.0", "gio-2.0"))
        self.flags += [f"-I{root / 'gobject'}" for root in (SOURCE, BUILD)]
        self.headers = public_headers()
        self.assertIn("vck/vck.h", self.headers)

    def check(self, compiler, language, standard):
        for name, path in self.headers.items():
            with self.subTest(header=name):
                compile_include(compiler, language, path,
                                [standard, "-DVCK_COMPILATION", *self.flags])

    def test_in_c99(self):
        self.check(CC, "c", "-std=c99")

    def test_in_cplusplus(self):
        self.check(CXX, "c++", "-std=c++11")
