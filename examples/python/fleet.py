#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Prints one table of the domains (virtual machines) of many connections, all read at the same time.

A connection that cannot be read is a row of the table, and the exit status is 1.

usage: fleet.py URI...
"""

import asyncio
import sys

import gi

gi.require_version('Vck', '1')
from gi.repository import Vck

HEAD = ('CONNECTION', 'DOMAIN', 'STATE', 'CHECKPOINTS', 'NEWEST')


async def read_domain(uri, domain):
    checkpoints = await domain.list_checkpoints_async('TOPOLOGICAL')
    newest = checkpoints[-1].name if checkpoints else '-'
    return uri, domain.name, domain.state.value_nick, str(len(checkpoints)), newest


async def read_connection(uri):
    try:
        async with Vck.Connection.open_async(uri, 'READ_ONLY') as connection:
            domains = await connection.list_domains_async()
            return await asyncio.gather(*(read_domain(uri, domain) for domain in domains)), None
    except Vck.Error as error:
        return [(uri, '-', 'unreachable', '-', '-')], error.message


async def main(uris):
    results = await asyncio.gather(*map(read_connection, uris))
    table = [HEAD, *(row for rows, _problem in results for row in rows)]
    widths = [max(map(len, column)) for column in zip(*table)]
    for row in table:
        print('  '.join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
    problems = [f'fleet: {uri}: {problem}' for uri, (_rows, problem) in zip(uris, results) if problem]
    if problems:
        sys.exit('\n'.join(problems))


if __name__ == '__main__':
    if sys.argv[1:] == ['--help']:
        print(__doc__.strip())
    elif len(sys.argv) < 2 or sys.argv[1].startswith('-'):
        sys.exit('usage: fleet.py URI...')
    else:
        asyncio.run(main(sys.argv[1:]))
