import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeSite } from '../../../harness/report/trend/site.js';
import type { Night } from '../../../model/night.js';
import { fakeJudgement } from '../../fakes/trend.js';

const judgement = fakeJudgement({ nights: 3, cells: 2 });
const [, , last] = judgement.nights as [Night, Night, Night];
let folder: string;
let machine: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ivb-test-'));
  machine = join(folder, 'history/5f1c0a93');
  for (const { runId } of judgement.nights.slice(1)) {
    const report = join(folder, 'results', runId);
    mkdirSync(join(report, 'figures'), { recursive: true });
    writeFileSync(join(report, 'report.html'), `report of ${runId}`);
    for (const name of ['14.svg', '14-column.svg', '14.pdf']) writeFileSync(join(report, 'figures', name), name);
  }
});
afterEach(() => rmSync(folder, { recursive: true }));

const filesOf = (site: string) =>
  readdirSync(site, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(site, name)).isFile())
    .sort()
    .map((name) => ({ name, text: readFileSync(join(site, name), 'base64'), at: statSync(join(site, name)).ino }));

describe('the site', () => {
  it('has the page, and of each night what it wrote, by links that lead there', async () => {
    const site = join(folder, 'a/site');
    await writeSite(judgement, machine, site);
    const page = readFileSync(join(site, 'index.html'), 'utf8');
    const links = [...page.matchAll(/href="(nights\/[^"]+)"/g)].map(([, link = '']) => link);
    expect(new Set(links).size).toBe(3);
    expect(links.filter((link) => !existsSync(join(site, link)))).toEqual([]);
    expect(links).toContain(`nights/${last.runId}/figures/14.svg`);
    expect(existsSync(join(site, 'chart.png'))).toBe(true);
  });

  it('is the same when it is written twice, and night folders are not written again', async () => {
    const site = join(folder, 'site');
    await writeSite(judgement, machine, site);
    const once = filesOf(site);
    await writeSite(judgement, machine, site);
    const twice = filesOf(site);
    const known = ({ name, text }: { name: string; text: string }) => ({ name, text });
    expect(twice.map(known)).toEqual(once.map(known));
    expect(twice.filter(({ name }) => name.startsWith('nights/'))).toEqual(
      once.filter(({ name }) => name.startsWith('nights/')),
    );
  });

  it('leads to what it has of a night whose records are gone, and to nothing that it has not', async () => {
    const site = join(folder, 'site');
    const linksOf = async () => {
      await writeSite(judgement, machine, site);
      return [...readFileSync(join(site, 'index.html'), 'utf8').matchAll(/"(nights\/[^"]+)"/g)].map(
        ([, link = '']) => link,
      );
    };
    const before = await linksOf();
    for (const { runId } of judgement.nights) rmSync(join(folder, 'results', runId), { recursive: true, force: true });
    expect(await linksOf()).toEqual(before);
    rmSync(join(site, 'nights', last.runId), { recursive: true });
    const after = await linksOf();
    expect(after).toEqual(before.filter((link) => !link.includes(last.runId)));
    expect(after.filter((link) => !existsSync(join(site, link)))).toEqual([]);
  });

  it('keeps what is not its own, and the old page where it cannot write', async () => {
    const site = join(folder, 'site');
    await writeSite(judgement, machine, site);
    writeFileSync(join(site, 'CNAME'), 'bench.example.org');
    const before = filesOf(site).filter(({ name }) => !name.includes(last.runId));
    rmSync(join(site, 'nights', last.runId), { recursive: true });
    writeFileSync(join(site, 'nights', last.runId), 'in the way');
    await expect(writeSite(judgement, machine, site)).rejects.toThrow(
      /report\.html cannot be written \((EEXIST|ENOTDIR)/,
    );
    expect(filesOf(site).filter(({ name }) => !name.includes(last.runId))).toEqual(before);
  });

  it('leads nowhere where a night has no report, or a name that leads out of the folder', async () => {
    const out = { ...last, runId: '../../out', report: `../../results/${last.runId}` };
    const site = join(folder, 'site');
    const nights = [{ ...judgement.nights[0], report: null } as Night, out];
    await writeSite({ ...judgement, nights }, machine, site);
    expect(existsSync(join(folder, 'out'))).toBe(false);
    expect(readFileSync(join(site, 'index.html'), 'utf8')).not.toMatch(/href="[^"#]*out/);
  });
});
