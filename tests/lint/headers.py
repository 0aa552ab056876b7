# SPDX-License-Identifier: LGPL-2.1-or-later

"""Every public header can be included alone, from C and from C++."""

import os
import shlex
import unittest

from house import BUILD, GIR, SOURCE, core_public_headers, gir_name, gir_namespace, public_headers, run

CC = shlex.split(os.environ["VCK_CC"])
CXX = ["g++"]
STRICT = ["-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]
STRICT_CXX = ["-Wold-style-cast", "-Wuseless-cast", "-Wsign-conversion", "-Woverloaded-virtual"]
C_STANDARDS = ["-std=c99", "-std=c11", "-std=c17", "-std=c2x"]
CXX_STANDARDS = ["-std=c++11", "-std=c++17", "-std=c++20", "-std=c++23"]

# What flags do in C++, by their names in the GIR.
OPERATORS = """
namespace test_{type} {{
constexpr {type} both = {first} | {last};
static_assert ((both & {first}) == {first} && (both & {last}) == {last}, "both");
static_assert ((both ^ {last} ^ {last}) == both, "twice");
static_assert ((both & ~{first} & {first}) == {type} (0), "without");
static_assert ((~{type} (0) | both) == ~{type} (0), "all");
{type} change ({type} flags);
{type} change ({type} flags)
{{
  flags |= {first};
  flags &= ~{last};
  flags ^= {last};
  return flags;
}}
}}
"""


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


def flags_program():
    """A program in C++ that uses the operators of every type of flags."""
    parts = ["#include <vck/vck.h>\n"]
    for bitfield in gir_namespace().findall("bitfield", GIR):
        names = [member.get(gir_name("c", "identifier")) for member in bitfield.findall("member", GIR)]
        names = [name for name in names if not name.endswith("_NONE")]
        parts.append(OPERATORS.format(type=bitfield.get(gir_name("c", "type")), first=names[0], last=names[-1]))
    return "".join(parts)


class LibraryHeaders(unittest.TestCase):
    def setUp(self):
        # GLib's own inline functions are not what is looked at.
        self.flags = shlex.split(run("pkg-config", "--cflags", "gobject-2.0", "gio-2.0").replace("-I", "-isystem"))
        self.flags += [f"-I{root / 'gobject'}" for root in (SOURCE, BUILD)]
        self.headers = public_headers()
        self.assertIn("vck/vck.h", self.headers)

    def test_alone_in_c99(self):
        for name, path in self.headers.items():
            with self.subTest(header=name):
                compile_include(CC, "c", path, ["-std=c99", "-DVCK_COMPILATION", *self.flags])

    def test_alone_in_cplusplus(self):
        for name, path in self.headers.items():
            with self.subTest(header=name):
                compile_include(CXX, "c++", path, ["-std=c++11", "-DVCK_COMPILATION", *self.flags])

    def test_all_standards_of_c(self):
        for standard in C_STANDARDS:
            with self.subTest(standard=standard):
                compile_include(CC, "c", "vck/vck.h", [standard, *self.flags])

    def test_all_standards_of_cplusplus(self):
        for standard in CXX_STANDARDS:
            with self.subTest(standard=standard):
                compile_include(CXX, "c++", "vck/vck.h", [standard, *STRICT_CXX, *self.flags])

    @unittest.skipUnless((BUILD / "gobject" / "Vck-1.gir").exists(), "there is no GIR")
    def test_flags_combine_in_cplusplus(self):
        program = flags_program()
        self.assertIn("VckCheckpointListFlags", program)
        inside = program.replace(
            "#include <vck/vck.h>", '#include <gio/gio.h>\nextern "C" {\n#include <vck/vck.h>\n}')
        for standard, text in (("-std=c++11", program), ("-std=c++20", program), ("-std=c++17", inside)):
            with self.subTest(standard=standard):
                run(*CXX, *STRICT, *STRICT_CXX, "-x", "c++", standard, *self.flags, "-", input=text)
