import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readScenario, type ScenarioFlags } from '../../../harness/question/scenario.js';
import { formatLoad, matrixLabel, type Scenario } from '../../../model/cell.js';
import { implementationIds } from '../../../model/ids.js';
import { formatVariant } from '../../../model/settings.js';
import { messageOf } from '../../fakes/usage-message.js';

const asAll = { implementations: null, variants: null };
const allSizes = [200, 400, 600, 800, 1000, 1200, 1400];

function read(flags: ScenarioFlags, text?: string): Scenario {
  const readFile = (path: string) => {
    if (text === undefined) throw new Error(`ENOENT: no such file or directory, open '${path}'`);
    return text;
  };
  return readScenario(flags, { readFile, randomSeed: () => 4242 });
}

const readFileText = (text: string, flags: ScenarioFlags = {}) => read({ ...flags, scenario: 'quick.yaml' }, text);

/** `saturate@1T1Q@200,400` for each load. */
function loadsOf({ loads }: Scenario): string[] {
  return loads.map(({ load, matrix, sizes }) => [formatLoad(load), matrix.map(matrixLabel), sizes].join('@'));
}

describe('readScenario', () => {
  it('asks the default question', () => {
    expect(read({})).toEqual({
      name: 'default',
      implementations: ['dgram', 'recvfrom', 'recvmmsg', 'afxdp'],
      functionId: 'reverse',
      loads: [
        { load: { kind: 'saturate' }, matrix: [{ threads: 1, queues: 1 }], sizes: allSizes, ...asAll },
        { load: { kind: 'closed', connections: 4 }, matrix: [{ threads: 1, queues: 1 }], sizes: [800], ...asAll },
      ],
      variants: [{ idle: null, settings: {}, tuning: {} }],
      tuning: {},
      ...{ topology: 'veth', sides: null, cards: null },
      cpus: { any: null, server: null, client: null, irq: null },
      pinned: [],
      durationNs: 1e9,
      warmupNs: 0.5e9,
      repeats: 6,
      seed: 4242,
    });
  });

  it('reads every key of a file', () => {
    const text = `
name: my-question
implementations: [afxdp, dgram]
function: echo
sizes: [60, 200..600]
matrix: [2T1Q, 1T1Q]
loads: [saturate, { load: closed=2, sizes: 200, matrix: 1T1Q }, { load: none, sizes: [60] }, { load: 'closed=4' }]
topology: veth
duration: 500ms
warmup: 0
repeats: 6
seed: 7
`;
    const scenario = readFileText(text);
    expect(scenario).toMatchObject({
      name: 'my-question',
      implementations: ['afxdp', 'dgram'],
      functionId: 'echo',
      durationNs: 0.5e9,
      warmupNs: 0,
      repeats: 6,
      seed: 7,
    });
    expect(loadsOf(scenario)).toEqual([
      'saturate@2T1Q,1T1Q@60,200,400,600',
      'closed=2@1T1Q@200',
      'none@2T1Q,1T1Q@60',
      'closed=4@2T1Q,1T1Q@60,200,400,600',
    ]);
  });

  it.each<[string, ScenarioFlags, string | undefined, string[]]>([
    ['an axis by flag', { sizes: '200,1000' }, undefined, ['saturate@1T1Q@200,1000', 'closed=4@1T1Q@1000']],
    [
      'the nearest size, the first of two',
      { sizes: '600,1000' },
      undefined,
      ['saturate@1T1Q@600,1000', 'closed=4@1T1Q@600'],
    ],
    [
      'the first point',
      { matrix: '2T2Q,1T1Q', sizes: '800' },
      undefined,
      ['saturate@2T2Q,1T1Q@800', 'closed=4@2T2Q@800'],
    ],
    ['--load over everything', { load: 'none,closed=1', sizes: '60' }, undefined, ['none@1T1Q@60', 'closed=1@1T1Q@60']],
    ['an empty mapping', {}, '{}', [`saturate@1T1Q@${allSizes}`, 'closed=4@1T1Q@800']],
    ['axes of the file', {}, 'sizes: 400\nmatrix: 2T2Q', ['saturate@2T2Q@400', 'closed=4@2T2Q@400']],
    ['flags over the file', { sizes: '60' }, 'sizes: 400\nmatrix: 2T2Q\nloads: [none]', ['none@2T2Q@60']],
    [
      'flags over the axes of one load',
      { sizes: '60', matrix: '4T4Q' },
      'loads: [{load: none, sizes: 400, matrix: 2T2Q}]',
      ['none@4T4Q@60'],
    ],
    ['--load over the loads of the file', { load: 'saturate' }, 'sizes: 60\nloads: [none]', ['saturate@1T1Q@60']],
    [
      'one load twice with axes of its own',
      {},
      'sizes: 60\nloads: [closed=4, {load: closed=4, sizes: 800}]',
      ['closed=4@1T1Q@60', 'closed=4@1T1Q@800'],
    ],
  ])('loads and axes: %s', (_, flags, text, expected) => {
    expect(loadsOf(text === undefined ? read(flags) : readFileText(text, flags))).toEqual(expected);
  });

  it('lets every flag win over the file', () => {
    const text =
      'implementations: dgram\nfunction: reverse\nduration: 1s\nwarmup: 1s\nrepeats: 1\nseed: 1\ntopology: veth';
    const flags = {
      impls: 'afxdp',
      function: 'echo',
      duration: '3s',
      warmup: '2s',
      repeats: '2',
      seed: '2',
      topology: 'veth',
    };
    expect(readFileText(text, flags)).toMatchObject({
      implementations: ['afxdp'],
      functionId: 'echo',
      durationNs: 3e9,
      warmupNs: 2e9,
      repeats: 2,
      seed: 2,
    });
  });

  it.each([
    ['scenarios/quick.yaml', 'quick'],
    ['My Question (2).yml', 'my-question-2'],
    ['...', 'scenario'],
  ])('names the scenario of %s %s', (path, name) => expect(read({ scenario: path }, '{}').name).toBe(name));

  it('is frozen to the bottom and shares nothing', () => {
    const scenario = read({});
    const seen = new Set<object>();
    const visit = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      expect(Object.isFrozen(value)).toBe(true);
      seen.add(value);
      Object.values(value).forEach(visit);
    };
    visit(scenario);
    expect(seen.size).toBeGreaterThan(10);
    expect(() => scenario.loads[0]?.sizes.push(60)).toThrow(TypeError);
    expect(read({})).toEqual(scenario);
  });
});

describe('axes of settings', () => {
  const variantsOf = (flags: ScenarioFlags, text?: string) =>
    (text === undefined ? read(flags) : readFileText(text, flags)).variants.map(formatVariant);

  it('multiply', () =>
    expect(variantsOf({ axis: ['batch=8,64', 'idle=spin,poll'] })).toEqual([
      'batch=8,idle=spin',
      'batch=8,idle=poll',
      'batch=64,idle=spin',
      'batch=64,idle=poll',
    ]));

  it('stand in a file, where a flag of the same name wins', () => {
    const text = 'axes: { batch: [8, 16], checksum: [zero, full] }';
    expect(variantsOf({}, text)).toHaveLength(4);
    expect(variantsOf({ axis: ['batch=32'] }, text)).toEqual(['checksum=zero,batch=32', 'checksum=full,batch=32']);
  });

  it.each<[string[], string]>([
    [['batch'], '--axis: batch is not NAME=VALUE,VALUE such as batch=8,64'],
    [['batch='], '--axis: batch: needs at least one value, not ""'],
    [['batch=8,,9'], '--axis: batch: 8,,9 has a blank beside a comma'],
    [['batch=0'], '--axis: batch: 0 is not a whole number from 1 to 1024'],
    [['batch=8,8'], '--axis: batch=8 is named twice'],
    [['batch=8', 'batch=9'], '--axis: batch is named twice'],
    [['idle=sleep'], '--axis: idle: sleep is not one of spin, poll, adaptive'],
  ])('%j is refused', (axis, message) => expect(messageOf(() => read({ axis }))).toBe(message));

  it('names what an axis may be', () =>
    expect(messageOf(() => read({ axis: ['speed=9'] }))).toMatch(
      /^--axis: speed is not one of batch, .*, idle, nor one of docs\/tuning.md$/,
    ));

  it('is refused where no implementation has it', () =>
    expect(messageOf(() => read({ axis: ['ringSize=1024'], impls: 'recvfrom,dgram' }))).toBe(
      '--axis: ringSize=1024: none of recvfrom, dgram has that',
    ));
});

describe('repeats', () => {
  const sources = { readFile: () => '', randomSeed: () => 1 };
  it.each([
    ['capacity', 3],
    ['capacity,latency-under-load', 3],
    ['capacity,saturate', 6],
    ['rate=1k', 6],
  ])('of %s are %i unless said', (load, repeats) => {
    expect(readScenario({ load }, sources).repeats).toBe(repeats);
    expect(readScenario({ load, repeats: '5' }, sources).repeats).toBe(5);
  });
});

describe('a wrong value is named with its place', () => {
  it.each<[ScenarioFlags, string]>([
    [{ sizes: '30' }, '--sizes: 30 is below 60, the smallest frame that holds the headers and a stamp'],
    [{ matrix: '3T2Q' }, '--matrix: 3T2Q: the queues of a point must divide its threads'],
    [{ impls: '' }, '--impls: needs at least one value, not ""'],
    [{ function: 'sort' }, '--function: sort is not one of reverse, echo, expand, upper, sha256, lookup'],
    [
      { load: 'speed=5' },
      '--load: speed=5 is not one of saturate, capacity, latency-under-load, rate=N, closed=N, none',
    ],
    [{ duration: '10ms' }, '--duration: 10ms is below the least, 50ms'],
    [{ duration: '2h' }, '--duration: 2h is above the most, 1h'],
    [{ warmup: '11m' }, '--warmup: 11m is above the most, 10m'],
    [{ repeats: '0' }, '--repeats: 0 is not a whole number from 1 to 1000'],
    [{ topology: 'lo' }, '--topology: lo is not one of veth, nic, remote'],
    [{ seed: '-1' }, '--seed: -1 is not a whole number from 0 to 4294967295'],
    [
      { scenario: 'gone.yaml' },
      "--scenario: gone.yaml cannot be read (ENOENT: no such file or directory, open 'gone.yaml')",
    ],
  ])('flag %j', (flags, message) => expect(messageOf(() => read(flags))).toBe(message));

  const keys =
    'name, implementations, function, sizes, matrix, axes, tuning, loads, topology, server, client, cpus, duration, warmup, repeats, seed, profiles';
  it.each([
    ['sizes: 30', 'sizes: 30 is below 60, the smallest frame that holds the headers and a stamp'],
    ['sizes: [200, 200]', 'sizes: 200 is named twice'],
    ['sizes: []', 'sizes: needs at least one value, not ""'],
    ['sizes: [[200]]', 'sizes: must be text or a list of values, not [[200]]'],
    ['sizes:', 'sizes: must be text or a list of values, not null'],
    ['sizes: {from: 200}', 'sizes: must be text or a list of values, not {"from":200}'],
    ['matrix: [1T1Q, 2x2]', 'matrix: 2x2 is not a number of threads and queues such as 2T1Q'],
    ['implementations: netmap', `implementations: netmap is not one of ${implementationIds.join(', ')}`],
    ['function: 5', 'function: 5 is not one of reverse, echo, expand, upper, sha256, lookup'],
    ['duration: 2', 'duration: 2 is not a time such as 2s, 500ms or 1m'],
    ['repeats: 1.5', 'repeats: 1.5 is not a whole number from 1 to 1000'],
    ['repeats: true', 'repeats: must be text or a number, not true'],
    ['seed: -1', 'seed: -1 is not a whole number from 0 to 4294967295'],
    ['name: Two words', 'name: must be up to 40 small letters, digits and dashes, not "Two words"'],
    ['name: 5', 'name: must be text, not 5'],
    ['repeat: 3', `repeat: unknown key, not one of ${keys}`],
    ['loads: saturate', 'loads: must be a list of loads, not "saturate"'],
    ['loads: []', 'loads: must be a list of one load or more, not []'],
    ['loads: [fast]', 'loads[0]: fast is not one of saturate, capacity, latency-under-load, rate=N, closed=N, none'],
    ['loads: [none, none]', 'loads[1]: none is named twice'],
    ['loads: [none, {load: closed=0}]', 'loads[1]: closed=0: connections must be a whole number from 1 to 1024'],
    [
      'loads: [{load: none, sizes: 30}]',
      'loads[0].sizes: 30 is below 60, the smallest frame that holds the headers and a stamp',
    ],
    [
      'loads: [{load: none, size: 60}]',
      'loads[0].size: unknown key, not one of load, sizes, matrix, implementations, axes',
    ],
    ['loads: [{sizes: 60}]', 'loads[0].load: must be text or a number, not absent'],
    ['loads: [4]', 'loads[0]: must be a load such as saturate, or a mapping with keys such as load and sizes, not 4'],
    ['', 'must be a mapping with keys such as sizes and matrix, not null'],
    ['# nothing', 'must be a mapping with keys such as sizes and matrix, not null'],
    ['[200]', 'must be a mapping with keys such as sizes and matrix, not [200]'],
    ['200..1400', 'must be a mapping with keys such as sizes and matrix, not "200..1400"'],
    ['sizes: 60\nsizes: 80', 'line 2: Map keys must be unique'],
    ['sizes: 60\n---\nsizes: 80', 'line 2: a second document begins here'],
    [
      'sizes: 60\nmatrix: [1T1Q',
      'line 2: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    ['sizes: 60\nloads:\n\t- none', 'line 3: Tabs are not allowed as indentation'],
    ['sizes: !bytes 60', 'line 1: Unresolved tag: !bytes'],
    ['sizes: *all', 'Unresolved alias (the anchor must be set before the alias): all'],
  ])('file %j', (text, message) => {
    expect(messageOf(() => readFileText(text))).toBe(`scenario quick.yaml: ${message}`);
  });

  it('checks a value of the file only where no flag wins over it', () => {
    expect(readFileText('repeats: 0', { repeats: '1' }).repeats).toBe(1);
  });
});

describe('scenarios/', () => {
  const folder = new URL('../../../scenarios/', import.meta.url);
  const names = readdirSync(folder);

  it('holds the three main questions', () => {
    expect(names).toEqual(expect.arrayContaining(['nightly.yaml', 'quick.yaml', 'thesis.yaml']));
  });

  it.each(names)('%s is valid and bears its file name', (file) => {
    const scenario = read({ scenario: file }, readFileSync(new URL(file, folder), 'utf8'));
    expect(`${scenario.name}.yaml`).toBe(file);
  });

  it('thesis asks for every cell of the published tables, in minutes or as long as there', () => {
    const file = readFileSync(new URL('thesis.yaml', folder), 'utf8');
    const of = (profile: string) => read({ scenario: 'thesis.yaml', profile }, file);
    expect(of('thesis')).toMatchObject({ durationNs: 900e9, warmupNs: 300e9, repeats: 1 });
    expect(loadsOf(of('quick'))).toEqual([
      'saturate@1T1Q@200,800,1400',
      'saturate@1T1Q,2T1Q,2T2Q,4T2Q,4T4Q,8T4Q@200,800,1400',
      'saturate@1T1Q,2T1Q,2T2Q,4T4Q,8T8Q@200,800,1400',
      'saturate@1T1Q@800',
      'closed=4@1T1Q@800',
    ]);
  });

  it('quick asks for throughput at three sizes and for latency at one', () => {
    const scenario = read({ scenario: 'quick.yaml' }, readFileSync(new URL('quick.yaml', folder), 'utf8'));
    expect(loadsOf(scenario)).toEqual(['saturate@1T1Q@200,800,1400', 'closed=4@1T1Q@800']);
    expect(scenario).toMatchObject({ durationNs: 1e9, warmupNs: 0.3e9, repeats: 3 });
  });
});
