import type { FunctionId } from '../harness/model.js';

/** A function of the table, its JavaScript side; the native side is native/functions.cc. */
export interface FunctionEntry {
  /** The UDP port that selects it. */
  port: number;
  /** Runs on a request's payload, in place if it likes, and returns the reply's. */
  run(payload: Buffer): Buffer;
}

export const functionTable: Record<FunctionId, FunctionEntry> = {
  reverse: { port: 1232, run: (payload) => payload.reverse() },
  echo: { port: 1233, run: (payload) => payload },
};

/** The UDP port that selects a function. */
export function portOf(functionId: FunctionId): number {
  return functionTable[functionId].port;
}
