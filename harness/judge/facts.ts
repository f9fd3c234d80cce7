import type { Summary } from '../../model/summary.js';

/** What a run's figures depend on, as text by its path: the server, so many of its clients, and the question. */
export function factsOf(summary: Summary, clients: number): Record<string, string> {
  const { topology, tuning, durationNs, warmupNs } = summary.scenario;
  return {
    ...flatten(summary.host),
    'client hosts': String(summary.clientHosts.length),
    ...flatten({ client: summary.clientHosts.slice(0, clients) }),
    ...flatten({ tuning }),
    ...{ topology, 'measured for': `${durationNs / 1e9} s`, 'warm-up': `${warmupNs / 1e9} s` },
  };
}

/** `sysctls.net.core.rmem_max`: every fact by its path, as text. */
function flatten(facts: object, path = ''): Record<string, string> {
  const entries = Object.entries(facts).flatMap(([name, value]) =>
    typeof value === 'object' && value !== null
      ? Object.entries(flatten(value, `${path}${name}.`))
      : [[`${path}${name}`, String(value)] as const],
  );
  return Object.fromEntries(entries);
}
