import { expect, it } from 'vitest';
import { readScenario } from '../../../harness/question/scenario.js';
import { hostLine, hostLines } from '../../../harness/report/host.js';
import { renderMarkdown } from '../../../harness/report/markdown.js';
import { fakeSummary } from '../../fakes/summary.js';

const { host } = fakeSummary();

it.each([
  ['abc', 'clean', 'abc'],
  ['abc', 'dirty', 'abc (dirty)'],
  ['abc', 'unknown', 'abc (unknown)'],
  ['unknown', 'unknown', 'unknown'],
] as const)('tells commit %s, %s as %s', (commit, dirty, words) =>
  expect(hostLine({ ...host, commit, dirty }).split('commit ')[1]).toBe(words),
);

it('one host is a line', () => expect(hostLines(fakeSummary()).map(({ role }) => role)).toEqual(['Host']));

it('a server and its clients are a line each, with the names of their hosts', () => {
  const flags = {
    ...{ topology: 'remote', server: 'h1,if=a,ip=10.0.0.1', seed: '1' },
    client: ['h2,if=a,ip=10.0.0.2', 'bench@h3,if=a,ip=10.0.0.3'],
  };
  const { sides } = readScenario(flags, { readFile: () => '', randomSeed: () => 0 });
  const clientHosts = [
    { ...host, cpuModel: 'First' },
    { ...host, cpuModel: 'Second' },
  ];
  const summary = fakeSummary({ scenario: { ...fakeSummary().scenario, sides }, clientHosts });
  expect(hostLines(summary).map(({ role, line }) => [role, line.split(',')[0]])).toEqual([
    ['Server h1', host.cpuModel],
    ['Client h2', 'First'],
    ['Client bench@h3', 'Second'],
  ]);
  expect(renderMarkdown(summary, [], null)).toMatch(/\*\*Server h1\.\*\* .*<br>\n\*\*Client h2\.\*\* First/);
});
