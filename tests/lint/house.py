# SPDX-License-Identifier: LGPL-2.1-or-later

"""Where the sources, the build and the compilers are; how to run a program."""

import json
import os
import pathlib
import re
import subprocess
import xml.etree.ElementTree as ET

SOURCE = pathlib.Path(os.environ["VCK_SOURCE_ROOT"])
BUILD = pathlib.Path(os.environ["VCK_BUILD_ROOT"])

INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)
INCLUDE_FOLDERS = [SOURCE / "core", SOURCE / "core" / "include", SOURCE / "gobject", SOURCE / "gir"]

GIR = {
    "": "http://www.gtk.org/introspection/core/1.0",
    "c": "http://www.gtk.org/introspection/c/1.0",
    "glib": "http://www.gtk.org/introspection/glib/1.0",
}


def run(*command, **options):
    """Runs a program and returns its stdout; fails with all it printed if it fails."""
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, check=False, **options)
    if done.returncode != 0:
        raise AssertionError(f"{words} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def meson_introspect(what):
    with open(BUILD / "meson-info" / f"intro-{what}.json", encoding="utf-8") as file:
        return json.load(file)


def public_headers():
    """The headers that get installed, as {"vck/name.h": path}."""
    headers = {}
    for source, target in meson_introspect("installed").items():
        if target.endswith(".h"):
            target = pathlib.Path(target)
            headers[f"{target.parent.name}/{target.name}"] = pathlib.Path(source)
    return headers


def core_public_headers():
    return sorted((SOURCE / "core" / "include").glob("vckc*.h"))


def gir_namespace():
    """The namespace element of our GIR."""
    tree = ET.parse(BUILD / "gobject" / "Vck-1.gir")
    return tree.getroot().find("namespace", GIR)


def gir_name(prefix, name):
    return f"{{{GIR[prefix]}}}{name}"


def source_files(*suffixes):
    """All files of the repository with one of these suffixes, build folders left out."""
    found = []
    for folder, folders, names in os.walk(SOURCE):
        folders[:] = sorted(f for f in folders
                            if f not in (".git", "subprojects", "__pycache__")
                            and not f.startswith(("build", "_build")))
        found += [pathlib.Path(folder, name) for name in sorted(names)
                  if not suffixes or name.endswith(suffixes)]
    return found


def shown(path):
    return str(path.relative_to(SOURCE))


def included_files(path):
    """What a file includes from the repository itself, resolved like the compiler does."""
    found = []
    for name in INCLUDE.findall(path.read_text(encoding="utf-8")):
        for folder in (path.parent, *INCLUDE_FOLDERS):
            if (folder / name).is_file():
                found.append((folder / name).resolve())
                break
    return found
