import { arrivals, engineIds, functionIds } from '../../model/ids.js';
import { checkEvery } from '../../model/record.js';
import type { GoFlag } from './go-flags.js';

/** The flags of the published client, with its defaults, and then ours. */
export const flags: readonly GoFlag[] = [
  { name: 'listen-address', type: 'string', fallback: ':8080', help: 'address of the HTTP server for /metrics' },
  { name: 'server', type: 'string', fallback: '10.0.0.10', help: 'IPv4 address of the server' },
  { name: 'ports', type: 'string', fallback: '1232', help: 'UDP ports of the server, separated by commas' },
  { name: 'packet-size', type: 'int', fallback: '800', help: 'frame size in bytes, 42 bytes of headers included' },
  { name: 'num-conns', type: 'int', fallback: '4', help: 'connections a port, each a connected UDP socket' },
  { name: 'verbose', type: 'bool', fallback: 'false', help: 'print the rates once a second' },

  { name: 'duration', type: 'duration', fallback: '20m', help: 'how long to send' },
  { name: 'json', type: 'string', fallback: '', help: 'file that gets the result' },
  { name: 'percentiles', type: 'bool', fallback: 'false', help: 'print percentiles of the round trips once a second' },
  { name: 'function', type: 'string', fallback: 'reverse', help: `what the server does: ${functionIds.join(', ')}` },
  {
    name: 'rate',
    type: 'string',
    fallback: 'none',
    help: 'requests a second over all connections, such as 100k or 1.5M: an open loop, timed from when each request is due',
  },
  { name: 'arrival', type: 'string', fallback: 'constant', help: `gaps between requests: ${arrivals.join(', ')}` },
  {
    name: 'engine',
    type: 'string',
    fallback: 'auto',
    help: `of an open loop: ${engineIds.join(', ')}, or auto: the first of them that the host grants`,
  },
  { name: 'cores', type: 'string', fallback: '', help: 'CPUs for the sending threads, such as 2,3' },
  {
    name: 'calibrate',
    type: 'bool',
    fallback: 'false',
    help: 'measure what each engine can send and count over a virtual wire of its own (root), and end',
  },
  {
    name: 'check-every',
    type: 'int',
    fallback: String(checkEvery),
    help: 'with live, compare the content of one reply in so many (with -calibrate, 0: neither stamp nor check)',
  },
  { name: 'interface', type: 'string', fallback: '', help: 'with live and afxdp: where to send (default: the route)' },
  { name: 'source', type: 'string', fallback: '', help: 'with live and afxdp: source address (default: the route)' },
  { name: 'server-mac', type: 'string', fallback: '', help: 'with live and afxdp: next hop (default: by ARP)' },
];
