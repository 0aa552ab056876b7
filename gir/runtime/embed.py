# SPDX-License-Identifier: LGPL-2.1-or-later
"""embed.py OUTPUT FILE...: puts files into a table in C."""

import pathlib
import sys


def quote(line):
    text = line.replace('\\', '\\\\').replace('"', '\\"').replace('\t', '\\t')
    return f'    "{text}\\n"'


def main():
    output, *paths = map(pathlib.Path, sys.argv[1:])
    text = '#include "emit-runtime.h"\n\nconst BgRuntimeFile bg_runtime_files[] = {\n'
    for path in paths:
        lines = path.read_text(encoding='utf-8').splitlines()
        text += f'  {{ "{path.name}",\n' + '\n'.join(map(quote, lines)) + ' },\n'
    output.write_text(text + '  { NULL, NULL },\n};\n', encoding='utf-8')


main()
