import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../../common/process/paths.js';
import { throughputChart, withFigures } from '../../../harness/report/readme.js';
import { fakeSummary } from '../../fakes/summary.js';

describe('withFigures', () => {
  const readme = readFileSync(join(packageRoot(), 'README.md'), 'utf8');
  const made = withFigures(readme, fakeSummary(), 'peaks', 'chart.png');
  const page = readFileSync(join(packageRoot(), 'docs/results.md'), 'utf8');
  const whole = withFigures(page, fakeSummary(), 'all', 'chart.png');

  it('replaces what stands between the marks, and nothing else', () => {
    expect(withFigures(made, fakeSummary(), 'peaks', 'chart.png')).toBe(made);
    const around = (text: string) => [text.split('<!-- Made')[0], text.split('<!-- End')[1]];
    expect(around(made)).toEqual(around(readme));
    expect(around(whole)).toEqual(around(page));
  });

  it('holds the peaks, the chart and the host for a README', () => {
    expect(made).toMatch(/### Throughput in thousand packets\/s.*XDP live frames/);
    expect(made).toContain('![Throughput by frame size](chart.png)');
    expect(made).toMatch(/^Scenario .* Host: /m);
    expect(made).not.toMatch(/### Round-trip|^- \d+ bytes, /m);
  });

  it('holds the round trips and the findings, too, for a page of its own', () => {
    expect(whole).toMatch(/### Throughput in thousand packets\/s.*XDP live frames/);
    expect(whole).toMatch(/### Round-trip time in µs/);
    expect(whole).toMatch(/^- \d+ bytes, 1T1Q, .* answers /m);
  });

  it('shows the first chart of peaks, whatever fed it', () => {
    const cells = fakeSummary().cells.filter(({ engine }) => engine === 'afxdp');
    expect(throughputChart(fakeSummary({ cells }))).toBe('throughput-afxdp-4T4Q');
    expect(() => throughputChart(fakeSummary({ cells: [] }))).toThrow('the run has no chart of throughput');
  });

  it('says where a text has no place for them', () =>
    expect(() => withFigures('# nothing', fakeSummary(), 'peaks', 'chart.png')).toThrow(
      'the text has no figures between',
    ));
});
