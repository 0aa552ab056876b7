# SPDX-License-Identifier: LGPL-2.1-or-later

"""What `mypy --strict` must refuse: every line that ends in "wrong", and no other."""

import gi

gi.require_version('Vck', '1')
from gi.repository import Vck


def calls(connection: Vck.Connection, domain: Vck.Domain) -> None:
    connection.lookup_domain_by_title('web')  # wrong
    connection.lookup_domain_by_name()  # wrong
    connection.lookup_domain_by_name(5)  # wrong
    domain.create_checkpoint_xml('<domaincheckpoint/>', flag=0)  # wrong
    domain.create_checkpoint_xml('<domaincheckpoint/>', 0, None, None)  # wrong
    domain.create_checkpoint_xml(None)  # wrong


def flags(connection: Vck.Connection, domain: Vck.Domain) -> None:
    domain.list_checkpoints('SORTED')  # wrong
    domain.list_checkpoints(Vck.DomainListFlags.ACTIVE)  # wrong
    Vck.Connection.open('local:', 'READONLY')  # wrong
    Vck.Connection.open('local:', None)  # wrong
    print(Vck.CheckpointListFlags.SORTED)  # wrong
    domain.list_checkpoints(('ROOTS', 'SORTED'))  # wrong


def attributes(checkpoint: Vck.Checkpoint) -> str:
    print(checkpoint.nmae)  # wrong
    checkpoint.name = 'other'  # wrong
    print(checkpoint.creation_time.isoformat())  # wrong
    return checkpoint.parent_name  # wrong


def results(domain: Vck.Domain) -> Vck.Checkpoint:
    count: str = domain.count_checkpoints()  # wrong
    print(count)
    return domain.list_checkpoints()  # wrong


class Own(Vck.Connection):  # wrong
    pass


def errors(domain: Vck.Domain) -> None:
    try:
        domain.refresh()
    except Vck.NoSuchDomain:  # wrong
        pass
    except Vck.Error as error:
        print(error.libvirt_number)  # wrong


def signals(connection: Vck.Connection, domain: Vck.Domain) -> None:
    def counted(source: Vck.Domain, count: int) -> None:
        print(source, count)

    domain.connect('checkpoint-aded', print)  # wrong
    domain.connect('notify::nmae', print)  # wrong
    domain.connect('checkpoint-added', counted)  # wrong
    domain.connect_after('checkpoint-added', counted)  # wrong
    domain.connect('checkpoint-added', lambda _domain, checkpoint: print(checkpoint.nmae))  # wrong
    domain.connect('checkpoint-added', lambda _domain: None)  # wrong
    connection.connect('authenticate', lambda _self, _kind, _prompt, _suggestion: 5)  # wrong


async def awaited(domain: Vck.Domain) -> int:
    pending = domain.count_checkpoints_async()
    print(pending + 1)  # wrong
    checkpoints: list[Vck.Domain] = await domain.list_checkpoints_async()  # wrong
    print(checkpoints)
    with Vck.Connection.open_async('local:'):  # wrong
        pass
    return await domain.list_checkpoints_async()  # wrong
