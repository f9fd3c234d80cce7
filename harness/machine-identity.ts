import { createHash } from 'node:crypto';
import { UsageError } from '../common/cli/errors.js';
import { type ReadText, tryRead } from '../common/process/host-files.js';

/** What tells a machine and its boots from others. */
export interface MachineIdentity {
  /** The first 8 digits of a hash of its id, which is nobody else's business (machine-id(5)). */
  machine: string;
  bootId: string | null;
  /** Seconds since 1970. */
  bootedAt: number;
}

/** Of the machine that `read` reads; UsageError where it has no id. */
export function readIdentity(read: ReadText): MachineIdentity {
  const id = (tryRead(read, '/etc/machine-id') ?? tryRead(read, '/var/lib/dbus/machine-id') ?? '').trim();
  if (id === '') throw new UsageError('--machine: this machine has no /etc/machine-id: name it by --machine');
  const machine = createHash('sha256').update(`invoker-bench ${id}`).digest('hex').slice(0, 8);
  const bootedAt = Number(/^btime (\d+)$/m.exec(tryRead(read, '/proc/stat') ?? '')?.[1] ?? Number.POSITIVE_INFINITY);
  return { machine, bootId: tryRead(read, '/proc/sys/kernel/random/boot_id')?.trim() ?? null, bootedAt };
}
