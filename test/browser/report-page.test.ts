import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { compareRuns } from '../../harness/judge/compare-runs.js';
import { renderComparisonPage } from '../../harness/report/page/comparison-page.js';
import { readAssets } from '../../harness/report/page/frame.js';
import { graveFaults, hashOf, Pages, propertyOf, textOf } from '../fakes/browser.js';
import { fullSummary, hostileSummary, pageOf } from '../fakes/pages.js';
import { cellWithout, fakeCell, fakeSummary } from '../fakes/summary.js';

const pages = new Pages();
const { folder } = pages;
const cellId = 'afxdp-1T1Q-800-reverse-closed4';

const write = (name: string, text: string) => pages.write(name, text);

const summary = fullSummary();
const slower = {
  ...summary,
  host: { ...summary.host, kernel: '9.9.9' },
  runId: 'later',
};
const skipped = [cellWithout(fakeCell('afxdp', { threads: 1, queues: 1 }, 200, 1), 'skipped', 'needs two CPUs')];
const files = {
  full: write('full.html', pageOf(summary)),
  hostile: write('hostile.html', pageOf(hostileSummary())),
  none: write('none.html', pageOf(fakeSummary({ cells: [] }))),
  skipped: write('skipped.html', pageOf(fakeSummary({ cells: skipped }))),
  one: write('one.html', pageOf(fakeSummary({ cells: [fakeCell('xdp', { threads: 1, queues: 1 }, 200, 4e6)] }))),
  comparison: write('comparison.html', renderComparisonPage(compareRuns(summary, slower), readAssets())),
};

beforeAll(() => pages.start());
afterAll(() => pages.end());
afterEach(async () => {
  expect(await pages.close()).toEqual([]);
});

const open = (file: keyof typeof files, hash = '', width = 1000, theme: 'light' | 'dark' = 'light'): Promise<Page> =>
  pages.open(files[file], shown, { hash, width, theme });

/** The figures are unpacked, where there are any. */
const shown = `!document.getElementById('content') || !document.getElementById('download').hidden`;

const linesOf = (page: Page) => page.$$eval('#chart-table tbody th', (all) => all.map((cell) => cell.textContent));
/** What the chart tells of its first place. */
const toldOf = async (page: Page) => {
  await page.focus('.frame');
  await page.keyboard.press('Home');
  return await textOf(page, '#said');
};

describe('report.html', () => {
  it('shows the chart that is picked, says so, and has it in its address', async () => {
    const page = await open('full');
    expect(await textOf(page, '#chart figcaption')).toContain('Throughput by frame size');
    expect(await toldOf(page)).toMatch(/^200 bytes, afxdp 1343 \(1316–1383\), recvmmsg 458/);
    await page.select('#pick-chart', 'round-trips');
    await page.select('#pick-load', 'reverse live rate=100000');
    expect(Object.fromEntries(await hashOf(page))).toEqual({ chart: 'round-trips', load: 'reverse live rate=100000' });
    expect(await textOf(page, '#said')).toContain('Round trips by percentile, function reverse');
    expect(await linesOf(page)).toEqual(['dgram', 'recvfrom', 'recvmmsg', 'afxdp (spins)']);
    expect(await toldOf(page)).toMatch(/^50, dgram 61\.0, recvmmsg 34\.0/);

    const linked = await open('full', new URL(page.url()).hash);
    expect(await textOf(linked, '#chart figcaption')).toBe(await textOf(page, '#chart figcaption'));
    expect(await propertyOf(linked, '#pick-load', 'value')).toBe('reverse live rate=100000');
  });

  it('hides an implementation, and goes from logarithmic to linear', async () => {
    const page = await open('full');
    await page.click('#lines label:nth-of-type(4)');
    expect(await toldOf(page)).toMatch(/^200 bytes, recvmmsg 458/);
    await page.click('#pick-scale');
    expect(Object.fromEntries(await hashOf(page))).toEqual({ hide: 'afxdp', scale: 'linear' });
    const linked = await open('full', new URL(page.url()).hash);
    expect(await toldOf(linked)).toMatch(/^200 bytes, recvmmsg 458/);
    expect(await propertyOf(linked, '#pick-scale', 'checked')).toBe(false);
  });

  it('tells the figures under the pointer, and a click on a point leads to its cell', async () => {
    const page = await open('full');
    await page.evaluate(`document.querySelector('.u-over').scrollIntoView()`);
    const box = await (await page.$('.u-over'))?.boundingBox();
    if (!box) throw new Error('no chart');
    // The first size stands behind a margin of a twentieth of the sizes, and the axis ends a twentieth above 1383.
    await page.mouse.move(box.x + box.width * (0.05 / 1.1), box.y + box.height * (1 - 1343 / (1383 * 1.05)));
    expect(await textOf(page, '.told')).toMatch(/^200 bytesafxdp 1343/);
    await page.mouse.down();
    await page.mouse.up();
    await page.waitForSelector('#cell h2');
    expect((await hashOf(page)).get('cell')).toBe('afxdp-1T1Q-200-reverse-saturate');
  });

  it('has a page a cell, and a way back to the chart as it was', async () => {
    const page = await open('full', '#chart=round-trips&theme=dark');
    await page.click('#cells summary');
    await page.click(`#cells a[href="#cell=${cellId}"]`);
    await page.waitForSelector('#cell h2');
    expect(await page.evaluate('document.activeElement.textContent')).toBe(cellId);
    expect(await textOf(page, '#cell pre')).toContain('npm run bench -- --impls afxdp');
    expect(await page.$$eval('#cell .frame', (all) => all.length)).toBe(5);
    expect(await propertyOf(page, '#report', 'hidden')).toBe(true);
    await page.click('#cell figure summary');
    await page.waitForSelector('#cell figure td');
    await page.click('#back');
    await page.waitForSelector('#report:not([hidden])');
    expect(Object.fromEntries(await hashOf(page))).toEqual({ chart: 'round-trips', theme: 'dark' });
    expect(await textOf(page, '#chart figcaption')).toContain('Round trips');
  });

  it('says that a run has no such cell', async () => {
    const page = await open('full', '#cell=nobody%3Cimg%20src=x%3E');
    expect(await textOf(page, '#cell')).toContain('This run has no cell nobody<img src=x>.');
  });

  it('is light or dark as the system has it, or as the reader says', async () => {
    const paper = (page: Page) => page.evaluate('getComputedStyle(document.body).backgroundColor');
    const dark = await open('full', '', 1000, 'dark');
    expect(await paper(dark)).toBe('rgb(22, 24, 28)');
    await dark.select('#theme', 'light');
    expect([await paper(dark), (await hashOf(dark)).get('theme')]).toEqual(['rgb(255, 255, 255)', 'light']);
    expect(await paper(await open('full', '#theme=dark'))).toBe('rgb(22, 24, 28)');
  });

  it('is worked by the keyboard alone', async () => {
    const page = await open('full');
    const seen: string[] = [];
    for (let step = 0; step < 16; step++) {
      await page.keyboard.press('Tab');
      seen.push((await page.evaluate('document.activeElement.id || document.activeElement.className')) as string);
    }
    const pickers = ['pick-chart', 'pick-load', 'pick-matrix', 'pick-figure', 'pick-scale'];
    expect(seen.slice(0, 11)).toEqual(['theme', ...pickers, 'line-0', 'line-1', 'line-2', 'line-3', 'frame']);
    await page.focus('#line-0');
    await page.keyboard.press('Space');
    expect((await hashOf(page)).get('hide')).toBe('dgram');
    // The same box is still the one in use.
    expect(await page.evaluate('document.activeElement.id')).toBe('line-0');
  });

  it('saves summary.json as it is', async () => {
    const page = await open('full');
    const client = await page.createCDPSession();
    await client.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: folder });
    await page.click('#download');
    await expect.poll(() => existsSync(join(folder, 'summary.json'))).toBe(true);
    expect(JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8'))).toEqual(summary);
  });

  it('sets the best of a column off', async () => {
    const page = await open('full');
    const weights = await page.evaluate(
      `[...document.querySelectorAll('td.best')].map((cell) => getComputedStyle(cell).fontWeight)`,
    );
    expect(new Set(weights as string[])).toEqual(new Set(['700']));
  });

  it('breaks no word of a table that has room for it', async () => {
    const page = await open('full', '', 900);
    const lines = (await page.evaluate(`
      [...document.querySelectorAll('table.text td')].filter((cell) => /^\\w+$/.test(cell.textContent)).map((cell) => {
        const range = document.createRange();
        range.selectNodeContents(cell);
        return new Set([...range.getClientRects()].map(({ top }) => top)).size;
      })`)) as number[];
    expect(lines.length).toBeGreaterThan(10);
    expect(Math.max(...lines)).toBe(1);
  });

  it('prints the chart with its keys and without controls, as wide as the paper', async () => {
    const page = await open('full', '#hide=dgram', 1400, 'dark');
    await page.setViewport({ width: 700, height: 900 });
    await page.emulateMediaType('print');
    const displayed = (selector: string) =>
      page.$$eval(selector, (all) => all.filter((found) => found.getClientRects().length > 0).length);
    for (const control of ['select', 'button', 'input', 'summary', '.u-over']) expect(await displayed(control)).toBe(0);
    expect(await displayed('#lines label')).toBe((await linesOf(page)).length - 1);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(700);
    const colours = await page.evaluate(
      '(({ color, backgroundColor: b }) => [color, b])(getComputedStyle(document.body))',
    );
    expect(colours).toEqual(['rgb(0, 0, 0)', 'rgb(255, 255, 255)']);
  });

  it('runs nothing that stands in the records', async () => {
    const page = await open('hostile');
    const id = hostileSummary().cells[0]?.id ?? '';
    await page.evaluate(`location.hash = '#cell=' + encodeURIComponent(${JSON.stringify(id)})`);
    await page.waitForSelector('#cell h2');
    expect(await textOf(page, '#cell h2')).toBe(id);
    expect(await page.evaluate('window.ran')).toBeUndefined();
    expect(await page.$$eval('img', (all) => all.length)).toBe(0);
  });

  it.each(['none', 'skipped', 'one', 'comparison'] as const)('of %s has no fault', async (file) => {
    const page = await open(file);
    const [, said] =
      /(Nothing was measured|needs two CPUs|xdp answers|kernel.*9\.9\.9)/s.exec(await textOf(page, 'main')) ?? [];
    expect(said).toBeDefined();
    expect(await page.$$eval('.frame', (all) => all.length)).toBe(file === 'one' ? 1 : 0);
  });
});

describe('everyone can read it', () => {
  const views = [
    ['full', ''],
    ['full', '#chart=levels'],
    ['full', `#cell=${cellId}`],
    ['hostile', ''],
    ['none', ''],
    ['comparison', ''],
  ] as const;
  const cases = views.flatMap(([file, hash]) =>
    (['light', 'dark'] as const).map((theme) => [file, hash, theme] as const),
  );

  it.each(cases)('%s%s in %s', async (file, hash, theme) => {
    const page = await open(file, hash, 1000, theme);
    expect(await graveFaults(page)).toEqual([]);
  });

  it.each(views)('%s%s on a narrow screen, without moving it sideways', async (file, hash) => {
    const page = await open(file, hash, 380);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(380);
  });
});
