import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../../common/process/paths.js';
import type { Sight } from '../../../common/process/program-holders.js';
import { CleanState } from '../../../harness/state/clean-state.js';
import { difference, type HostState, nameOfSysctl } from '../../../harness/state/host-state.js';
import { oursOf, type ProgramHolder, programNames } from '../../../harness/state/xdp-programs.js';
import type { XdpProgram } from '../../../model/host.js';

const state = (changes: Partial<HostState> = {}): HostState => ({
  settings: { 'sysctl net.core.busy_poll': '0', 'sysctl net.ipv4.udp_mem': '1\t2\t3', 'MTU of eth0': '1500' },
  ours: ['process 7, node invoker'],
  ...changes,
});
const set = (name: string, value: string) => state({ settings: { ...state().settings, [name]: value } });

const none = { left: [], changed: [] };
const changed = (...changed: string[]) => ({ left: [], changed });

describe('what a cell has left behind', () => {
  it.each<[string, HostState, ReturnType<typeof difference>]>([
    ['nothing', state(), none],
    [
      'a sysctl',
      set('sysctl net.core.busy_poll', '50'),
      changed('sysctl net.core.busy_poll 0 -> 50 (sysctl -w net.core.busy_poll=0)'),
    ],
    [
      'a sysctl of several values',
      set('sysctl net.ipv4.udp_mem', '1'),
      changed("sysctl net.ipv4.udp_mem 1\t2\t3 -> 1 (sysctl -w net.ipv4.udp_mem='1\t2\t3')"),
    ],
    ['a setting of an interface', set('MTU of eth0', '9000'), changed('MTU of eth0 1500 -> 9000')],
    ['an interface that came', set('MTU of eth1', '1500'), none],
    ['an interface that went', state({ settings: {} }), none],
    ['a process', state({ ours: [...state().ours, 'process 8, node'] }), { left: ['process 8, node'], changed: [] }],
    ['a process that went', state({ ours: [] }), none],
  ])('%s', (_, after, told) => expect(difference(state(), after)).toEqual(told));

  it('is all told', () => {
    const after = { ...set('MTU of eth0', '9000'), ours: ['XDP program steer (id 3)'] };
    expect(difference(state(), after)).toEqual({
      left: ['XDP program steer (id 3)'],
      changed: ['MTU of eth0 1500 -> 9000'],
    });
  });
});

it('a sysctl has the name that it is set by', () => {
  expect(nameOfSysctl('net/core/busy_poll')).toBe('sysctl net.core.busy_poll');
});

describe('a loaded XDP program', () => {
  const steer = { id: 311, name: 'steer' };
  const held = (...whose: ProgramHolder['whose'][]) => new Map([[311, whose.map((one, pid) => ({ pid, whose: one }))]]);
  it.each<[string, [XdpProgram[], Map<number, ProgramHolder[]>, Sight], string[]]>([
    [
      'of a process of ours',
      [[steer], held('ours'), 'its own PID namespace'],
      ['XDP program steer (id 311), held by process 0'],
    ],
    [
      'of several',
      [[steer], held('others', 'ours'), 'every process'],
      ['XDP program steer (id 311), held by process 1'],
    ],
    ['of an invoker that others started', [[steer], held('others'), 'every process'], []],
    ['of nobody', [[steer], new Map(), 'every process'], ['XDP program steer (id 311)']],
    ['of nobody, or of one whom we cannot see', [[steer], new Map(), 'its own PID namespace'], []],
    ['with a name of others', [[{ id: 311, name: 'xdp_lb' }], new Map(), 'every process'], []],
  ])('%s', (_, [programs, holders, sees], ours) => expect(oursOf(programs, () => holders, sees)).toEqual(ours));

  it('with a name of others is looked for at no process', () => {
    const refuse = () => expect.unreachable('the descriptors of all processes were walked');
    expect(oursOf([{ id: 311, name: 'xdp_lb' }], refuse, 'every process')).toEqual([]);
  });

  it('has one of the names in bpf/', () => {
    const folder = join(packageRoot(), 'bpf');
    const names = readdirSync(folder)
      .filter((name) => name.endsWith('.bpf.c'))
      .flatMap((name) => /SEC\("xdp"\)\s*int (\w+)\(/.exec(readFileSync(join(folder, name), 'utf8'))?.[1] ?? []);
    expect(names.sort()).toEqual(programNames);
    // The kernel keeps so much of a name.
    expect(programNames.filter((name) => name.length > 15)).toEqual([]);
  });
});

describe('a watch over cells', () => {
  const left = state({ ours: [...state().ours, 'XDP program steer (id 3)'] });

  /** Readings one after the other, the last one again and again; pauses are counted. */
  function watch(...readings: (HostState | null)[]) {
    let [read, pauses] = [0, 0];
    const clean = new CleanState(async () => readings[Math.min(read++, readings.length - 1)] ?? null, {
      nowMs: () => 1000 * pauses,
      pause: async () => void pauses++,
    });
    return { clean, pauses: () => pauses };
  }

  it('waits for what the kernel frees late', async () => {
    const { clean, pauses } = watch(state(), left, left, state());
    await clean.look();
    await clean.check('run 1 of 2');
    expect(pauses()).toBe(2);
  });

  it('waits for nothing else', async () => {
    const { clean, pauses } = watch(state());
    await clean.look();
    await clean.check('run 1 of 2');
    expect(pauses()).toBe(0);
  });

  it('stops at what stays, and names the cell', async () => {
    const { clean } = watch(state(), state(), left);
    await clean.look();
    await clean.check('run 1 of 2');
    await clean.look();
    await expect(clean.check('run 2 of 2')).rejects.toMatchObject({
      code: 'HOST_CHANGED',
      message: 'run 2 of 2 left behind: XDP program steer (id 3)',
    });
  });

  it('sees what happened between two cells', async () => {
    const { clean } = watch(state(), state(), set('MTU of eth0', '9000'));
    await clean.look();
    await clean.check('run 1 of 2');
    await clean.look();
    await expect(clean.check('run 2 of 2')).rejects.toThrow(
      'while run 2 of 2 ran, it or others changed: MTU of eth0 1500 -> 9000',
    );
  });

  it('goes on when a host can be asked again, which may have been booted anew', async () => {
    const { clean } = watch(state(), null, { ...left, settings: { 'MTU of eth0': '9000' } });
    await clean.look();
    await clean.check('run 1 of 2');
    await clean.look();
    await expect(clean.check('run 2 of 2')).rejects.toThrow('run 2 of 2 left behind: XDP program steer (id 3)');
  });
});
