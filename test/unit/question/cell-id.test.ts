import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../common/cli/errors.js';
import { planPair } from '../../../harness/plan/pair.js';
import { parseCellId } from '../../../harness/question/cell-id.js';
import { cannot, variantOf } from '../../../impls/abilities.js';
import { functionIds } from '../../../model/ids.js';
import { plainHost } from '../../fakes/hosts.js';

const planned = (id: string) => {
  const { candidate, packetBytes, load, point } = parseCellId('--cell', id);
  const question = {
    ...{
      candidates: [candidate, candidate] as [typeof candidate, typeof candidate],
      sizes: [packetBytes],
      load,
      point,
    },
    ...{ turns: 1, controls: 0, durationNs: 1e9, warmupNs: 0 },
  };
  const [attempt] = planPair(question, plainHost([0, 1, 2, 3, 4, 5, 6, 7]), { portOf: () => 1232, cannot, variantOf });
  return attempt?.seat.kind === 'implementation' ? attempt.seat.cell.id : null;
};

describe('the id of a cell', () => {
  it.each([
    'afxdp-1T1Q-200-reverse-saturate',
    'recvmmsg-4T2Q-1400-upper-capacity',
    'xdp-2T2Q-800-echo-closed=4',
    'afxdp-1T1Q-200-reverse-saturate-batch=64',
    'afxdp-1T1Q-200-reverse-closed=16-batch=64,ringSize=4096,idle=spin',
    'recvmmsg-1T1Q-200-reverse-saturate-delayNs=1500',
    'xdp-1T1Q-200-reverse-saturate-workNs=1500',
    'node-latest-1T1Q-200-reverse-saturate',
    'dpdk-packet-1T1Q-200-echo-closed=4',
    ...functionIds.map((id) => `recvmmsg-1T1Q-200-${id}-saturate`),
  ])('%s is that of the cell that turns measure', (id) => expect(planned(id)).toBe(id));

  it.each([
    ['afxdp', '--cell: afxdp is not the id of a cell such as afxdp-1T1Q-200-reverse-saturate'],
    ['afxdp-1T1Q-200-reverse-saturate-', 'is not the id of a cell'],
    [
      'netmap-1T1Q-200-reverse-saturate',
      '--cell: netmap is not one of dgram, recvfrom, recvmmsg, iouring, afpacket, afxdp, tc, xdp',
    ],
    ['afxdp-1T3Q-200-reverse-saturate', 'the queues of a point must divide its threads'],
    ['afxdp-1T1Q-20-reverse-saturate', '--cell: '],
    ['afxdp-1T1Q-200-twist-saturate', '--cell: twist is not one of'],
    [
      'afxdp-1T1Q-200-reverse-latency-under-load',
      '--cell: afxdp-1T1Q-200-reverse-latency-under-load: of loads, turns measure saturate, closed=N and capacity',
    ],
    ['afxdp-1T1Q-200-reverse-rate=1000', 'of loads, turns measure'],
    ['dgram-1T1Q-200-reverse-saturate-batch=8', 'dgram has no batch=8'],
  ])('%s is refused', (id, message) => {
    const refused = () => parseCellId('--cell', id);
    expect(refused).toThrow(UsageError);
    expect(refused).toThrow(message);
  });
});
