import type { FarSide, FarSides, Scenario } from '../../model/cell.js';
import { examine } from '../doctor/checks.js';
import type { Finding } from '../doctor/finding.js';
import { readView, type ViewSources } from '../doctor/view.js';
import { parseDoctorOptions } from '../question/doctor-options.js';
import type { BenchSurroundings } from '../surroundings.js';

/** What a night may touch of the outside world. */
export interface NightSurroundings extends BenchSurroundings {
  host: ViewSources;
  /** Looks at two hosts and the wire between them. Rejects with BenchError, or the reason of the interrupt. */
  examineRemote(scenario: Scenario, sides: FarSides, interrupt: AbortSignal): Promise<Finding[]>;
}

/** What the doctor finds of the machines that a question is asked of. Rejects with BenchError where one cannot be asked. */
export async function examineFor(
  { sides, cards }: Scenario,
  { host, examineRemote, interrupt }: NightSurroundings,
): Promise<Finding[]> {
  if (sides === null)
    return examine(
      await readView(
        host,
        Object.values(cards ?? {}).map((card) => card.interface),
      ),
    );
  const found: Finding[] = [];
  // A client at a time: the server is the same for all.
  for (const client of sides.clients) {
    const words = ['--topology', 'remote', '--server', endOf(sides.server), '--client', endOf(client)];
    const request = parseDoctorOptions(words);
    if (request.kind === 'remote') found.push(...(await examineRemote(request.scenario, request.sides, interrupt)));
  }
  return found;
}

function endOf({ target, interface: name, address, root, inUse }: FarSide): string {
  const more = [...(root === null ? [] : [`dir=${root}`]), ...(inUse === 'allow' ? [`in-use=${name}`] : [])];
  return [target, `if=${name}`, `ip=${address}`, ...more].join(',');
}
