import type { FactDifference } from '../../../model/comparison.js';
import type { Change, ChangeGroup, Night } from '../../../model/night.js';
import { geometricMean } from '../ratio.js';
import { shortestSegment } from '../shifts/e-divisive.js';

/** Changes that came together, as one; the newest first. Nights are the oldest first. `isStanding`: nothing took it back. */
export function groupsOf(
  changes: readonly Change[],
  nights: readonly Night[],
  isStanding: (change: Change) => boolean = () => true,
): ChangeGroup[] {
  const places = new Map(nights.map(({ runId }, index) => [runId, index]));
  const placeOf = ({ firstNight }: Change) => places.get(firstNight) ?? -1;
  const kinds = [...new Set(changes.map(kindOf))];
  const together = kinds.flatMap((kind) =>
    split(
      changes.filter((change) => kindOf(change) === kind),
      placeOf,
    ),
  );
  return together.map((own) => groupOf(own, isStanding)).sort((a, b) => b.firstNight.localeCompare(a.firstNight));
}

const kindOf = ({ kind, direction }: Change) => `${kind} ${direction}`;

/** Whether changes at two places may be one: a spike is of its night alone, the bend of a drift may be anywhere. */
export function isNear(kind: Change['kind'], one: number, other: number): boolean {
  if (kind === 'drift') return true;
  return Math.abs(one - other) < (kind === 'spike' ? 1 : shortestSegment);
}

/** The night that most have first, and who is near it; then the rest alike. */
function split(changes: readonly Change[], placeOf: (change: Change) => number): Change[][] {
  const [any] = changes;
  if (any === undefined) return [];
  const votes = new Map<number, number>();
  for (const change of changes) votes.set(placeOf(change), (votes.get(placeOf(change)) ?? 0) + 1);
  const [place] = [...votes].reduce((most, vote) => (vote[1] > most[1] ? vote : most));
  const isOne = (change: Change) => isNear(change.kind, placeOf(change), place);
  // Those of the night that names the group come first.
  const own = [
    ...changes.filter((change) => placeOf(change) === place),
    ...changes.filter((change) => placeOf(change) !== place),
  ];
  return [
    own.filter(isOne),
    ...split(
      changes.filter((change) => !isOne(change)),
      placeOf,
    ),
  ];
}

/** Facts of a cell, which excuse no other. */
export const feedFact = 'engine';
export const turnsFact = 'turns of both builds';
const ofOneCell: string[] = [feedFact, turnsFact];

/** Of the question: how often each cell was measured. It moves levels by little, and is told. */
export const repeatsFact = 'repeats';

/** Whether what is not the same may be why a figure is not. */
export function isExcuse({ fact }: FactDifference): boolean {
  return fact !== repeatsFact;
}

/** Whether a change has an excuse of its own; one of the machine holds for all that came with it. */
export function isExcused({ facts }: Change): boolean {
  return facts.some(isExcuse);
}

function groupOf(changes: readonly Change[], isStanding: (change: Change) => boolean): ChangeGroup {
  const [{ kind, direction, firstNight, lastGoodNight, commits }] = changes as [Change];
  const mean = (side: 'median' | 'low' | 'high') => geometricMean(changes.map(({ ratio }) => ratio[side])) ?? 1;
  const facts = changes.flatMap((change) => change.facts);
  const distinct = facts.filter((fact, index) => facts.findIndex((other) => other.fact === fact.fact) === index);
  const ofMachine = distinct.filter((fact) => isExcuse(fact) && !ofOneCell.includes(fact.fact));
  const size = ({ ratio }: Change) => Math.abs(Math.log(ratio.median));
  return {
    ...{ kind, direction, firstNight, lastGoodNight, commits },
    ratio: { median: mean('median'), low: mean('low'), high: mean('high') },
    facts: distinct,
    excuse: ofMachine.length > 0 || changes.every(isExcused) ? 'environment' : 'none',
    fate: changes.some(isStanding) ? 'stands' : 'taken back',
    changes: [...changes].sort((a, b) => size(b) - size(a)),
  };
}
