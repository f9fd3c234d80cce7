import type { Stalls } from '../../../common/process/protocol.js';

/** Asks how long the server's threads did not run: the host had their CPU. */
export class ServerHiccups {
  readonly #ask: () => void;
  #answered: (stalls: Stalls) => void = () => {};

  /** `ask` makes somebody call `answer`. */
  constructor(ask: () => void) {
    this.#ask = ask;
  }

  /** Since the server's start. One question at a time. */
  stalls(): Promise<Stalls> {
    return new Promise((resolve) => {
      this.#answered = resolve;
      this.#ask();
    });
  }

  answer(stalls: Stalls): void {
    this.#answered(stalls);
  }
}
