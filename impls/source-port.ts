import type { Service } from '../model/settings.js';
import { functionTable } from './functions.js';

const lastSystemPort = 1023;
const functionPorts = Object.values(functionTable).map(({ port }) => port);

/** Ports of functions, other invokers' among them: whoever has one would answer a reply. */
export function portsOfServices(services: readonly Pick<Service, 'port'>[]): number[] {
  return [...new Set([...functionPorts, ...services.map(({ port }) => port)])];
}

/** Source ports, in [0, 65535], of requests that are not answered by these services: native/source_port.h in JavaScript. */
export function refusedPorts(services: readonly Pick<Service, 'port'>[]): (port: number) => boolean {
  const refused = new Set(portsOfServices(services));
  return (port) => port <= lastSystemPort || refused.has(port);
}
