import type { Chart } from '../../../../harness/report/charts/parts.js';

/** What a chart shows, as a text to compare: its axes, and the figures of its lines or bars. */
export function described({ name, title, config }: Chart): string {
  const { options, data, type } = config;
  const scales = (options?.scales ?? {}) as Record<string, { type?: string; title?: { text?: string } }>;
  const axes = Object.entries(scales).map(([id, scale]) =>
    `  ${id}: ${scale.type} ${scale.title?.text ?? ''}`.trimEnd(),
  );
  const ends = options?.plugins?.rows?.ends;
  return [
    `${name} (${type})`,
    `  ${title}`,
    ...[options?.plugins?.subtitle?.text ?? []].flat().map((line) => `  | ${line}`),
    ...axes,
    ...(data.labels ? [`  rows: ${data.labels.map((label, row) => `${label} (${ends?.[row]})`).join('; ')}`] : []),
    ...data.datasets.map((dataset) => `  - ${dataset.label}: ${figuresOf(dataset.data as unknown[])}`),
    '',
  ].join('\n');
}

/** Of many points the first, some in between, and the last. */
function figuresOf(points: readonly unknown[]): string {
  const step = Math.ceil(points.length / 12);
  const shown = points.filter((_, index) => index % step === 0 || index === points.length - 1);
  return `${shown.map(figureOf).join('; ')}${step > 1 ? ` (of ${points.length})` : ''}`;
}

function figureOf(point: unknown): string {
  if (typeof point !== 'object' || point === null) return rounded(point);
  const { x, y, low, high, mark, text } = point as Record<string, unknown>;
  if (text !== undefined) return `${y} at ${x}: ${text}`;
  const interval = typeof low === 'number' ? ` (${rounded(low)} to ${rounded(high)})` : '';
  return `${rounded(x)}: ${mark === 'bound' ? '>=' : ''}${rounded(y)}${interval}`;
}

function rounded(value: unknown): string {
  return typeof value === 'number' ? String(Number(value.toPrecision(4))) : String(value);
}
