import { hash } from 'node:crypto';
import { digestBytes, headerBytes, maxPacketBytes, recordBytes, stampBytes } from '../model/frame.js';
import type { FunctionId } from '../model/ids.js';
import { copyRecord, fillRecords } from './lookup.js';

/** A function of the table, its JavaScript side; the native side is native/functions.cc. */
export interface FunctionEntry {
  /** The UDP port that selects it. */
  port: number;
  /** Runs on a request's payload, in place if it likes, and returns the reply's. */
  run(payload: Buffer): Buffer;
  /** Makes what it needs, before the first request. */
  prepare?(): void;
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

/** A reply that begins with what the request is known by, with room for so many bytes more. Fails on a shorter payload. */
function replyOf(payload: Buffer, bytes: number): Buffer {
  if (payload.length < stampBytes) throw new RangeError('too short to be known by anything');
  const reply = Buffer.allocUnsafe(stampBytes + bytes);
  payload.copy(reply, 0, 0, stampBytes);
  return reply;
}

/** What the request is known by, then the SHA-256 of all behind it. */
function sha256(payload: Buffer): Buffer {
  const reply = replyOf(payload, digestBytes);
  hash('sha256', payload.subarray(stampBytes), 'buffer').copy(reply, stampBytes);
  return reply;
}

/** What the request is known by, then the record of the key that it begins with. */
function lookup(payload: Buffer): Buffer {
  const reply = replyOf(payload, recordBytes);
  copyRecord(payload, reply, stampBytes);
  return reply;
}

export const functionTable: Record<FunctionId, FunctionEntry> = {
  reverse: { port: 1232, run: (payload) => payload.reverse() },
  echo: { port: 1233, run: (payload) => payload },
  expand: { port: 1234, run: expand },
  upper: { port: 1235, run: upper },
  sha256: { port: 1236, run: sha256 },
  lookup: { port: 1237, run: lookup, prepare: fillRecords },
};

/** The UDP port that selects a function. */
export function portOf(functionId: FunctionId): number {
  return functionTable[functionId].port;
}
