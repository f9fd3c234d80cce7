import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export interface Shown {
  hash?: string;
  width?: number;
  theme?: 'light' | 'dark';
}

/** Pages of files in Chromium, and what they complained of or asked for beside themselves. */
export class Pages {
  readonly folder = mkdtempSync(join(tmpdir(), 'ivb-test-'));
  #browser: Browser | null = null;
  readonly #faults: string[] = [];

  /** Keeps a page as a file; returns its address. */
  write(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return pathToFileURL(path).href;
  }

  async start(): Promise<void> {
    // Chromium refuses to run as root in its sandbox; it is shown our own files only.
    this.#browser = await puppeteer.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  }

  async end(): Promise<void> {
    await this.#browser?.close();
    rmSync(this.folder, { recursive: true });
  }

  /** Closes what is open; returns the faults since the last time. */
  async close(): Promise<string[]> {
    for (const page of ((await this.#browser?.pages()) ?? []).slice(1)) await page.close();
    return this.#faults.splice(0);
  }

  /** A page once `isShown`, an expression of its own, holds. */
  async open(url: string, isShown: string, { hash = '', width = 1000, theme = 'light' }: Shown = {}): Promise<Page> {
    if (this.#browser === null) throw new Error('no browser was started');
    const page = await this.#browser.newPage();
    page.on('console', (message) => this.#faults.push(`console: ${message.text()}`));
    page.on('pageerror', (error) => this.#faults.push(`error: ${error}`));
    page.on('request', (request) => {
      const asked = request.url();
      if (asked.split('#')[0] !== url && !/^(data|blob):/.test(asked)) this.#faults.push(`request: ${asked}`);
    });
    await page.setViewport({ width, height: 900 });
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
    await page.goto(url + hash);
    await page.waitForFunction(isShown);
    return page;
  }
}

/** What axe-core finds serious or critical, with all that is folded unfolded. */
export async function graveFaults(page: Page): Promise<string[]> {
  await page.evaluate(`for (const details of document.querySelectorAll('details')) details.open = true`);
  await page.evaluate(axeSource);
  const violations = (await page.evaluate('axe.run().then(({ violations }) => violations)')) as {
    id: string;
    impact: string;
    nodes: { html: string }[];
  }[];
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200)}`);
}

export const textOf = (page: Page, selector: string) => page.$eval(selector, (found) => found.textContent ?? '');

/** A property of the first element that a selector names. */
export const propertyOf = (page: Page, selector: string, property: string) =>
  page.evaluate(`document.querySelector(${JSON.stringify(selector)}).${property}`);

export const hashOf = async (page: Page) => new URLSearchParams(new URL(page.url()).hash.slice(1));
