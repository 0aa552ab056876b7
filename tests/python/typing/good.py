# SPDX-License-Identifier: LGPL-2.1-or-later

"""What `mypy --strict` must accept."""

import asyncio
import datetime
import pathlib

import gi

gi.require_version('Vck', '1')
from gi.repository import Gio, GLib, Vck


def calls(uri: str) -> list[str]:
    with Vck.Connection.open(uri) as connection:
        domain: Vck.Domain = connection.lookup_domain_by_name('web')
        checkpoint = domain.create_checkpoint_xml('<domaincheckpoint/>', cancellable=Gio.Cancellable())
        created: datetime.datetime | None = checkpoint.creation_time
        parent: str | None = checkpoint.parent_name
        size: int = sum(disk.size for disk in checkpoint.list_disks('SIZE'))
        domain.refresh_interval = 60
        known: bool = connection.is_open and Vck.check_version(1, 0, 0)
        return [str(known), Vck.get_version(), domain.name or '', str(created), parent or '', str(size), checkpoint.props.name]


def flags(domain: Vck.Domain) -> list[Vck.Checkpoint]:
    kinds = Vck.CheckpointListFlags
    found = domain.list_checkpoints(kinds.ROOTS | kinds.TOPOLOGICAL)
    found += domain.list_checkpoints('LEAVES') + domain.list_checkpoints(('ROOTS', kinds.LEAVES))
    return found + domain.list_checkpoints(0) + domain.list_checkpoints(flags='TOPOLOGICAL')


def errors(connection: Vck.Connection) -> int:
    try:
        connection.lookup_domain_by_name('nosuch')
    except Vck.DomainNotFound as error:
        return error.libvirt_code
    except Vck.CheckpointExists as error:
        print(error.value_nick, error.value_name, Vck.Error(error.code).value_nick)
    except (Vck.Busy, Vck.Cancelled) as error:
        print(error.message)
    except Vck.Error as error:
        return 0 if error.code == Vck.Error.NO_CONNECT else 1
    except GLib.Error as error:
        return error.code
    return 0


def extents(checkpoint: Vck.Checkpoint) -> int:
    return sum(extent.length for extent in checkpoint.open_extents('vda'))


def store(folder: pathlib.Path, domain: Vck.Domain) -> datetime.datetime | None:
    repository = Vck.Repository.open(folder, 'CREATE')
    backup = repository.backup(domain, label='nightly', flags=Vck.BackupFlags.CHECKSUM)
    repository.restore(backup, None, folder / 'restored')
    with repository.mount(backup, folder / 'socket') as mount:
        print(mount.socket)
    repository.prune(domain.uuid, keep_last=7)
    return backup.time


async def awaited(uri: str) -> list[int]:
    async with Vck.Connection.open_async(uri) as connection:
        domains = await connection.list_domains_async()
        checkpoint = await domains[0].lookup_checkpoint_async('monday')
        cursor = await checkpoint.open_extents_async('vda')
        lengths: list[int] = [extent.length async for extent in cursor]
        counts = await asyncio.gather(*(domain.count_checkpoints_async() for domain in domains))
        return lengths + counts


def with_callback(domain: Vck.Domain) -> None:
    def counted(source: Vck.Domain, result: Gio.AsyncResult) -> None:
        print(source.count_checkpoints_finish(result))

    domain.count_checkpoints_async(callback=counted)
    domain.count_checkpoints_async(0, None, counted)
    domain.connect('checkpoint-added', lambda _domain, checkpoint: print(checkpoint.name))


def signals(connection: Vck.Connection, domain: Vck.Domain, job: Vck.BackupJob) -> list[int]:
    def added(source: Vck.Domain, checkpoint: Vck.Checkpoint) -> None:
        print(source.name, checkpoint.name)

    def answer(_source: Vck.Connection, kind: Vck.Credential, prompt: str, suggestion: str | None) -> str | None:
        return suggestion or prompt if kind == Vck.Credential.USERNAME else None

    def with_more(_source: Vck.Domain, checkpoint: Vck.Checkpoint, rows: list[str]) -> None:
        rows.append(checkpoint.name)

    connection.connect('closed', lambda _connection, reason: print(reason == Vck.CloseReason.ERROR))
    job.connect('ended', lambda ended, state: print(ended.id, state == Vck.JobState.DONE))
    return [
        domain.connect('checkpoint-added', added),
        domain.connect_after('checkpoint-removed', lambda _domain, checkpoint: print(checkpoint.name.upper())),
        domain.connect('checkpoint-added', with_more, ['first']),
        domain.connect('notify::state', lambda changed, property: print(changed.state, property.name)),
        connection.connect('authenticate', answer),
        connection.connect('events-lost', print),
    ]


def task(uri: str) -> list[int]:
    pending: Vck.Task[list[int]] = Vck.create_task(awaited(uri))
    return pending.result()
