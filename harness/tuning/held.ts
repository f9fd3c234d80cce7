import { setTimeout as sleep } from 'node:timers/promises';
import type { TuningKey } from '../../model/tuning.js';
import { type Entry, gone, type Target } from './entry.js';
import { isAbsence, type TuningHost } from './host.js';

const latencyDevice = '/dev/cpu_dma_latency';

/** The kernel keeps to the strictest of all that have the device open; this process's wish ends with it, however it ends. */
const cStateLimitUs: Entry = {
  of: 'host',
  plan: (value) => [`${value} > ${latencyDevice}, held open`],
  targets: async (_, value) => [{ name: latencyDevice, value }],
  read: async (host, path) => String(await host.readNumber(path)),
  write: (host, path, value) => host.hold(path, Number(value)),
  release: (host, path) => host.release(path),
};

const unit = 'irqbalance.service';
/** Stands for the processes where there are none. */
const nobody = 'irqbalance';

/**
 * A service is stopped and started, so that nobody wonders about a stopped process; without systemd the processes are.
 * Values: `running`, `paused`; `absent` where there is none, `gone` for a process that ended.
 */
const irqbalance: Entry = {
  of: 'host',
  release: null,
  plan: () => [`systemctl stop ${unit}, or SIGSTOP to irqbalance where no systemd runs it`],
  async targets(host): Promise<Target[]> {
    if (await isActive(host)) return [{ name: unit, value: 'paused' }];
    const names = await processesOf(host);
    return names.length === 0 ? [{ name: nobody, value: 'absent' }] : names.map((name) => ({ name, value: 'paused' }));
  },
  async read(host, name) {
    if (name === nobody) return 'absent';
    if (name === unit) return (await isActive(host)) ? 'running' : 'paused';
    return await stateOf(host, name);
  },
  async write(host, name, value) {
    if (name === unit) {
      await host.runOutside('systemctl', value === 'paused' ? 'stop' : 'start', unit);
      return;
    }
    host.signal(pidIn(name), value === 'paused' ? 'SIGSTOP' : 'SIGCONT');
    // A process stops when it comes to look at its signals, not when it is sent one.
    for (let waitedMs = 0; waitedMs < stopsWithinMs; waitedMs += 10) {
      if ([value, gone].includes(await stateOf(host, name))) return;
      await sleep(10);
    }
  },
};

const stopsWithinMs = 2000;

async function isActive(host: TuningHost): Promise<boolean> {
  return await host.runOutside('systemctl', 'is-active', '--quiet', unit).then(
    () => true,
    () => false, // It does not run, or there is no systemd: then there are processes, or none.
  );
}

/** `process 1234 started at tick 5678`: a number alone may be another process's later on. */
async function processesOf(host: TuningHost): Promise<string[]> {
  const names = await Promise.all(
    (await host.list('/proc'))
      .filter((pid) => /^\d+$/.test(pid))
      .map(async (pid) => {
        const stat = await statOf(host, Number(pid));
        return stat?.command === 'irqbalance' ? [`process ${pid} started at tick ${stat.start}`] : [];
      }),
  );
  return names.flat();
}

const pidIn = (name: string) => Number(name.split(' ')[1]);

/** `paused`, `running`; `gone` where its number is free or another's. */
async function stateOf(host: TuningHost, name: string): Promise<string> {
  const stat = await statOf(host, pidIn(name));
  if (stat === null || !name.endsWith(` ${stat.start}`)) return gone;
  return stat.state === 'T' ? 'paused' : 'running';
}

async function statOf(host: TuningHost, pid: number) {
  const text = await host.read(`/proc/${pid}/stat`).catch((error) => {
    if (isAbsence(error)) return '';
    throw error;
  });
  const [, command, rest] = /^\d+ \((.*)\) (.*)$/s.exec(text) ?? [];
  if (command === undefined || rest === undefined) return null;
  const fields = rest.split(' ');
  return { command, state: fields[0] ?? '', start: fields[19] ?? '' };
}

/** What is held as long as the run lasts. */
export const heldEntries = { cStateLimitUs, irqbalance } satisfies Partial<Record<TuningKey, Entry>>;
