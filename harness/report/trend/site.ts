import { copyFile, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { BenchError } from '../../../common/cli/errors.js';
import { makeFolder } from '../../../common/cli/make-folder.js';
import type { HistoryJudgement, Night } from '../../../model/night.js';
import { chartFault } from '../charts/fault.js';
import { readAssets } from '../page/frame.js';
import { place } from '../place.js';
import type { NightLinks } from './nights.js';
import { renderTrend } from './page.js';
import { worstChart } from './worst-chart.js';

/**
 * Writes a static site into a folder, which is made where missing: `nights/<runId>/` with the report and the published
 * figures of each night that has them, chart.png of the worst figure, and at last index.html. Each file appears whole or
 * not at all, and what is there already is not written again. Returns the paths of index.html and, where it is drawn, of
 * the chart; BenchError where it cannot write.
 *
 * `machineFolder`: what the report folders of the nights are relative to.
 */
export async function writeSite(judgement: HistoryJudgement, machineFolder: string, site: string): Promise<string[]> {
  const links = new Map<string, NightLinks>();
  for (const night of judgement.nights) links.set(night.runId, await publishNight(night, machineFolder, site));
  const chart = (await chartFault()) === null ? worstChart(judgement) : null;
  const written = chart
    ? [await place(join(site, 'chart.png'), (await import('../charts/draw.js')).draw(chart.config).png)]
    : [];
  return [await place(join(site, 'index.html'), renderTrend(judgement, links, readAssets('trend'))), ...written];
}

/** Copies what a night's report folder has for readers, and tells what the site has: what was copied before such a folder is gone, too. */
async function publishNight({ runId, report }: Night, machineFolder: string, site: string): Promise<NightLinks> {
  const none = { report: null, figures: [] };
  // A name that would lead out of the folder is of no run of ours.
  if (report === null || !/^\w[\w.-]*$/.test(runId)) return none;
  const from = isAbsolute(report) ? report : resolve(machineFolder, report);
  const to = join(site, 'nights', runId);
  await copyOnce(join(from, 'report.html'), to, 'report.html');
  for (const name of await filesIn(join(from, 'figures')))
    await copyOnce(join(from, 'figures', name), join(to, 'figures'), name);
  const there = await filesIn(to);
  // Of each figure the picture that a browser shows; print has its files beside it.
  const shown = (await filesIn(join(to, 'figures'))).filter((name) => /(?<!-column)\.svg$/.test(name));
  return {
    report: there.includes('report.html') ? `nights/${runId}/report.html` : null,
    figures: shown.map((name) => ({
      name: name.slice(0, -4),
      address: `nights/${runId}/figures/${encodeURIComponent(name)}`,
    })),
  };
}

async function filesIn(folder: string): Promise<string[]> {
  const found = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return found
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .sort();
}

/** Copies a file that there is, unless one of the same size and time is at the other place. */
async function copyOnce(from: string, folder: string, name: string): Promise<void> {
  const source = await stat(from).catch(() => null);
  if (!source?.isFile()) return;
  const to = join(folder, name);
  const known = await stat(to).catch(() => null);
  if (known?.size === source.size && Math.abs(known.mtimeMs - source.mtimeMs) < 1000) return;
  const temporary = `${to}.${process.pid}.tmp`;
  try {
    await makeFolder(resolve(folder));
    await copyFile(from, temporary);
    await utimes(temporary, source.atime, source.mtime);
    await rename(temporary, to);
  } catch (error) {
    // Where its folder is none, there is nothing to remove either.
    await rm(temporary, { force: true }).catch(() => {});
    const { code, message } = error as NodeJS.ErrnoException;
    throw new BenchError('OUT', `${to} cannot be written (${code ?? message})`, { cause: error });
  }
}
