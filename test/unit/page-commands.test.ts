import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readText } from '../../common/process/host-files.js';
import { packageRoot } from '../../common/process/paths.js';
import { main as bench } from '../../harness/bench-command.js';
import { main as merge } from '../../harness/merge-command.js';
import { parseBisectOptions } from '../../harness/question/bisect-options.js';
import { parseCompareOptions } from '../../harness/question/compare-options.js';
import { parseDoctorOptions } from '../../harness/question/doctor-options.js';
import { parseHistoryOptions } from '../../harness/question/history-options.js';
import { parseNightlyOptions } from '../../harness/question/nightly-options.js';
import { parseOptions } from '../../harness/question/options.js';
import { parseTuneOptions } from '../../harness/question/tune-options.js';
import { main as report } from '../../harness/report-command.js';
import { parseInvokerOptions } from '../../impls/stand-alone/options.js';
import { parseLoadOptions } from '../../loadgen/command/options.js';
import { commandsOf, proseOf, readPages, wordsOf } from '../fakes/docs.js';
import { Captured } from '../fakes/streams.js';

const inRoot = (path: string) => readFileSync(join(packageRoot(), path), 'utf8');
const scripts: Record<string, string> = JSON.parse(inRoot('package.json')).scripts;
const targets = [...inRoot('Makefile').matchAll(/^([a-z]+):/gm)].map(([, target]) => target);

/** Needs two hosts or a card or a run, sets something, or is of a run alone: its words are read, and no plan is made of them. */
const parsedOnly = /--(?:topology|clean|json|live|resume)\b/;

/** Programs of others that the pages start. */
const foreign = [
  ...['apt-get', 'cd', 'cp', 'echo', 'git', 'kill', 'mkdir', 'mkfifo', 'ansible-playbook', 'systemctl'],
  // Ours, and of no reader here: a test of the kernel starts it.
  'build/runtimes/dpdk',
];

const surroundings = () => ({ stdout: new Captured(), stderr: new Captured(), environment: {} });

/** A command whose flags are read before it does anything: its help is printed if they can be. */
async function helped(main: typeof report, words: string[]) {
  const all = surroundings();
  expect([await main([...words, '--help'], all), all.stderr.text]).toEqual([0, '']);
}

async function planned(words: string[]) {
  const all = { ...surroundings(), interrupt: new AbortController().signal, privileges: 'user' as const };
  expect([
    await bench([...words, ...(words.includes('--dry-run') ? [] : ['--dry-run'])], all),
    all.stderr.text,
  ]).toEqual([0, '']);
  expect(all.stdout.text).toMatch(/Nothing was touched\.\n$/);
}

const resolve = (_: string, revision: string) => ({ commit: revision, subject: '' });
const sources = { readFile: readText, randomSeed: () => 0, version: '' };

/** Reads the words of `npm run NAME -- WORDS`; throws where they cannot be read. */
const readers: Record<string, (words: string[]) => unknown> = {
  bench: (words) => (parsedOnly.test(words.join(' ')) ? parseOptions(words, sources) : planned(words)),
  compare: (words) => parseCompareOptions(words, resolve),
  bisect: (words) => parseBisectOptions(words, resolve),
  doctor: parseDoctorOptions,
  history: parseHistoryOptions,
  tune: (words) => parseTuneOptions(words, sources),
  report: (words) => helped(report, words),
  nightly: (words) => parseNightlyOptions(words, sources, (path) => path),
  merge: (words) => helped(merge, words),
  invoker: (words) => parseInvokerOptions(words, () => ({ rx: 4, tx: 4 })),
  loadgen: parseLoadOptions,
  // The words are folders.
  readme: (words) => expect(words.length).toBeLessThanOrEqual(1),
  'merge-cost': (words) => expect(words).toHaveLength(1),
};

async function check(command: string): Promise<void> {
  const words = wordsOf(command.replace(/^(?:[A-Z_]+=\S+ )+/, ''));
  const [program = ''] = words;
  if (program === 'make') expect(targets).toContain(words[1]);
  else if (program === 'npm') {
    const [, run, ...rest] = words.filter((word) => word !== '-s');
    const [name = '', dashes, ...own] = rest;
    expect(run).toBe('run');
    expect(Object.keys(scripts)).toContain(name);
    expect([undefined, '--']).toContain(dashes);
    await readers[name]?.(own);
    expect(Object.keys(readers)).toContain(name);
  } else if (program === 'sbatch') {
    const script = words.findIndex((word) => word.endsWith('.sh'));
    expect(existsSync(join(packageRoot(), words[script] ?? ''))).toBe(true);
    parseOptions(words.slice(script + 2), sources);
  } else expect(foreign).toContain(program);
}

const commands = readPages().flatMap((page) => commandsOf(page).map((command) => [page.path, command] as const));

describe('every command of README and docs', () => {
  it('is found', () => expect(commands.length).toBeGreaterThan(40));

  it.each(commands)('%s: %s', (_, command) => check(command));

  it('a command that cannot be read is seen', async () => {
    await expect(check('npm run bench -- --sizes 30')).rejects.toThrow();
    await expect(check('npm run bench -- --topology nic')).rejects.toThrow('--topology nic: needs --server');
    await expect(check('npm run compare -- --pears A/B')).rejects.toThrow('--pears');
    await expect(check('npm run nothing')).rejects.toThrow();
    await expect(check('make nothing')).rejects.toThrow();
    await expect(check('rm -rf build')).rejects.toThrow();
  });
});

describe('commands in the text', () => {
  const inline = readPages().flatMap((page) =>
    [...proseOf(page).matchAll(/`(npm run (?:-s )?[a-z][^`]*|make [a-z]+)`/g)].map(
      ([, command = '']) => [page.path, command] as const,
    ),
  );

  it.each(inline)('%s: %s', (_, command) => {
    const [program, ...words] = command.split(/\s+/).filter((word) => word !== '-s');
    if (program === 'make') expect(targets).toContain(words[0]);
    else expect(Object.keys(scripts)).toContain(words[1]);
  });
});
