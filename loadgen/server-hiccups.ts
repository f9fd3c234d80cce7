/** Asks how many requests were lost while threads of the server did not run: the host had their CPU. */
export class ServerHiccups {
  readonly #ask: () => void;
  #answered: (lost: number) => void = () => {};

  /** `ask` makes somebody call `answer`. */
  constructor(ask: () => void) {
    this.#ask = ask;
  }

  /** Requests lost so, since the server's start. One question at a time. */
  lost(): Promise<number> {
    return new Promise((resolve) => {
      this.#answered = resolve;
      this.#ask();
    });
  }

  answer(lost: number): void {
    this.#answered(lost);
  }
}
