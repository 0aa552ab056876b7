#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Follows a domain (a virtual machine) by its signals, while asynchronous calls change it.

usage: watch.py [URI]
"""

import asyncio
import sys

import gi

gi.require_version('Vck', '1')
from gi.repository import Vck


async def watch(uri):
    connection = await Vck.Connection.open_async(uri)
    domain = await connection.lookup_domain_by_name_async('test')
    domain.connect('checkpoint-added', lambda self, checkpoint: print(f'{self.name}: + {checkpoint.name}'))
    domain.connect('checkpoint-removed', lambda self, checkpoint: print(f'{self.name}: - {checkpoint.name}'))

    checkpoint = await domain.create_checkpoint_async(Vck.CheckpointConfig(name='first'))
    await checkpoint.delete_async()

    # Signals are emitted as long as the connection lives; this one is the last.
    closed = asyncio.get_running_loop().create_future()
    connection.connect('closed', lambda _self, reason: closed.set_result(reason))
    connection.close()
    print('closed' if await closed == Vck.CloseReason.CLIENT else 'lost')


def main(uri='memory:///default'):
    try:
        asyncio.run(watch(uri))
    except Vck.Error as error:
        sys.exit(f'watch: {error.message}')


if __name__ == '__main__':
    if sys.argv[1:] == ['--help']:
        print(__doc__.strip())
    elif len(sys.argv) > 2 or sys.argv[1:2] and sys.argv[1].startswith('-'):
        sys.exit('usage: watch.py [URI]')
    else:
        main(*sys.argv[1:])
