import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../common/process/paths.js';
import { temporaryFolder } from '../fakes/folder.js';
import { keys, onTerminal } from '../fakes/terminal.js';

test('three times Enter measures, and Ctrl-C then keeps what was measured', async () => {
  const cwd = temporaryFolder();
  const { code, text, left } = await onTerminal(
    ['node', join(packageRoot(), 'dist/harness/main.js')],
    [
      ['all: $', keys.enter],
      ['veth: $', keys.enter],
      ['short: $', keys.enter],
      [' 1/\\d+ runs', keys.interrupt],
    ],
    { cwd, seconds: 100 },
  );
  expect(text).toMatch(/\nnpm run bench -- --sizes 800 --repeats \d+\n/);
  expect({ code, left }).toEqual({ code: 130, left: 0 });
  const records = readFileSync(join(cwd, 'results/latest/runs.ndjson'), 'utf8');
  expect(records.trim().split('\n').length).toBeGreaterThanOrEqual(1);
  expect(readdirSync(join(cwd, 'results/latest'))).toContain('report.md');
});
