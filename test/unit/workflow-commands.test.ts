import { once } from 'node:events';
import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../common/process/paths.js';
import { wordsOf } from '../fakes/docs.js';
import { temporaryFolder } from '../fakes/folder.js';
import { cronJobs, unitJobs } from '../fakes/host-jobs.js';
import { readWorkflows, type Step, stepsOf } from '../fakes/workflows.js';

const inRoot = (path: string) => readFileSync(join(packageRoot(), path), 'utf8');
const scripts: Record<string, string> = JSON.parse(inRoot('package.json')).scripts;
const workflows = readWorkflows();
const patience = { timeout: 120_000 };

/** Whether what a line of a shell starts is there, as far as that can be said without starting it. */
async function check(line: string): Promise<void> {
  const [program = '', ...words] = wordsOf(line);
  if (program === 'npm') {
    expect(Object.keys(scripts)).toContain(words.filter((word) => word !== '-s')[1]);
  } else if (program === 'make') {
    await execa('make', ['--dry-run', ...words], { cwd: packageRoot() });
  } else if (program.includes('/')) {
    accessSync(join(packageRoot(), program), constants.X_OK);
    const project = words[words.indexOf('--project') + 1];
    if (words.includes('--project')) expect(inRoot('vitest.config.ts')).toContain(`name: '${project}'`);
  } else expect(['read', 'git', 'rm', 'if', 'else', 'fi']).toContain(program);
}

/** The lines of a script, continued ones joined. */
const linesOf = (script: string) =>
  script
    .replace(/(?: \\|(?<= \|))\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line !== '');

const lines = workflows.flatMap(({ path, workflow }) =>
  stepsOf(workflow).flatMap(({ run = '' }) => linesOf(run).map((line) => [path, line] as const)),
);

describe('every command of the workflows', () => {
  it('is found', () => expect(lines.length).toBeGreaterThan(6));

  it.each(lines)('%s: %s', patience, (_, line) => check(line));

  it.each([
    'npm run nothing',
    'make nothing',
    '.ci/nothing',
    'node_modules/.bin/vitest run --project nothing',
    'curl x',
  ])('one that is not there is seen: %s', async (line) => await expect(check(line)).rejects.toThrow());
});

interface Dispatch {
  profile?: string;
  against?: string;
  flags: string;
}

/** What a forge puts for the expressions in the environment of the step; throws for one that is not known here. */
function evaluated(env: Step['env'], { profile, against = '', flags }: Dispatch): Record<string, string> {
  const known = new Map([
    ["inputs.profile || 'standard'", profile ?? 'standard'],
    ['inputs.against', against],
    ['vars.NIGHTLY_FLAGS', flags],
  ]);
  return Object.fromEntries(
    Object.entries(env ?? {}).map(([name, text]) => {
      const value = known.get(text.replace(/^\$\{\{ (.*) \}\}$/, '$1'));
      if (value === undefined) throw new Error(`${name}: ${text} is not known to this test`);
      return [name, value];
    }),
  );
}

/** A step of nightly.yml as a runner runs it; `state` is the folder that stays on the machine. */
async function run(id: 'night' | 'summary', state: string, dispatch: Dispatch = { flags: '' }) {
  const file = workflows.find(({ path }) => path.endsWith('/nightly.yml'));
  const step = file && stepsOf(file.workflow).find((one) => one.id === id);
  if (step?.run === undefined) throw new Error(`no step of nightly.yml has the id ${id}`);
  const page = join(state, 'page.md');
  const words = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run];
  const env = { ...evaluated(step.env, dispatch), STATE: state, GITHUB_RUN_ID: '1', GITHUB_STEP_SUMMARY: page };
  return { ...(await execa('bash', words, { cwd: packageRoot(), env, reject: false })), page };
}

describe('the night of nightly.yml', () => {
  it('is planned', patience, async () => {
    const state = temporaryFolder();
    const { exitCode, stdout, stderr } = await run('night', state, { flags: '--budget 3h --dry-run' });
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toContain('Nothing was touched.');
    expect(readdirSync(state)).toEqual([]);
  });

  it('takes what was chosen by hand', patience, async () => {
    const chosen = { profile: 'short', against: 'HEAD', flags: '--dry-run' };
    const { exitCode, stdout } = await run('night', temporaryFolder(), chosen);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('nightly-short.yaml');
  });

  it('fails as the command does, and does not show the page of another night', patience, async () => {
    const state = temporaryFolder();
    mkdirSync(join(state, 'site'));
    writeFileSync(join(state, 'site/summary.md'), 'All was well.\n');
    const { exitCode, stderr } = await run('night', state, { profile: 'enormous', flags: '--dry-run' });
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('--profile')]);
    const { page } = await run('summary', state);
    expect(readFileSync(page, 'utf8')).toMatch(/^No night was measured: .*\n$/);
  });

  it('has its page as the summary of the job', patience, async () => {
    const state = temporaryFolder();
    mkdirSync(join(state, 'site'));
    writeFileSync(join(state, 'site/summary.md'), '# Tonight\n');
    expect(readFileSync((await run('summary', state)).page, 'utf8')).toBe('# Tonight\n');
  });

  it('starts nothing that stands in an input', patience, async () => {
    const file = join(temporaryFolder(), 'started');
    const hostile = `$(touch ${file}); touch ${file} #`;
    const { exitCode } = await run('night', temporaryFolder(), {
      ...{ profile: hostile, against: `x" ${hostile}`, flags: `${hostile} --dry-run` },
    });
    expect([exitCode, existsSync(file)]).toEqual([2, false]);
  });
});

const jobs = [
  ...unitJobs('deploy/systemd/invoker-bench-nightly.service'),
  ...unitJobs('deploy/systemd/invoker-bench-nightly-resume.service'),
  ...cronJobs('deploy/cron/invoker-bench-nightly'),
];

describe('what a host begins by itself', () => {
  it('are a night and its resumption, by systemd and by cron', () => expect(jobs).toHaveLength(4));

  it.each(jobs)('$from: $command', patience, async ({ command }) => {
    const STATE = temporaryFolder();
    const env = { STATE, NIGHTLY_FLAGS: '--dry-run' };
    const { stdout } = await execa('sh', ['-c', command], { cwd: packageRoot(), env });
    // Without a night that is left, to go on is to do nothing.
    expect(stdout).toMatch(command.includes('--resume') ? /^No night of / : /Nothing was touched\./);
  });

  it.each(jobs)('$from waits while another has the tree: $command', patience, async ({ command }) => {
    const holder = execa('flock', ['--no-fork', packageRoot(), 'sh', '-c', 'echo held; read line'], { reject: false });
    await once(holder.stdout, 'data');
    const job = execa('sh', ['-c', command], {
      ...{ cwd: packageRoot(), env: { STATE: temporaryFolder(), NIGHTLY_FLAGS: '--dry-run' } },
    });
    const ended: string[] = [];
    const both = [holder.then(() => ended.push('holder')), job.then(() => ended.push('job'))];
    // Nobody that does not wait takes so long.
    await Promise.race([both[1], sleep(3000)]);
    holder.stdin.end('go\n');
    await Promise.all(both);
    expect(ended).toEqual(['holder', 'job']);
  });

  it('is built with the tree locked', () => {
    expect(inRoot('deploy/systemd/invoker-bench-nightly.service')).toMatch(
      /^ExecStartPre=\/usr\/bin\/flock --no-fork \. .* make --silent build'$/m,
    );
    expect(inRoot('deploy/cron/invoker-bench-nightly')).toMatch(
      / flock 9 && \{ git pull -q --ff-only; make -s build; \}/,
    );
  });
});
