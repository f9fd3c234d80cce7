import { droppedByQueues, notTakenByWire } from '../../common/wire/drops.js';
import type { TopologyId } from '../../model/ids.js';
import type { Counters, InvokerCounters, Ledger, LedgerLine, LoadTotals } from '../../model/record.js';

/**
 * Where every request of a run went, from counters read after the traffic stopped. Each place a packet can be lost in
 * is counted by one counter only; what none of them explains is the residual.
 */
export function buildLedger(load: LoadTotals, invoker: InvokerCounters, topology: TopologyId): Ledger {
  const { generator, kernel: client } = load;
  const { threads, shared, kernel: server } = invoker;
  const overThreads = (name: string) => threads.reduce((sum, counters) => sum + (counters[name] ?? 0), 0);
  const xskLost = (shared.xskRxDropped ?? 0) + (shared.xskRxRingFull ?? 0);

  const sent = generator.sent ?? 0;
  const wrong = generator.wrong ?? 0;
  const right = (generator.replied ?? 0) - wrong;
  const handled = overThreads('handled');
  const replied = overThreads('replied');
  // Live frames and skbs alike: veth adds the frames its peer's ring refused to the drops of the device.
  const dropped = client['dev.txDropped'] ?? 0;
  const veth = topology === 'veth';
  const notTaken = veth ? notTakenByWire(client, sent - (generator.probed ?? 0)) : dropped;

  const counted: LedgerLine[] = [
    { name: 'not taken by the wire', count: notTaken },
    { name: "server's receive ring full", count: dropped - notTaken },
    { name: 'XSK RX ring full', count: shared.xskRxRingFull ?? 0 },
    { name: 'XSK fill ring empty or frame too long', count: shared.xskRxDropped ?? 0 },
    { name: "server's receive queue", count: droppedByQueues(server, xskLost) },
    { name: 'socket buffer full', count: server['udp.RcvbufErrors'] ?? 0 },
    { name: 'packet ring full', count: overThreads('ringFull') },
    { name: 'UDP memory limit', count: server['udp.MemErrors'] ?? 0 },
    { name: 'no socket on the port', count: server['udp.NoPorts'] ?? 0 },
    { name: 'left to the kernel', count: shared.leftToKernel ?? 0 },
    { name: 'bad checksum at the server', count: server['udp.InCsumErrors'] ?? 0 },
    { name: 'invoker: no request', count: overThreads('malformed') },
    { name: 'invoker: source refused', count: overThreads('refusedSource') + (shared.refusedSource ?? 0) },
    { name: 'invoker: function failed', count: overThreads('functionFailed') },
    { name: 'invoker: TX ring full', count: overThreads('txFull') },
    { name: 'invoker: send failed', count: overThreads('sendFailed') },
    // Replies by XDP_TX, too: veth counts those that it could not hand over (rx_queue_N_xdp_tx_errors) among the same.
    {
      name: veth ? "client's receive ring full" : 'not taken by the wire back',
      count: server['dev.txDropped'] ?? 0,
    },
    { name: "client's receive queue", count: droppedByQueues(client) },
    { name: "client's socket buffer full", count: client['udp.RcvbufErrors'] ?? 0 },
    { name: 'answered after the timeout', count: generator.late ?? 0 },
    { name: 'bad checksum at the client', count: client['udp.InCsumErrors'] ?? 0 },
  ];
  const drops = counted.filter(({ count }) => count > 0);
  const unexplained = () => drops.reduce((rest, { count }) => rest - count, sent - right - wrong);
  if (!veth) drops.push(...lostBetween(unexplained(), { client, server, sent, handled, replied, right }));
  return { sent, handled, replied, right, wrong, drops, residual: unexplained() };
}

/** Packets, as the ends and their interfaces counted them. */
interface Passage extends Record<'client' | 'server', Counters> {
  sent: number;
  handled: number;
  replied: number;
  right: number;
}

/**
 * Of `unexplained` requests, those that an interface did not take from the program that sent them, its ring being full, and
 * those that a cable, a switch or a full ring of a NIC took: an interface sent them, and the other did not receive them.
 * Other traffic of these interfaces is in the differences. Where a driver does not count what XDP takes or sends, nothing
 * is known.
 */
function lostBetween(unexplained: number, { client, server, sent, handled, replied, right }: Passage): LedgerLine[] {
  const packets = (counters: Counters, way: 'rx' | 'tx') => counters[`dev.${way}Packets`] ?? 0;
  const [clientTx, serverRx] = [packets(client, 'tx'), packets(server, 'rx')];
  const [serverTx, clientRx] = [packets(server, 'tx'), packets(client, 'rx')];
  const places: [name: string, from: number, to: number, known: boolean][] = [
    ["not taken by the client's interface", sent, clientTx, clientTx >= right],
    ['on the way to the server', clientTx, serverRx, serverRx >= handled],
    ["not taken by the server's interface", replied, serverTx, serverTx >= right],
    ['on the way back', serverTx, clientRx, serverTx >= right && clientRx >= right],
  ];
  let rest = Math.max(0, unexplained);
  return places.flatMap(([name, from, to, known]) => {
    const count = known ? Math.min(rest, Math.max(0, from - to)) : 0;
    rest -= count;
    return count > 0 ? [{ name, count }] : [];
  });
}
