import { nightCommandOf } from '../../../common/cli/cell-command.js';
import type { MetricId } from '../../../model/comparison.js';
import { betterSide, metricIds } from '../../../model/comparison.js';
import { median } from '../../../model/median.js';
import type { Alert, Change, HistoryJudgement, Night, NightCell } from '../../../model/night.js';
import { implementationStyles } from '../charts/palette.js';
import { formatP, metricName, metricUnit } from '../compare-runs.js';
import type { Unit } from '../units.js';
import type { Series, SeriesChange, TrendCell, TrendContent } from './content.js';
import { describeDifference, surroundingsOf } from './surroundings.js';
import { formatChangeWithRange, formatCommits, nightNames, shortNames } from './words.js';

/** Nights, cells and figures of a history as the script of the page reads them. */
export function contentOf(
  { nights, groups, alerts }: HistoryJudgement,
  reports: ReadonlyMap<string, string>,
): TrendContent {
  const changes = groups.flatMap((group) => group.changes);
  const ids = [...new Set(nights.toReversed().flatMap(({ measured }) => measured.map(({ cell }) => cell)))];
  const names = nightNames(nights);
  const byNight = nights.map(({ measured }) => new Map(measured.map((cell) => [cell.cell, cell])));
  return {
    nights: {
      days: daysOf(nights),
      names,
      commits: nights.map(({ commit }) => commit),
      reports: nights.map(({ runId }) => reports.get(runId) ?? null),
    },
    cells: ids.map((id) => cellOf(id, { nights, names, byNight, alerts })),
    series: ids.flatMap((id, cell) => {
      const measured = byNight.map((cells) => cells.get(id) ?? null);
      const own = changes.filter((change) => change.cell === id);
      return metricIds.flatMap((metric) => seriesOf(cell, metric, measured, own, nights) ?? []);
    }),
    surroundings: surroundingsOf(nights).map(({ night, differences }) => ({
      night,
      texts: differences.map(describeDifference),
    })),
  };
}

/** A clock that went back, or two nights of a minute, leave no two nights at one place. */
function daysOf(nights: readonly Night[]): number[] {
  let least = Number.NEGATIVE_INFINITY;
  return nights.map(({ startedAt }) => {
    const day = Math.max(least + 0.01, Date.parse(startedAt) / 86_400_000);
    least = day;
    return Number(day.toFixed(3));
  });
}

interface Cells {
  nights: readonly Night[];
  names: readonly string[];
  byNight: readonly ReadonlyMap<string, NightCell>[];
  alerts: readonly Alert[];
}

function cellOf(id: string, { nights, names, byNight, alerts }: Cells): TrendCell {
  const last = byNight.findLastIndex((cells) => cells.has(id));
  const cell = byNight[last]?.get(id) as NightCell;
  const missing =
    last < nights.length - 1
      ? `not measured since ${names[last]}`
      : cell.state === 'measured'
        ? null
        : `${cell.state}: ${cell.reason ?? 'no reason recorded'}`;
  const isAlarmed = alerts.some(({ state, changes }) => state === 'open' && changes.some((one) => one.cell === id));
  const { impl } = cell;
  return {
    id,
    impl,
    colour: implementationStyles[impl].colour,
    command: nightCommandOf(nights[last] as Night, cell),
    missing,
    isAlarmed,
  };
}

/** Null where no night has the figure. */
function seriesOf(
  cell: number,
  metric: MetricId,
  measured: readonly (NightCell | null)[],
  changes: readonly Change[],
  nights: readonly Night[],
): Series | null {
  const figures = measured.map((night) => night?.figures.find((figure) => figure.metric === metric) ?? null);
  if (figures.every((figure) => figure === null)) return null;
  const unit = metricUnit(metric);
  const levels = figures.map((figure) => scaled(unit, figure?.level));
  const own = changes
    .filter((change) => change.metric === metric)
    .flatMap((change) => changeOf(change, nights) ?? [])
    .sort((a, b) => a.night - b.night);
  return {
    ...{
      cell,
      metric,
      title: metricName(metric),
      name: shortNames[metric],
      unit: unit.label,
      better: betterSide[metric],
      levels,
    },
    medians: figures.map((figure) => scaled(unit, figure?.median)),
    // A single repeat has no interval.
    lows: figures.map((figure) => (figure && figure.values.length > 1 ? scaled(unit, figure.low) : null)),
    highs: figures.map((figure) => (figure && figure.values.length > 1 ? scaled(unit, figure.high) : null)),
    bounds: figures.flatMap((figure, index) => (figure?.bound === 'lower' ? [index] : [])),
    plateaus: plateausOf(
      levels,
      own.filter(({ kind }) => kind === 'step').map(({ night }) => night),
    ),
    changes: own,
  };
}

/** Five digits: more would only make the page larger. */
function scaled({ divisor }: Unit, value: number | undefined): number | null {
  return value === undefined ? null : Number((value / divisor).toPrecision(5));
}

/** Null of a change whose first night is not among those of the page. */
function changeOf(change: Change, nights: readonly Night[]): SeriesChange | null {
  const night = nights.findIndex(({ runId }) => runId === change.firstNight);
  if (night < 0) return null;
  const { kind, direction, ratio, commits, p } = change;
  return {
    ...{ night, kind, direction, text: formatChangeWithRange(ratio) },
    ...{ commits: formatCommits(commits), p: formatP(p) },
  };
}

/** The median of the nights between each two steps. */
function plateausOf(levels: readonly (number | null)[], steps: readonly number[]): Series['plateaus'] {
  const begins = [0, ...steps];
  return begins.flatMap((begin, index) => {
    const end = begins[index + 1] ?? levels.length;
    const places = levels.flatMap((value, night) => (value !== null && night >= begin && night < end ? [night] : []));
    const [from, to] = [places.at(0), places.at(-1)];
    if (from === undefined || to === undefined) return [];
    const value = median(places.map((night) => levels[night] as number));
    return [{ from, to, value: Number(value.toPrecision(5)) }];
  });
}
