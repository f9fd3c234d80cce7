import type { Echo } from '../../common/wire/ping.js';
import { type Finding, finding } from './finding.js';
import type { WireEnd } from './wire.js';

/** What the client got as an answer over the wire. */
export interface Answered {
  /** The MAC that answers for the server's address; null: none does. */
  mac: string | null;
  /** Of a small packet, and of one as large as the MTU of the client lets it be; null: neither was sent. */
  echoes: { small: Echo | null; large: Echo | null } | null;
}

/** `answered` is null where nothing was asked, as the ends are not ready for it. */
export function checkAnswers(server: WireEnd, client: WireEnd, answered: Answered | null): Finding[] {
  return [arp(server, client, answered), ping(server, answered), pathMtu(server, client, answered)];
}

function arp(server: WireEnd, client: WireEnd, answered: Answered | null): Finding {
  const id = 'wire/arp';
  const why = 'Requests go to the MAC that answers for the address of the server.';
  if (answered === null)
    return finding(id, why, { level: 'not-told', state: 'not asked: see wire/ends and wire/route' });
  const { mac } = answered;
  const card = client.link.interface;
  if (mac === server.link.mac) return finding(id, why, { level: 'fine', state: `${server.address} is ${mac}` });
  if (mac === null)
    return finding(id, why, {
      level: 'cannot-run',
      state: `nobody answers for ${server.address} on ${card} of ${client.host}`,
      remedy: `see that ${card} is joined to ${server.link.interface} of ${server.host} by one cable, or one VLAN of a switch`,
    });
  return finding(id, why, {
    level: 'cannot-run',
    state: `${server.address} is ${mac} on ${card} of ${client.host}, not ${server.link.mac} of ${server.host}`,
    remedy: `take the address from the host with that MAC, or the router from between; on ${client.host}: ip neigh flush dev ${card}`,
  });
}

const noPing = 'the client has no command ping (apt-get install iputils-ping)';
const notSent = 'not sent: see wire/arp';

const told = ({ sent, returned, said }: Echo) =>
  `${returned} of ${sent} came back${said === null || returned === sent ? '' : `, and for one that did not: ${said}`}`;

function ping(server: WireEnd, answered: Answered | null): Finding {
  const id = 'wire/ping';
  const why = 'The kernel of the server answers by itself: what is lost here no invoker gets.';
  if (!answered?.echoes) return finding(id, why, { level: 'not-told', state: notSent });
  const { small } = answered.echoes;
  if (small === null) return finding(id, why, { level: 'not-told', state: noPing });
  if (small.sent === 0) return finding(id, why, { level: 'not-told', state: `ping says: ${small.said}` });
  if (small.returned === small.sent) return finding(id, why, { level: 'fine', state: told(small) });
  if (small.returned > 0) {
    const remedy = 'find who drops them: ethtool -S of both interfaces, the switch';
    return finding(id, why, { level: 'not-trusted', state: told(small), remedy });
  }
  // A firewall may drop these and no request: the cells say.
  const remedy = `let the firewall of ${server.host} answer ping, or find who drops it: ethtool -S of both interfaces`;
  return finding(id, why, { level: 'could-be-better', state: told(small), remedy });
}

function pathMtu(server: WireEnd, client: WireEnd, answered: Answered | null): Finding {
  const id = 'wire/path-mtu';
  const why = 'Something between the ends may have a smaller MTU than they have, and drops what is longer.';
  if (!answered?.echoes) return finding(id, why, { level: 'not-told', state: notSent });
  const { small, large } = answered.echoes;
  if (small === null || large === null) return finding(id, why, { level: 'not-told', state: noPing });
  if (small.returned === 0) return finding(id, why, { level: 'not-told', state: 'not told: see wire/ping' });
  const state = `of packets of ${client.link.mtu} bytes ${told(large)}`;
  if (large.returned > 0) return finding(id, why, { level: 'fine', state });
  return finding(id, why, {
    level: 'cannot-run',
    state,
    remedy: `give all that is between an MTU of ${client.link.mtu}, or both ends a smaller one: ip link set ${server.link.interface} mtu N`,
  });
}
