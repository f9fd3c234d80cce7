import { readFileSync } from 'node:fs';
import type { Counters } from '../model/record.js';
import { interfaceCounters } from './index.js';

/**
 * What the kernel counted for an interface and for UDP in this network namespace: `ethtool -S` by the driver's names,
 * `dev.*` from /proc/net/dev, `udp.*` from /proc/net/snmp.
 */
export function kernelCounters(interfaceName: string): Counters {
  return {
    ...interfaceCounters(interfaceName),
    ...parseNetDev(readFileSync('/proc/self/net/dev', 'utf8'), interfaceName),
    ...parseSnmpUdp(readFileSync('/proc/self/net/snmp', 'utf8')),
  };
}

/** What was counted between two readings; a driver that counts anew meanwhile, as for an XDP program, began at 0. */
export function countedSince(before: Counters, after: Counters): Counters {
  return Object.fromEntries(
    Object.entries(after).map(([name, value]) => {
      const had = before[name] ?? 0;
      return [name, value >= had ? value - had : value];
    }),
  );
}

/** The counters of one interface in /proc/net/dev that tell of losses; empty if it has none. */
export function parseNetDev(text: string, interfaceName: string): Counters {
  const line = text.split('\n').find((candidate) => candidate.trim().startsWith(`${interfaceName}:`));
  if (line === undefined) return {};
  const values = line
    .slice(line.indexOf(':') + 1)
    .trim()
    .split(/\s+/)
    .map(Number);
  const [, rxPackets, , rxDropped] = values;
  const [, txPackets, , txDropped] = values.slice(8);
  return {
    'dev.rxPackets': rxPackets ?? 0,
    'dev.rxDropped': rxDropped ?? 0,
    'dev.txPackets': txPackets ?? 0,
    'dev.txDropped': txDropped ?? 0,
  };
}

/** The `Udp:` table of /proc/net/snmp. */
export function parseSnmpUdp(text: string): Counters {
  const [names, values] = text
    .split('\n')
    .filter((line) => line.startsWith('Udp:'))
    .map((line) => line.split(/\s+/).slice(1));
  return Object.fromEntries((names ?? []).map((name, i) => [`udp.${name}`, Number(values?.[i] ?? 0)]));
}
