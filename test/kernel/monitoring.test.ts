import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { packageRoot } from '../../common/process/paths.js';
import { freePort } from '../fakes/live-reader.js';
import { start } from './process.js';
import { describeAsRoot } from './wire.js';

const folder = join(packageRoot(), 'monitoring');
const units = ['deploy/systemd', 'deploy/runner']
  .flatMap((name) => readdirSync(join(packageRoot(), name)).map((file) => join(packageRoot(), name, file)))
  .filter((path) => /\.(service|timer)$/.test(path));

describe('what monitoring/ has', () => {
  test('is what Prometheus takes', async () => {
    const { stdout } = await execa('promtool', ['check', 'config', join(folder, 'prometheus.yml')]);
    expect(stdout).toMatch(/2 rule files found/);
    expect(stdout).not.toMatch(/FAILED/);
    await execa('promtool', ['check', 'rules', join(folder, 'rules/bench.yml'), join(folder, 'rules/invoker.yml')]);
  });

  test('alerts when it should, and not before', async () => {
    const { stdout } = await execa('promtool', ['test', 'rules', join(packageRoot(), 'test/fakes/alerts.yml')]);
    expect(stdout).toMatch(/SUCCESS/);
  });
});

describe('the units of deploy/', () => {
  test('are what systemd takes', async () => {
    expect(units.length).toBe(5);
    const { all } = await execa('systemd-analyze', ['verify', '--man=no', ...units], { all: true });
    expect(all).toBe('');
  });
});

interface Dashboard {
  panels: { title: string; targets?: { expr: string }[] }[];
}

/** The queries of the dashboard, with how often a rate is taken over here. */
const queries = (JSON.parse(readFileSync(join(folder, 'grafana-dashboard.json'), 'utf8')) as Dashboard).panels.flatMap(
  ({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr: expr.replaceAll('$__rate_interval', '4s') })),
);

let data = '';
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'invoker-bench-'));
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

describeAsRoot('a Prometheus that scrapes a run', () => {
  test('has data for every query of the dashboard', async () => {
    const [web, live, invoker] = [await freePort(), await freePort(), await freePort()];
    const configured = readFileSync(join(folder, 'prometheus.yml'), 'utf8')
      .replace('scrape_interval: 5s', 'scrape_interval: 1s')
      .replaceAll('127.0.0.1:8080', `127.0.0.1:${live}`)
      .replaceAll('127.0.0.1:9464', `127.0.0.1:${invoker}`)
      .replace('rules/', `${folder}/rules/`);
    writeFileSync(join(data, 'prometheus.yml'), configured);
    const words = [`--config.file=${join(data, 'prometheus.yml')}`, `--storage.tsdb.path=${join(data, 'tsdb')}`];
    const prometheus = execa('prometheus', [...words, `--web.listen-address=127.0.0.1:${web}`, '--log.level=error'], {
      reject: false,
    });
    const alone = start(null, 'impls/main.js', [
      ...['--impl', 'recvfrom', '--interface', 'lo', '--port', '1999', '--metrics', `127.0.0.1:${invoker}`],
    ]);
    const bench = start(null, 'harness/main.js', [
      ...['--sizes', '200', '--impls', 'recvmmsg', '--load', 'saturate', '--load', 'closed=4', '--repeats', '10'],
      ...['--warmup', '100ms', '--duration', '2s', '--live', `127.0.0.1:${live}`, '--out', join(data, 'out')],
    ]);
    try {
      await alone.line('ready');
      let open = queries;
      while (open.length > 0) {
        expect(bench.process.exitCode, `no data yet: ${JSON.stringify(open)}, ${bench.errors()}`).toBeNull();
        await new Promise((resolve) => setTimeout(resolve, 500));
        const found = await Promise.all(open.map(({ expr }) => hasData(web, expr)));
        open = open.filter((_, index) => !found[index]);
      }
      expect(queries.length).toBeGreaterThan(10);
    } finally {
      prometheus.kill('SIGTERM');
      bench.process.kill('SIGINT');
      alone.process.kill('SIGTERM');
      await Promise.all([prometheus, bench.ended(), alone.ended()]);
    }
  });
});

/** Whether a query answers with a number now; false also while it does not listen yet. */
async function hasData(port: number, query: string): Promise<boolean> {
  const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(query)}`;
  const response = await fetch(url).catch(() => null);
  if (response === null || response.status === 503) return false;
  const answer = (await response.json()) as {
    status: string;
    error?: string;
    data: { result: { value: [number, string] }[] };
  };
  expect(answer.status, `${query}: ${answer.error}`).toBe('success');
  return answer.data.result.some(({ value: [, value] }) => Number.isFinite(Number(value)));
}
