import { describe, expect, it } from 'vitest';
import { readScenario, type ScenarioFlags } from '../../../harness/question/scenario.js';
import { formatLoad, matrixLabel, type Scenario } from '../../../model/cell.js';
import { formatVariant } from '../../../model/settings.js';
import { messageOf } from '../../fakes/usage-message.js';

const read = (flags: ScenarioFlags, text = '') => readScenario(flags, { readFile: () => text, randomSeed: () => 4242 });

const readFileText = (text: string, flags: ScenarioFlags) => read({ ...flags, scenario: 'quick.yaml' }, text);

/** `saturate@1T1Q@200,400` for each load. */
const loadsOf = ({ loads }: Scenario) =>
  loads.map(({ load, matrix, sizes }) => [formatLoad(load), matrix.map(matrixLabel), sizes].join('@'));

describe('profiles', () => {
  const text = `
name: long
sizes: [200, 400]
matrix: [1T1Q, 2T2Q]
duration: 2s
warmup: 1s
repeats: 3
loads: [saturate, { load: closed=4, sizes: 800 }]
profiles:
  brief: { duration: 100ms, sizes: 600, repeats: 1 }
  lone: { matrix: 1T1Q, warmup: 0 }
`;
  const shape = (scenario: Scenario) => {
    const { name, durationNs, warmupNs, repeats } = scenario;
    return [name, durationNs / 1e9, warmupNs / 1e9, repeats, ...loadsOf(scenario)];
  };

  it.each<[ScenarioFlags, unknown[]]>([
    [{}, ['long', 2, 1, 3, 'saturate@1T1Q,2T2Q@200,400', 'closed=4@1T1Q,2T2Q@800']],
    [{ profile: 'brief' }, ['long (brief)', 0.1, 1, 1, 'saturate@1T1Q,2T2Q@600', 'closed=4@1T1Q,2T2Q@800']],
    [{ profile: 'lone' }, ['long (lone)', 2, 0, 3, 'saturate@1T1Q@200,400', 'closed=4@1T1Q@800']],
    [{ profile: 'lone', warmup: '5s' }, ['long (lone)', 2, 5, 3, 'saturate@1T1Q@200,400', 'closed=4@1T1Q@800']],
  ])('%j wins over the file, and a flag over both', (flags, expected) =>
    expect(shape(readFileText(text, flags))).toEqual(expected),
  );

  it.each<[ScenarioFlags, string | undefined, string]>([
    [{ profile: 'fast', scenario: 'a.yaml' }, text, '--profile: fast is not one of brief, lone'],
    [{ profile: 'fast', scenario: 'a.yaml' }, 'sizes: 60', '--profile: a.yaml has none'],
    [{ profile: 'fast' }, undefined, '--profile: is one of a --scenario FILE'],
    [
      { profile: 'a', scenario: 'a.yaml' },
      'profiles: { a: { repeats: 0 } }',
      'scenario a.yaml: profiles.a.repeats: 0 is not a whole number from 1 to 1000',
    ],
    [
      { scenario: 'a.yaml' },
      'profiles: { a: { seed: 1 } }',
      'scenario a.yaml: profiles.a.seed: unknown key, not one of sizes, matrix, duration, warmup, repeats',
    ],
    [
      { scenario: 'a.yaml' },
      'profiles: { a: }',
      'scenario a.yaml: profiles.a: must be a mapping with keys such as duration and repeats, not null',
    ],
  ])('%j of %j is refused', (flags, file, message) => expect(messageOf(() => read(flags, file))).toBe(message));
});

describe('loads with implementations and axes of their own', () => {
  const text = `
implementations: [recvmmsg, afxdp]
axes: { batch: 8 }
loads: [{ load: saturate, implementations: afxdp }, { load: none, axes: { channels: [4, 2] } }]
`;
  const plansOf = (flags: ScenarioFlags) =>
    readFileText(text, flags).loads.map(({ implementations, variants }) => [
      implementations,
      variants?.map(formatVariant) ?? null,
    ]);

  it.each<[ScenarioFlags, unknown]>([
    [
      {},
      [
        [['afxdp'], null],
        [null, ['channels=4', 'channels=2']],
      ],
    ],
    // Those that are asked for, of those that the load names.
    [{ impls: 'recvmmsg' }, [[null, ['channels=4', 'channels=2']]]],
    [
      { axis: ['idle=spin'] },
      [
        [['afxdp'], null],
        [null, ['idle=spin,channels=4', 'idle=spin,channels=2']],
      ],
    ],
  ])('%j', (flags, expected) => expect(plansOf(flags)).toEqual(expected));

  it.each<[ScenarioFlags, string, string]>([
    [
      {},
      'implementations: afxdp\nloads: [{ load: none, implementations: dgram }]',
      'scenario quick.yaml: loads[0].implementations: dgram is not one of afxdp',
    ],
    [
      { impls: 'dgram' },
      'loads: [{ load: none, implementations: afxdp }]',
      'scenario quick.yaml: loads: none has one of the implementations dgram',
    ],
    [
      {},
      'implementations: dgram\nloads: [{ load: none, axes: { ringSize: 1024 } }]',
      '--axis: ringSize=1024: none of dgram has that',
    ],
  ])('%j of %j is refused', (flags, file, message) => expect(messageOf(() => readFileText(file, flags))).toBe(message));
});
