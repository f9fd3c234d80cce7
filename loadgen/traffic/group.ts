import { Child } from '../../common/process/child.js';
import type { ClientGenerator, LoadMessage } from '../../common/process/protocol.js';
import type {
  LoadAnswers,
  LoadQuestion,
  Piece,
  RoundTrips,
  Watched,
  WatchQuestion,
} from '../../common/process/questions.js';
import type { LoadTotals, Window } from '../../model/record.js';
import { sharesOf } from '../../model/shares.js';
import { unpacedRate } from '../../native/index.js';
import { mergePieces, mergeRoundTrips, mergeTotals, mergeWatched } from './merge.js';
import type { PacedTraffic } from './traffic.js';

/**
 * The requests of the generators of several clients. All are asked at once, and each has its share of a rate. Everything
 * rejects with BenchError when one of them ends, which its message names.
 */
export class GroupTraffic implements PacedTraffic {
  readonly #members: readonly Member[];
  /** The windows of their measure phase. */
  #measured: Window[] = [];

  /** Starts them. */
  constructor(generators: readonly ClientGenerator[]) {
    this.#members = generators.map((generator) => new Member(generator));
  }

  /** Resolves to the process of each, on its host. */
  async ready(): Promise<number[]> {
    const said = await Promise.all(this.#members.map(({ child }) => child.expect('ready')));
    return said.flatMap(({ pids }) => pids);
  }

  /** Resolves when the server has answered each of them right. */
  async prepare(): Promise<void> {
    for (const { child } of this.#members) child.command({ type: 'start' });
    await Promise.all(this.#members.map(({ child }) => child.expect('prepared')));
  }

  /** Rejects when one of them ends; never resolves. */
  async failure(): Promise<never> {
    return await Promise.race(this.#members.map(({ child }) => child.failure()));
  }

  async setRate(perSecond: number): Promise<void> {
    await this.#ask<'rate'>(this.#shares(perSecond).map((share) => ({ ask: 'rate', perSecond: share })));
  }

  async watch(question: WatchQuestion): Promise<Watched> {
    const watched = await this.#ask<'watch'>(this.#divided(question).map((own) => ({ ask: 'watch', ...own })));
    if (question.phase === 'measure') this.#measured = watched.map(({ window }) => window);
    return mergeWatched(watched, question.offeredPerSecond);
  }

  async record(): Promise<void> {
    await this.#ask<'record'>(this.#members.map(() => ({ ask: 'record' })));
  }

  async collect(patienceNs: number): Promise<RoundTrips> {
    return mergeRoundTrips(await this.#ask<'collect'>(this.#members.map(() => ({ ask: 'collect', patienceNs }))));
  }

  async piece(perSecond: number): Promise<Piece> {
    const pieces = await this.#ask<'piece'>(
      this.#shares(perSecond).map((share) => ({ ask: 'piece', perSecond: share })),
    );
    return mergePieces(pieces, perSecond);
  }

  async settle(): Promise<void> {
    await this.#ask<'settle'>(this.#members.map(() => ({ ask: 'settle' })));
  }

  /** Ends the generators' work, and resolves to what they counted; `found`: what the load found meanwhile. */
  async totals(found: Partial<LoadTotals>): Promise<LoadTotals> {
    for (const { child } of this.#members) child.command({ type: 'stop' });
    const said = await Promise.all(this.#members.map(({ child }) => child.expect('done')));
    const own = said.map(({ totals }, index) => {
      return { ...totals, host: (this.#members[index] as Member).host, window: this.#measured[index] ?? null };
    });
    return mergeTotals(own, found);
  }

  /** Ends the processes, and kills those that have not left after `graceMs`. */
  async end(graceMs: number): Promise<void> {
    await Promise.all(this.#members.map(({ child }) => child.end(graceMs)));
  }

  #shares(perSecond: number): number[] {
    if (perSecond === unpacedRate) return this.#members.map(() => unpacedRate);
    return sharesOf(perSecond, this.#members.length);
  }

  #divided(question: WatchQuestion): WatchQuestion[] {
    const { offeredPerSecond } = question;
    if (offeredPerSecond === null) return this.#members.map(() => question);
    return this.#shares(offeredPerSecond).map((share) => ({ ...question, offeredPerSecond: share }));
  }

  /** A question each. */
  #ask<Kind extends LoadQuestion['ask']>(questions: readonly Extract<LoadQuestion, { ask: Kind }>[]) {
    return Promise.all(this.#members.map((member, i) => member.ask<Kind>(questions[i] as (typeof questions)[number])));
  }
}

/** The generator of one client, which does as it is asked: one question at a time. */
class Member {
  readonly host: string;
  readonly child: Child<LoadMessage>;

  constructor({ host, name, words, context }: ClientGenerator) {
    this.host = host;
    this.child = new Child<LoadMessage>(name, words, context, () => {});
  }

  async ask<Kind extends LoadQuestion['ask']>(
    question: Extract<LoadQuestion, { ask: Kind }>,
  ): Promise<LoadAnswers[Kind]> {
    this.child.command({ type: 'ask', question });
    return (await this.child.next('answer')).answer as LoadAnswers[Kind];
  }
}
