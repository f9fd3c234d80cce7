/** Asks how long the server's threads did not run: the host had their CPU. */
export class ServerHiccups {
  readonly #ask: () => void;
  #answered: (stalledNs: number) => void = () => {};

  /** `ask` makes somebody call `answer`. */
  constructor(ask: () => void) {
    this.#ask = ask;
  }

  /** In ns since the server's start, the mean of its threads. One question at a time. */
  stalledNs(): Promise<number> {
    return new Promise((resolve) => {
      this.#answered = resolve;
      this.#ask();
    });
  }

  answer(stalledNs: number): void {
    this.#answered(stalledNs);
  }
}
