// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What `tsc --strict` must refuse: every line that ends in "wrong", and no other.

import Vck from 'gi://Vck?version=1';
import type Gio from 'gi://Gio?version=2.0';

export function calls(connection: Vck.Connection, domain: Vck.Domain): void {
  connection.lookup_domain_by_title('web'); // wrong
  connection.lookup_domain_by_name(); // wrong
  connection.lookup_domain_by_name(5); // wrong
  connection.lookup_domain_by_name(undefined); // wrong
  domain.create_checkpoint_xml('<domaincheckpoint/>', 0, null, null); // wrong
  domain.create_checkpoint_xml('<domaincheckpoint/>', 0, 'now'); // wrong
  domain.create_checkpoint_xml(null); // wrong
  domain.free(); // wrong
}

export function flags(connection: Vck.Connection, domain: Vck.Domain): void {
  domain.list_checkpoints('SORTED'); // wrong
  domain.list_checkpoints('Roots'); // wrong
  domain.list_checkpoints(null); // wrong
  domain.list_checkpoints(Vck.DomainListFlags.ACTIVE); // wrong
  domain.list_checkpoints(['ROOTS', 'SORTED']); // wrong
  Vck.Connection.open('local:', 'READONLY'); // wrong
  print(connection, new Vck.Connection({flags: 'READONLY'})); // wrong
  print(Vck.CheckpointListFlags.SORTED); // wrong
}

export function attributes(checkpoint: Vck.Checkpoint): string {
  print(checkpoint.nmae); // wrong
  checkpoint.name = 'other'; // wrong
  checkpoint.parentName = null; // wrong
  print(checkpoint.domain.name); // wrong
  return checkpoint.parent_name; // wrong
}

export function results(domain: Vck.Domain): Vck.Checkpoint {
  const count: string = domain.count_checkpoints(); // wrong
  print(count);
  return domain.list_checkpoints(); // wrong
}

export function classes(): void {
  print(new Vck.Domain()); // wrong
  class Own extends Vck.Checkpoint {} // wrong
  print(new Vck.Connection({url: 'local:'}), Own); // wrong
  print(Vck.DomainClass); // wrong
}

export function errors(error: Vck.Error): void {
  print(error.matches(Vck.Error, Vck.Error.NO_SUCH_DOMAIN)); // wrong
  print(error.libvirt_code); // wrong
  print(error.matches(Vck.Domain, 1)); // wrong
}

export function signals(connection: Vck.Connection, domain: Vck.Domain): void {
  domain.connect('checkpoint-aded', print); // wrong
  domain.connect('notify::nmae', print); // wrong
  domain.connect('checkpoint-added', (self, checkpoint) => print(checkpoint.nmae)); // wrong
  domain.connect('checkpoint-added', (self, checkpoint: number) => print(checkpoint)); // wrong
  connection.connect('closed', (self, reason: string) => print(reason)); // wrong
  connection.connect('authenticate', () => 5); // wrong
  connection.connect_after('domain-added', (self, domain) => domain.creation_time); // wrong
}

export async function awaited(domain: Vck.Domain): Promise<number> {
  const pending = domain.count_checkpoints_async();
  print(pending + 1); // wrong
  const checkpoints: Vck.Domain[] = await domain.list_checkpoints_async(); // wrong
  print(checkpoints);
  const connection: Vck.Connection = Vck.Connection.open_async('local:'); // wrong
  print(connection, await domain.lookup_checkpoint_async()); // wrong
  domain.count_checkpoints_async(0, (source, result) => source.list_domains_finish(result)); // wrong
  return await domain.list_checkpoints_async(); // wrong
}

export function iterated(job: Vck.BackupJob, cursor: Vck.ExtentCursor): void {
  for (const disk of job.disks)
    print(disk.targets); // wrong
  for (const extent of cursor)
    print(extent.size); // wrong
  for (const disk of job) // wrong
    print(disk);
  const models: Gio.ListModel<Vck.Domain> = job.disks; // wrong
  print(models);
}
