import type { FunctionId } from './ids.js';

/** Ethernet 14 + IPv4 20 + UDP 8 bytes. A frame of `packetBytes` (no FCS) carries `packetBytes - headerBytes` of payload. */
export const headerBytes = 42;

/** Bytes at the front of a request's payload that hold its sequence number and send time. */
export const stampBytes = 18;

export const minPacketBytes = headerBytes + stampBytes;

/** An Ethernet MTU of 1500 plus the Ethernet header. */
export const maxPacketBytes = 1514;

export const digestBytes = 32;
export const recordBytes = 64;

/**
 * Bytes of the frame that answers one of `packetBytes`: `expand` doubles the payload, up to what a frame holds; a stamp and
 * a digest, or a record, are as long whatever was asked.
 */
export function replyPacketBytes(functionId: FunctionId, packetBytes: number): number {
  if (functionId === 'expand') return Math.min(2 * packetBytes - headerBytes, maxPacketBytes);
  if (functionId === 'sha256') return minPacketBytes + digestBytes;
  return functionId === 'lookup' ? minPacketBytes + recordBytes : packetBytes;
}
