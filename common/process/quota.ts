import type { Quota } from '../../model/host-use.js';
import { type ReadText, tryRead } from './host-files.js';

/** Without whose host it is, which a host does not know. */
export type OwnQuota = Omit<Quota, 'host'>;

const root = '/sys/fs/cgroup';

/** The tightest limit of CPU time that the control groups of this process set; null without one. */
export function readQuota(readText: ReadText): OwnQuota | null {
  // A level that sets no limit has no such file, or hides it from a container.
  const read = (path: string) => tryRead(readText, path);
  const groups = (read('/proc/self/cgroup') ?? '').trim().split('\n');
  const quotas = groups.flatMap((line) => {
    const [, controllers = '', path = '/'] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    const levels = path.split('/').map((_, depth, parts) => parts.slice(0, depth + 1).join('/'));
    if (controllers === '') return levels.map((level) => unified(read, `${root}${level}`));
    if (!controllers.split(',').includes('cpu')) return [];
    return levels.map((level) => legacy(read, `${root}/${controllers}${level}`) ?? legacy(read, `${root}/cpu${level}`));
  });
  return quotas.filter((quota) => quota !== null).sort((a, b) => a.cpus - b.cpus)[0] ?? null;
}

type Read = (path: string) => string | null;

/** Version 2: `cpu.max` holds microseconds a period, or `max`. */
function unified(read: Read, folder: string): OwnQuota | null {
  const [quota = Number.NaN, period = Number.NaN] = (read(`${folder}/cpu.max`) ?? '').split(' ').map(Number);
  if (!(quota / period > 0)) return null;
  const throttledUs = /^throttled_usec (\d+)$/m.exec(read(`${folder}/cpu.stat`) ?? '')?.[1] ?? 0;
  return { cpus: quota / period, throttledNs: Number(throttledUs) * 1e3 };
}

/** Version 1: a file each, -1 for none; the time is in nanoseconds. */
function legacy(read: Read, folder: string): OwnQuota | null {
  const quota = Number(read(`${folder}/cpu.cfs_quota_us`) ?? Number.NaN);
  const period = Number(read(`${folder}/cpu.cfs_period_us`) ?? Number.NaN);
  if (!(quota / period > 0)) return null;
  return {
    cpus: quota / period,
    throttledNs: Number(/^throttled_time (\d+)$/m.exec(read(`${folder}/cpu.stat`) ?? '')?.[1] ?? 0),
  };
}
