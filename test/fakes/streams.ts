import { Writable } from 'node:stream';

/** A stream that keeps what is written to it. */
export class Captured extends Writable {
  readonly isTTY: boolean;
  readonly columns = 100;
  text = '';
  /** Called when something was written. */
  onWrite = () => {};

  constructor(kind: 'file' | 'terminal' = 'file') {
    super({ decodeStrings: false });
    this.isTTY = kind === 'terminal';
  }

  /** What was written, by line, without the end of the last one. */
  get lines(): string[] {
    return this.text === '' ? [] : this.text.replace(/\n$/, '').split('\n');
  }

  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    this.onWrite();
    done();
  }
}
