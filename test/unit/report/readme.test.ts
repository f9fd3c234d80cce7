import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../../common/process/paths.js';
import { withFigures } from '../../../harness/report/readme.js';
import { fakeSummary } from '../../fakes/summary.js';

describe('withFigures', () => {
  const readme = readFileSync(join(packageRoot(), 'README.md'), 'utf8');
  const made = withFigures(readme, fakeSummary(), 'chart.png');

  it('replaces what stands between the marks, and nothing else', () => {
    expect(withFigures(made, fakeSummary(), 'chart.png')).toBe(made);
    const around = (text: string) => [text.split('<!-- Made')[0], text.split('<!-- End')[1]];
    expect(around(made)).toEqual(around(readme));
  });

  it('holds the peaks, the chart, the round trips and the findings', () => {
    expect(made).toMatch(/### Throughput in thousand packets\/s.*XDP live frames/);
    expect(made).toContain('![Throughput by frame size](chart.png)');
    expect(made).toMatch(/### Round-trip time in µs/);
    expect(made).toMatch(/^- \d+ bytes, 1T1Q, .* answers /m);
  });

  it('says where a text has no place for them', () =>
    expect(() => withFigures('# nothing', fakeSummary(), 'chart.png')).toThrow('the text has no figures between'));
});
