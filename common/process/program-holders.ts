import { readdirSync, readlinkSync } from 'node:fs';
import { readText, tryList, tryRead } from './host-files.js';

/** Of all processes that are seen from here. */
export const processNumbers = () =>
  tryList(readdirSync, '/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

/** Numbers of the processes that have an eBPF program, by its id: by a descriptor of itself or of a link. */
export function programHolders(): Map<number, number[]> {
  const holders = new Map<number, number[]>();
  for (const pid of processNumbers()) {
    for (const fd of tryList(readdirSync, `/proc/${pid}/fd`)) {
      if (!tryRead(readlinkSync, `/proc/${pid}/fd/${fd}`)?.startsWith('anon_inode:bpf')) continue;
      const id = /^prog_id:\s*(\d+)$/m.exec(tryRead(readText, `/proc/${pid}/fdinfo/${fd}`) ?? '')?.[1];
      if (id !== undefined) holders.set(Number(id), [...(holders.get(Number(id)) ?? []), pid]);
    }
  }
  return holders;
}

/** How much of a host's processes is seen. */
export type Sight = 'every process' | 'its own PID namespace';

/** The inode of the first PID namespace, in which every process is seen. */
const firstPidNamespace = 'pid:[4026531836]';

/** Of this process. */
export const sight = (): Sight =>
  tryRead(readlinkSync, '/proc/self/ns/pid') === firstPidNamespace ? 'every process' : 'its own PID namespace';
