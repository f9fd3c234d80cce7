import type { Alert, Night } from '../../model/night.js';
import { metricName, textTable } from './compare-runs.js';
import { type Table, textCell } from './table.js';

/** The nights of a machine, the oldest first. `withdrawn`: the reason why a night is, if it is. */
export function nightTable(
  machine: string,
  nights: readonly Night[],
  withdrawn: (runId: string) => string | undefined,
): Table {
  const rows = nights.map(({ runId, profile, topology, commit, dirty, measured, cells, state }) => {
    const figures = measured.filter((cell) => cell.figures.length > 0).length;
    const reason = withdrawn(runId);
    const remarks = [
      ...(dirty === 'dirty' ? ['uncommitted changes'] : []),
      ...(state === 'partial' ? ['ended early'] : []),
      ...(reason === undefined ? [] : [`withdrawn: ${reason}`]),
    ];
    return [runId, profile, topology, commit.slice(0, 12), `${figures} of ${cells}`, remarks.join('; ')].map(textCell);
  });
  const headings = ['night', 'profile', 'topology', 'commit', 'cells with figures', ''];
  return textTable('nights', `Nights of ${machine}`, headings, rows);
}

/** Alerts that are not cleared, the newest first. */
export function alertTable(alerts: readonly Alert[]): Table {
  const rows = alerts
    .filter(({ state }) => state !== 'cleared')
    .reverse()
    .map(({ alert, state, raisedAt, reason, changes }) => {
      const [first] = changes;
      const more = changes.length > 1 ? ` and ${changes.length - 1} more` : '';
      const what = first === undefined ? '' : `${first.cell}, ${metricName(first.metric)}${more}`;
      return [String(alert), state, raisedAt.slice(0, 10), first?.firstNight ?? '', what, reason].map(textCell);
    });
  return textTable('alerts', 'Alerts', ['alert', 'state', 'raised', 'since', 'what', 'reason'], rows);
}
