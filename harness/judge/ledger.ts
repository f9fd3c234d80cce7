import { notTakenByWire, sumMatching } from '../../common/wire/drops.js';
import type { InvokerCounters, Ledger, LedgerLine, LoadTotals } from '../../model/record.js';

/**
 * Where every request of a run went, from counters read after the traffic stopped. Each place a packet can be lost in
 * is counted by one counter only; what none of them explains is the residual.
 */
export function buildLedger(load: LoadTotals, invoker: InvokerCounters): Ledger {
  const { generator, kernel: client } = load;
  const { threads, shared, kernel: server } = invoker;
  const overThreads = (name: string) => threads.reduce((sum, counters) => sum + (counters[name] ?? 0), 0);
  const xskLost = (shared.xskRxDropped ?? 0) + (shared.xskRxRingFull ?? 0);

  // Live frames and skbs alike: veth adds the frames its peer's ring refused to the drops of the device.
  const dropped = client['dev.txDropped'] ?? 0;
  const notTaken = notTakenByWire(client, (generator.sent ?? 0) - (generator.probed ?? 0));

  const counted: LedgerLine[] = [
    { name: 'not taken by the wire', count: notTaken },
    { name: "server's receive ring full", count: dropped - notTaken },
    { name: 'XSK RX ring full', count: shared.xskRxRingFull ?? 0 },
    { name: 'XSK fill ring empty or frame too long', count: shared.xskRxDropped ?? 0 },
    // A redirect to a socket that fails is counted by the queue as well as by the socket.
    { name: "server's receive queue", count: Math.max(0, sumMatching(server, /^rx_queue_\d+_drops$/) - xskLost) },
    { name: 'socket buffer full', count: server['udp.RcvbufErrors'] ?? 0 },
    { name: 'UDP memory limit', count: server['udp.MemErrors'] ?? 0 },
    { name: 'no socket on the port', count: server['udp.NoPorts'] ?? 0 },
    { name: 'not taken by the XDP program', count: shared.leftToKernel ?? 0 },
    { name: 'bad checksum at the server', count: server['udp.InCsumErrors'] ?? 0 },
    { name: 'invoker: no request', count: overThreads('malformed') },
    { name: 'invoker: source refused', count: overThreads('refusedSource') + (shared.refusedSource ?? 0) },
    { name: 'invoker: function failed', count: overThreads('functionFailed') },
    { name: 'invoker: TX ring full', count: overThreads('txFull') },
    { name: 'invoker: send failed', count: overThreads('sendFailed') },
    // Replies by XDP_TX, too: veth counts those that it could not hand over (rx_queue_N_xdp_tx_errors) among the same.
    { name: "client's receive ring full", count: server['dev.txDropped'] ?? 0 },
    { name: "client's receive queue", count: sumMatching(client, /^rx_queue_\d+_drops$/) },
    { name: "client's socket buffer full", count: client['udp.RcvbufErrors'] ?? 0 },
    { name: 'answered after the timeout', count: generator.late ?? 0 },
    { name: 'bad checksum at the client', count: client['udp.InCsumErrors'] ?? 0 },
  ];
  const drops = counted.filter(({ count }) => count > 0);
  const sent = generator.sent ?? 0;
  const wrong = generator.wrong ?? 0;
  const right = (generator.replied ?? 0) - wrong;
  return {
    sent,
    handled: overThreads('handled'),
    replied: overThreads('replied'),
    right,
    wrong,
    drops,
    residual: drops.reduce((rest, { count }) => rest - count, sent - right - wrong),
  };
}
