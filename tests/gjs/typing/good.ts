// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What `tsc --strict` must accept.

import GLib from 'gi://GLib?version=2.0';
import Gio from 'gi://Gio?version=2.0';
import GObject from 'gi://GObject?version=2.0';
import Vck from 'gi://Vck?version=1';
import Unversioned from 'gi://Vck';

export function calls(uri: string): string[] {
  const connection: Vck.Connection = Vck.Connection.open(uri, 'READ_ONLY', new Gio.Cancellable());
  const domain: Vck.Domain = connection.lookup_domain_by_name('web');
  const checkpoint = domain.create_checkpoint_xml('<domaincheckpoint/>');
  const parent: string | null = checkpoint.parent_name;
  const sizes: number[] = checkpoint.list_disks('SIZE').map(disk => disk.size);
  domain.refresh_interval = 60;
  domain.refreshInterval = domain.get_refresh_interval();
  domain.lookup_checkpoint('monday', null).delete(undefined, null);
  const owner: Vck.Domain | null = checkpoint.domain;
  const open: boolean[] = [connection.is_open, connection.isOpen, Vck.check_version(1, 0, 0)];
  return [`${domain}`, parent ?? '', checkpoint.parentName ?? '', `${sizes}${open}`, owner?.name ?? '', Vck.VERSION_S];
}

export function makeConnections(): Vck.Connection[] {
  const made = new Vck.Connection({uri: 'memory:///', flags: 'read-only'});
  made.init();
  const initable: Gio.Initable = made;
  initable.init(null);
  const object: GObject.Object = made;
  const kind: GObject.GType<Vck.Connection> = Vck.Connection.$gtype;
  print(object, kind, Vck.DomainState.$gtype);
  return [made, new Vck.Connection(), Vck.Connection.new(), Vck.Connection.new('local:', ['READ_ONLY'])];
}

export function flags(domain: Vck.Domain, given: Vck.CheckpointListFlags.Input): Vck.Checkpoint[] {
  const {ROOTS, LEAVES, TOPOLOGICAL} = Vck.CheckpointListFlags;
  const both: Vck.CheckpointListFlags = ROOTS | TOPOLOGICAL;
  return [
    ...domain.list_checkpoints(both), ...domain.list_checkpoints(LEAVES), ...domain.list_checkpoints(0),
    ...domain.list_checkpoints('no-leaves'), ...domain.list_checkpoints(['ROOTS', LEAVES, ['TOPOLOGICAL']]),
    ...domain.list_checkpoints(given), ...domain.list_checkpoints(undefined, null),
  ];
}

export function errors(connection: Vck.Connection): number {
  try {
    connection.lookup_domain_by_name('nosuch');
  } catch (error) {
    if (error instanceof GLib.Error && error.matches(Vck.Error, Vck.Error.NO_DOMAIN))
      return Vck.Error.get_libvirt_code(error) + Vck.error_get_libvirt_code(error);
    if (error instanceof Vck.Error)
      return error.code === Vck.Error.NO_CONNECT ? 1 : error.message.length;
  }
  return 0;
}

export function signals(connection: Vck.Connection, domain: Vck.Domain, job: Vck.BackupJob): number[] {
  const kind: Vck.DomainState = domain.state;
  return [
    connection.connect('closed', (_self, reason) => print(Vck.CloseReason[reason])),
    connection.connect('authenticate', (_self, credential, prompt, suggestion) =>
      credential === Vck.Credential.PASSPHRASE ? prompt : suggestion?.trim() ?? null),
    connection.connect_after('domain-added', (self, added) => print(self.uri, added.name, kind)),
    domain.connect('checkpoint-removed', (self, removed: Vck.Checkpoint) => print(self.name, removed.name.trim())),
    domain.connect('notify::state', (self, property) => print(Vck.DomainState[self.state], property.name)),
    job.connect('ended', (self, state) => print(self.disks.get_item(0)?.name, state === Vck.JobState.DONE)),
  ];
}

export function iterated(job: Vck.BackupJob, checkpoint: Vck.Checkpoint): number {
  let sum = 0;
  for (const disk of job.disks)
    sum += disk.name.length;
  for (const extent of checkpoint.open_extents('vda', 'NO_ZERO'))
    sum += extent.length;
  const extents: Vck.Extent[] = [...checkpoint.open_extents('vda')];
  return sum + extents.length + new Vck.Extent({offset: 0}).copy().length;
}

export async function awaited(uri: string): Promise<string> {
  const connection: Vck.Connection = await Vck.Connection.open_async(uri);
  const domain = await connection.lookup_domain_by_name_async('web');
  const created: Vck.Checkpoint = await domain.create_checkpoint_xml_async('<domaincheckpoint/>', 0, null);
  const done: boolean = await created.delete_async('CHILDREN');
  const made = new Vck.Connection({uri});
  await made.init_async();
  let sum = 0;
  for await (const extent of await created.open_extents_async('vda'))
    sum += extent.length;
  const [first] = await domain.list_checkpoints_async('ROOTS', new Gio.Cancellable());
  return `${first?.name} ${done} ${sum}`;
}

export function withCallbacks(connection: Vck.Connection, domain: Vck.Domain): void {
  connection.list_domains_async((source, result) => print(source.list_domains_finish(result).length));
  domain.list_checkpoints_async('ROOTS', (source, result) => {
    const found: Vck.Checkpoint[] = source.list_checkpoints_finish(result);
    print(found);
  });
  domain.list_checkpoints_async(undefined, null, (source, result) => print(source.list_checkpoints_finish(result)));
  domain.refresh_async(null, null);
  Vck.Connection.open_async('local:', (_source, result) => print(Vck.Connection.open_finish(result).uri));
}

export async function store(domain: Vck.Domain): Promise<number> {
  const repository = await Vck.Repository.open_async('/backups', 'CREATE');
  const backup = await repository.backup_async(domain, 'nightly', 0, undefined, 'CHECKSUM');
  const found: Vck.Backup[] = repository.list_backups();
  return found.length + backup.size;
}

export function older(): typeof Vck {
  imports.gi.versions.Vck = '1';
  const same: typeof Unversioned = imports.gi.Vck;
  return same;
}

awaited('memory:///example').catch(logError);
