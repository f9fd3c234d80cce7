import { recordBytes } from '../model/frame.js';

/** A table that no cache of a core holds, as native/lookup.h tells of it: 1 M records of 64 bytes. */
const keyBytes = 5;
const count = 2 ** (4 * keyBytes);

let records: Buffer | null = null;

/** Multiplicative hashing: odd, so that no two keys share a place. */
const placeOf = (key: number) => (Math.imul(key, 2654435769) & (count - 1)) * recordBytes;

function filled(): Buffer {
  const table = Buffer.allocUnsafe(count * recordBytes);
  for (let i = 0; i < recordBytes; i++) table[i] = 0x61 + (i % 26);
  // Doubled again and again, which is far faster than byte by byte.
  for (let bytes = recordBytes; bytes < table.length; bytes *= 2) table.copyWithin(bytes, 0, bytes);
  for (let key = 0; key < count; key++) {
    const place = placeOf(key);
    for (let i = 0; i < keyBytes; i++) table[place + i] = 0x40 | ((key >> (4 * i)) & 0xf);
  }
  return table;
}

/** Fills the table, unless it is filled: 64 MiB. */
export function fillRecords(): void {
  records ??= filled();
}

/** Copies the record of the key at the front of a payload of 5 bytes or more to a place in another buffer. */
export function copyRecord(payload: Buffer, to: Buffer, at: number): void {
  records ??= filled();
  let key = 0;
  for (let i = 0; i < keyBytes; i++) key |= ((payload[i] as number) & 0xf) << (4 * i);
  const place = placeOf(key);
  records.copy(to, at, place, place + recordBytes);
}
