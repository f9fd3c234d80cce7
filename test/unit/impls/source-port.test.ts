import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../../common/process/paths.js';
import { refusedPorts } from '../../../impls/source-port.js';

it('the ports that are refused are those of the C header, and those that are served', () => {
  const header = readFileSync(join(packageRoot(), 'bpf/source_port.h'), 'utf8');
  const constant = (name: string) => Number(new RegExp(`#define ${name} (\\d+)`).exec(header)?.[1]);
  const [lastSystem, first, last] = ['LAST_SYSTEM_PORT', 'FIRST_FUNCTION_PORT', 'LAST_FUNCTION_PORT'].map(constant) as [
    number,
    number,
    number,
  ];
  expect([lastSystem, first, last].every(Number.isInteger)).toBe(true);
  const isRefused = refusedPorts([{ port: 5000 }, { port: first }]);
  for (let port = 0; port <= 65_535; port++) {
    const refused = port <= lastSystem || (port >= first && port <= last) || port === 5000;
    if (isRefused(port) !== refused) throw new Error(`port ${port}: ${isRefused(port)}`);
  }
});
