import { unwritable } from './entry.js';

/** What ethtool (6.1) prints, as values of settings. Pure. */

/** A line `name: value` of a text, from the section that begins with `section` on; null where there is none. */
export function field(text: string, name: string, section = ''): string | null {
  const from = text.slice(Math.max(0, text.indexOf(section)));
  const label = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^\\s*${label}:[ \\t]*(\\S+)`, 'm').exec(from)?.[1] ?? null;
}

/** The second part of `ethtool -l` and `-g`. */
export const currentSection = 'Current hardware settings';

/** `combined 4` or `rx 4 tx 4`, as the driver counts its channels, of `ethtool -l`. */
export function channelsOf(text: string): string {
  const now = (name: string) => field(text, name, currentSection);
  if (countsCombined(text)) return `combined ${now('Combined')}`;
  return `rx ${now('RX')} tx ${now('TX')}`;
}

/** Whether a channel has an RX and a TX queue, of `ethtool -l`. */
export function countsCombined(text: string): boolean {
  return Number(field(text, 'Combined')) > 0;
}

/** The features that one of `ethtool -k` stands for and that can be set; empty where it stands for itself. */
export function partsOf(text: string, name: string): string[] {
  const [, after = ''] = text.split(new RegExp(`^${name}:.*\n`, 'm'));
  const [own = ''] = /^(?:\t.*\n?)*/.exec(after) ?? [];
  return [...own.matchAll(/^\t(\S+): (?:on|off)(?! \[fixed\])/gm)].map(([, part = '']) => part);
}

/** `on`, `off`, `rx` or `tx`: which directions are paused, of `ethtool -a`. */
export function pausedOf(text: string): string {
  const [rx, tx] = [field(text, 'RX') === 'on', field(text, 'TX') === 'on'];
  if (rx === tx) return rx ? 'on' : 'off';
  return rx ? 'rx' : 'tx';
}

/** `on`, `off` or `n/a`, of `ethtool -c`. */
export function adaptiveOf(text: string, direction: 'RX' | 'TX'): string | null {
  const match = /^Adaptive RX: (\S+)\s+TX: (\S+)/m.exec(text);
  return match?.[direction === 'RX' ? 1 : 2] ?? null;
}

const hashFields = [
  ['s', /^IP SA$/m],
  ['d', /^IP DA$/m],
  ['f', /^L4 bytes 0 & 1/m],
  ['n', /^L4 bytes 2 & 3/m],
] as const;

/** `sdfn` or what of it is hashed, `none` for nothing, of `ethtool -n rx-flow-hash`. */
export function hashOf(text: string): string {
  const letters = hashFields.filter(([, line]) => line.test(text)).map(([letter]) => letter);
  return letters.join('') || 'none';
}

/** RX rings and the queue of each entry of the indirection table, of `ethtool -x`. */
export function tableOf(text: string): { rings: number; queues: number[] } {
  const rings = Number(/with (\d+) RX ring/.exec(text)?.[1] ?? 0);
  const rows = [...text.matchAll(/^\s*\d+:((?:[ \t]+\d+)+)[ \t]*$/gm)];
  return { rings, queues: rows.flatMap(([, row = '']) => row.trim().split(/\s+/).map(Number)) };
}

/**
 * A table as ethtool can write it again: `default`, `equal 4`, `equal 4 start 2`, `weight 96 32`; `unwritable` where it
 * cannot. One that names rings that there are not any more is a default that its driver did not make anew: the kernel
 * would not take another.
 */
export function spreadOf({ rings, queues }: { rings: number; queues: readonly number[] }): string {
  if (queues.some((queue) => queue >= rings)) return 'default';
  const start = queues[0] ?? 0;
  const equal = Math.max(...queues, start) - start + 1;
  if (queues.length === 0) return unwritable;
  if (queues.some((queue, index) => queue !== start + (index % equal))) return weightsOf(queues);
  if (start > 0) return `equal ${equal} start ${start}`;
  // A table that is shorter than the rings are many reaches no more of them.
  return equal === Math.min(rings, queues.length) ? 'default' : `equal ${equal}`;
}

/** By weights a table has a block of entries for each ring, in their order: weights that are its sizes make it again. */
function weightsOf(queues: readonly number[]): string {
  if (queues.some((queue, index) => queue < (queues[index - 1] ?? 0))) return unwritable;
  const sizes = Array.from({ length: Math.max(...queues) + 1 }, (_, ring) => queues.filter((queue) => queue === ring));
  return `weight ${sizes.map(({ length }) => length).join(' ')}`;
}

/** A rule that steers UDP over IPv4 by nothing but its destination port. */
export interface PortRule {
  id: number;
  queue: number;
}

/** What ethtool prints of a field that a rule leaves open: all bits of its mask, as wide as the field is. */
const leftOpen = [
  /^(Src|Dest) IP addr: \S+ mask: 255\.255\.255\.255$/,
  /^TOS: \S+ mask: 0xff$/,
  /^(Src port|VLAN|VLAN EtherType): \S+ mask: 0xffff$/,
  /^User-defined: \S+ mask: 0xf{16}$/,
  /^Dest MAC addr: \S+ mask: FF(:FF){5}$/i,
];

/** The rules for nothing but a port, of `ethtool -n`: one with any other line is somebody else's. */
export function portRulesOf(text: string, port: number): PortRule[] {
  return text.split(/^Filter: /m).flatMap((rule) => {
    const [id, ...lines] = rule.split('\n').map((line) => line.trim());
    const needed = ['Rule Type: UDP over IPv4', `Dest port: ${port} mask: 0x0`];
    const others = lines.filter((line) => line !== '' && !needed.includes(line));
    const conditions = others.filter((line) => !leftOpen.some((open) => open.test(line)));
    const queue = /^Action: Direct to queue (\d+)$/.exec(conditions[0] ?? '')?.[1];
    const isForPort = needed.every((line) => lines.includes(line)) && conditions.length === 1;
    return isForPort && queue !== undefined ? [{ id: Number(id), queue: Number(queue) }] : [];
  });
}
