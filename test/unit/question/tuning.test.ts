import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readScenario, type ScenarioFlags } from '../../../harness/question/scenario.js';
import { parseTuneOptions } from '../../../harness/question/tune-options.js';
import { messageOf } from '../../fakes/usage-message.js';

const read = (file: string, flags: ScenarioFlags = {}) =>
  readScenario({ scenario: 'lab.yaml', ...flags }, { readFile: () => file, randomSeed: () => 0 });

describe('the tuning of a scenario', () => {
  it('takes text, numbers and lists', () => {
    const file = 'tuning: { channels: 4, adaptiveRx: off, irqAffinity: [0, 2, 4-5] }';
    expect(read(file).tuning).toEqual({ channels: '4', adaptiveRx: 'off', irqAffinity: '0+2+4-5' });
  });

  it('is varied by an axis, beside the settings of implementations', () => {
    const { tuning, variants } = read('tuning: { channels: 4 }', { axis: ['channels=2,1', 'batch=8'] });
    expect(tuning).toEqual({ channels: '4' });
    expect(variants).toEqual([
      { idle: null, settings: { batch: 8 }, tuning: { channels: '2' } },
      { idle: null, settings: { batch: 8 }, tuning: { channels: '1' } },
    ]);
  });

  it.each([
    ['tuning: 4', 'scenario lab.yaml: tuning: must be a mapping such as channels: 4, not 4'],
    [
      'tuning: { speed: 4 }',
      'scenario lab.yaml: tuning: speed is no setting of host or interface (docs/tuning.md has them)',
    ],
    ['tuning: { channels: 0 }', 'scenario lab.yaml: tuning: channels: 0 is not a whole number from 1 to 1024'],
    ['tuning: { channels: yes }', 'scenario lab.yaml: tuning: channels: yes is not a whole number from 1 to 1024'],
    ['tuning: { channels: {} }', 'scenario lab.yaml: tuning.channels: must be text, a number or a list, not {}'],
  ])('%s is refused', (file, message) => expect(messageOf(() => read(file))).toBe(message));

  it('of the literature is right', () => {
    const path = 'scenarios/tuning-2018.yaml';
    const { tuning } = readScenario(
      { scenario: path },
      { readFile: (name) => readFileSync(name, 'utf8'), randomSeed: () => 0 },
    );
    expect(tuning).toMatchObject({ irqbalance: 'paused', adaptiveRx: 'off', rssHash: 'sdfn', channels: '1' });
  });
});

describe('tune', () => {
  const options = (words: string, file = '{}') =>
    parseTuneOptions(words.split(' '), { readFile: () => file, version: '1' });

  it('holds what is set until Ctrl-C', () => {
    expect(options('--interface eth1 --set channels=4 --set rps=0-1')).toEqual({
      ...{ kind: 'tune', mode: 'hold', interface: 'eth1', inUse: 'refuse', port: 1232 },
      tuning: { channels: '4', rps: '0-1' },
    });
  });

  it('takes the tuning of a scenario, and what is set wins', () => {
    const file = 'tuning: { channels: 4, rxUsecs: 8 }';
    expect(options('--interface eth1 --scenario a.yaml --set channels=2 --in-use eth1 --dry-run', file)).toMatchObject({
      ...{ mode: 'dry-run', inUse: 'allow', tuning: { channels: '2', rxUsecs: '8' } },
    });
  });

  it.each([
    ['--set channels=4', '--interface: it is missing, the interface to tune'],
    ['--interface eth1', '--set: nothing is set; give it, or --scenario'],
    ['--interface eth1 --scenario a.yaml', '--scenario: a.yaml has no tuning'],
    ['--interface eth1 --set channels', '--set: channels is not NAME=VALUE such as channels=4'],
    ['--interface eth1 --set channels=4 --set channels=2', '--set: channels is named twice'],
    ['--interface eth1 --set channels=4 --in-use eth0', '--in-use: eth0 is not eth1, the interface that is tuned'],
    ['--clean --interface eth1', '--clean: tunes nothing and takes no other flag'],
    ['eth1', 'eth1: stray argument, every choice is a flag (see --help)'],
  ])('%s is refused', (words, message) => expect(messageOf(() => options(words))).toBe(message));

  it('prints help of at most 100 columns', () => {
    const help = options('--help');
    expect(help.kind).toBe('help');
    const lines = help.kind === 'help' ? help.text.split('\n') : [];
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
    expect(lines.join('\n')).toContain('channels=1-1024');
  });
});
