import type { Page } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readAssets } from '../../harness/report/page/frame.js';
import type { NightLinks } from '../../harness/report/trend/nights.js';
import { renderTrend } from '../../harness/report/trend/page.js';
import type { HistoryJudgement } from '../../model/night.js';
import { graveFaults, hashOf, Pages, propertyOf, textOf } from '../fakes/browser.js';
import { hostile } from '../fakes/pages.js';
import { comingAndGoing, fakeJudgement, fakeYear, onlySkipped, renamed } from '../fakes/trend.js';

const pages = new Pages();
const write = (name: string, judgement: HistoryJudgement) => {
  const links = new Map<string, NightLinks>();
  for (const { runId } of judgement.nights) links.set(runId, { report: `nights/${runId}/report.html`, figures: [] });
  return pages.write(`${name}.html`, renderTrend(judgement, links, readAssets('trend')));
};

const month = fakeJudgement({
  ...{ nights: 40, cells: 8, newKernel: 20 },
  planted: [
    { cell: 0, night: 35, kind: 'step', ratio: 0.9 },
    { cell: 3, night: 7, kind: 'step', ratio: 1.1 },
    { cell: 5, night: 30, kind: 'spike', ratio: 0.7 },
  ],
});
const files = {
  year: write('year', fakeYear()),
  month: write('month', month),
  hostile: write('hostile', renamed(month, hostile)),
  none: write('none', fakeJudgement({ nights: 0, cells: 0 })),
  one: write('one', fakeJudgement({ nights: 1, cells: 4 })),
  skipped: write('skipped', onlySkipped(fakeJudgement({ nights: 3, cells: 4 }))),
  changing: write('changing', comingAndGoing(fakeJudgement({ nights: 9, cells: 4 }))),
};

beforeAll(() => pages.start());
afterAll(() => pages.end());
afterEach(async () => {
  expect(await pages.close()).toEqual([]);
});

const shown = `document.documentElement.dataset.state === 'shown'`;
const open = (file: keyof typeof files, hash = '', width = 1000, theme: 'light' | 'dark' = 'light'): Promise<Page> =>
  pages.open(files[file], shown, { hash, width, theme });

const cardsOf = (page: Page) =>
  page.$$eval('#cards li:not([hidden]) h3', (all) => all.map((title) => title.textContent));
const firstCell = 'dgram-1T1Q-60-reverse-saturate';
/** The first chart, once it is drawn: it is when it comes into view. */
const firstChart = async (page: Page) => {
  await page.evaluate(`document.querySelector('#cards li:not([hidden])').scrollIntoView()`);
  return await page.waitForSelector('#cards li:not([hidden]) .frame');
};

describe('the trend page', () => {
  it('has the verdict on top, what became worse, and the report of the night one click away', async () => {
    const page = await open('month');
    const text = await textOf(page, 'main');
    expect(text).toMatch(/^\s*Verdict of 2026-01-08\s+Report of that night\s+Regression\s+Regression \(alert 1\)/);
    expect(text).toMatch(/0 last night1 in 7 nights1 in 30 nights/);
    expect(await propertyOf(page, '.files a', 'pathname')).toMatch(/nights\/20260108-020000-\w+\/report\.html$/);
    expect(await propertyOf(page, '.verdict ~ p a', 'hash')).toBe(`#cell=${firstCell}`);
  });

  it('draws a chart when it comes into view, what is open first, and tells its figures', async () => {
    const page = await open('year');
    const all = (await cardsOf(page)).length;
    expect(all).toBe(132);
    const frame = await firstChart(page);
    expect(await page.$$eval('.frame', (frames) => frames.length)).toBeLessThan(all / 2);
    await frame?.focus();
    await page.keyboard.press('End');
    expect(await textOf(page, '#said')).toMatch(
      /^2026-11-29, commit \w{12}, 15\.\d µs, median 15\.\d \(15\.\d–15\.\d\)$/,
    );
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    expect(await textOf(page, '#said')).toMatch(/^2026-11-26, .*step, worse: \+11\s%/);
  });

  it('tells what changed about the machine, at the night that had it first', async () => {
    const page = await open('month', `#q=${firstCell}&figure=peak&nights=30`);
    await (await firstChart(page))?.focus();
    for (let step = 0; step <= 10; step++) await page.keyboard.press('ArrowRight');
    expect(await textOf(page, '#said')).toMatch(/^2025-12-20, .*kernel: 6\.18\.4, then 6\.18\.9$/);
  });

  it('filters, says how many are left, and has it in its address', async () => {
    const page = await open('month');
    expect(await textOf(page, '#matches')).toBe('16 charts');
    await page.type('#filter-q', 'afxdp 60');
    expect(await cardsOf(page)).toEqual(Array(2).fill('afxdp-1T1Q-60-reverse-saturate'));
    await page.select('#filter-figure', 'peak');
    expect(await textOf(page, '#said')).toBe('1 of 16 charts');
    expect(Object.fromEntries(await hashOf(page))).toEqual({ q: 'afxdp 60', figure: 'peak' });
    const linked = await open('month', new URL(page.url()).hash);
    expect(await propertyOf(linked, '#filter-q', 'value')).toBe('afxdp 60');
    expect(await cardsOf(linked)).toEqual(await cardsOf(page));
    await page.type('#filter-q', ' nothing');
    expect(await textOf(page, '#matches')).toBe('None of 16 charts matches: choose less.');
  });

  it.each([
    ['show=worse', 2],
    ['show=changed', 4],
    ['show=changed&nights=30', 2],
    ['show=alarmed', 2],
    ['impl=dgram', 4],
    ['show=nobody&nights=x&impl=<b>', 16],
  ])('of #%s shows %i charts', async (hash, count) => {
    expect(await cardsOf(await open('month', `#${hash}`))).toHaveLength(count);
  });

  it('has a page a cell, and a way back to what was found', async () => {
    const page = await open('month', '#show=worse&theme=dark');
    await (await firstChart(page))?.focus();
    await page.click(`#cards a[href="#cell=${firstCell}"]`);
    await page.waitForSelector('#cell h2');
    expect(await page.evaluate('document.activeElement.textContent')).toBe(firstCell);
    expect(await textOf(page, '#cell pre')).toContain('npm run bench -- --impls dgram --function reverse --sizes 60');
    expect(await page.$$eval('#cell .frame', (all) => all.length)).toBe(2);
    expect(await textOf(page, '#cell section table')).toMatch(/2026-01-04step−10\s%/);
    await page.click('#cell details summary');
    await page.waitForSelector('#cell details td a');
    expect(await propertyOf(page, '#cell details td a', 'pathname')).toMatch(/20260108-020000-\w+\/report\.html$/);
    await page.click('#back');
    await page.waitForSelector('#report:not([hidden])');
    expect(Object.fromEntries(await hashOf(page))).toEqual({ show: 'worse', theme: 'dark' });
    expect(await cardsOf(page)).toHaveLength(2);
  });

  it('says that no night has such a cell', async () => {
    const page = await open('month', '#cell=nobody%3Cimg%20src=x%3E');
    expect(await textOf(page, '#cell')).toContain('No night has a cell nobody<img src=x>.');
  });

  it('runs nothing that stands in the history', async () => {
    const page = await open('hostile');
    await firstChart(page);
    await page.evaluate(`location.hash = '#cell=' + encodeURIComponent(${JSON.stringify(hostile)})`);
    await page.waitForSelector('#cell h2');
    expect(await textOf(page, '#cell h2')).toBe(hostile);
    expect(await page.evaluate('window.ran')).toBeUndefined();
    expect(await page.$$eval('img', (all) => all.length)).toBe(0);
  });

  it.each([
    ['none', /The history has no night/, 0],
    ['one', /One night: what changed can be said from the second one on/, 8],
    ['skipped', /No cell has a figure.*4 without a figure, and why.*needs two CPUs/s, 0],
    ['changing', /Figures of the newest night/, 8],
  ] as const)('of %s has no fault', async (file, said, cards) => {
    const page = await open(file);
    expect(await textOf(page, 'body')).toMatch(said);
    expect(await cardsOf(page)).toHaveLength(cards);
    if (cards > 0) await firstChart(page);
  });

  it('says of a cell that vanished since when', async () => {
    const page = await open('changing', `#cell=${firstCell}`);
    expect(await textOf(page, '#cell')).toContain('Newest night: not measured since 2025-12-05');
  });
});

describe('everyone can read the trend page', () => {
  const views = [
    ['month', ''],
    ['month', `#cell=${firstCell}`],
    ['hostile', ''],
    ['none', ''],
    ['skipped', ''],
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
