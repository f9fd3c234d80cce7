import { headerBytes, maxPacketBytes } from '../model/frame.js';
import type { FunctionId } from '../model/ids.js';

/** A function of the table, its JavaScript side; the native side is native/functions.cc. */
export interface FunctionEntry {
  /** The UDP port that selects it. */
  port: number;
  /** Runs on a request's payload, in place if it likes, and returns the reply's. */
  run(payload: Buffer): Buffer;
}

const maxPayloadBytes = maxPacketBytes - headerBytes;

/** The payload twice, cut off at what fits an Ethernet frame. Fails on more than that. */
function expand(payload: Buffer): Buffer {
  if (payload.length > maxPayloadBytes) throw new RangeError('more than an Ethernet frame holds');
  return Buffer.concat([payload, payload], Math.min(2 * payload.length, maxPayloadBytes));
}

/** ASCII letters in upper case, all other bytes as they are. */
function upper(payload: Buffer): Buffer {
  for (let i = 0; i < payload.length; i++) {
    const byte = payload[i] as number;
    if (byte >= 0x61 && byte <= 0x7a) payload[i] = byte - 0x20;
  }
  return payload;
}

export const functionTable: Record<FunctionId, FunctionEntry> = {
  reverse: { port: 1232, run: (payload) => payload.reverse() },
  echo: { port: 1233, run: (payload) => payload },
  expand: { port: 1234, run: expand },
  upper: { port: 1235, run: upper },
};

/** The UDP port that selects a function. */
export function portOf(functionId: FunctionId): number {
  return functionTable[functionId].port;
}
