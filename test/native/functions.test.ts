import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { functionTable } from '../../impls/functions.js';
import { headerBytes, maxPacketBytes } from '../../model/frame.js';
import { functionIds } from '../../model/ids.js';
import { runFunction } from '../../native/index.js';
import { answeredSizes } from '../fakes/invoker.js';
import { randomBytes } from '../fakes/random.js';

const room = 2048;
const guard = 64;
/** One expectation for thousands of buffers: each of its own would cost more than the test. */
const isSame = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

describe('reverse', () => {
  /** Runs it on `length` bytes at `offset` of a buffer; whether they are reversed and all others untouched. */
  function isRight(length: number, offset: number): boolean {
    const buffer = randomBytes(offset + length + guard, length + 1);
    const before = Buffer.from(buffer);
    const payload = buffer.subarray(offset);
    if (runFunction('reverse', payload, length) !== length) return false;
    const expected = Buffer.from(before.subarray(offset, offset + length)).reverse();
    return (
      isSame(buffer.subarray(0, offset), before.subarray(0, offset)) &&
      isSame(payload.subarray(0, length), expected) &&
      isSame(payload.subarray(length), before.subarray(offset + length))
    );
  }

  it('equals the bytewise one for every length at every alignment', () => {
    const lengths = Array.from({ length: room + 1 }, (_, length) => length);
    const wrong = Array.from({ length: 32 }, (_, offset) => offset).flatMap((offset) =>
      lengths.filter((length) => !isRight(length, offset)).map((length) => ({ offset, length })),
    );
    expect(wrong).toEqual([]);
  });

  it('twice is nothing', () => {
    const payload = randomBytes(1472);
    const before = Buffer.from(payload);
    runFunction('reverse', payload, payload.length);
    expect(isSame(payload, before)).toBe(false);
    runFunction('reverse', payload, payload.length);
    expect(isSame(payload, before)).toBe(true);
  });
});

describe('echo', () => {
  it.each([0, 1, 18, 158, 1472])('of %i bytes leaves all as it is', (length) => {
    const payload = randomBytes(length + guard);
    const before = Buffer.from(payload);
    expect(runFunction('echo', payload, length)).toBe(length);
    expect(isSame(payload, before)).toBe(true);
  });
});

describe('expand', () => {
  it.each([
    [0, 0],
    [1, 2],
    [736, 1472],
    [737, 1472],
    [1472, 1472],
  ])('of %i bytes gives %i', (length, expected) => {
    const request = randomBytes(length);
    const payload = Buffer.concat([request, Buffer.alloc(room)]);
    expect(runFunction('expand', payload, length)).toBe(expected);
    expect(isSame(payload.subarray(0, expected), Buffer.concat([request, request]).subarray(0, expected))).toBe(true);
  });

  it('fails on more than a frame holds, and where there is no room', () => {
    expect(runFunction('expand', Buffer.alloc(room), 1473)).toBe(-1);
    expect(runFunction('expand', Buffer.alloc(9), 5)).toBe(-1);
    expect(() => functionTable.expand.run(Buffer.alloc(1473))).toThrow(RangeError);
  });
});

describe('upper', () => {
  it('changes the 26 small letters of ASCII and nothing else', () => {
    const payload = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    const before = Buffer.from(payload);
    expect(runFunction('upper', payload, 256)).toBe(256);
    expect(payload.subarray(97, 123).toString()).toBe('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
    expect(
      isSame(
        Buffer.concat([payload.subarray(0, 97), payload.subarray(123)]),
        Buffer.concat([before.subarray(0, 97), before.subarray(123)]),
      ),
    ).toBe(true);
  });
});

describe('sha256', () => {
  it('keeps what a request is known by, and has the digest of the rest', () => {
    const request = randomBytes(158);
    const payload = Buffer.concat([request, Buffer.alloc(guard)]);
    expect(runFunction('sha256', payload, 158)).toBe(50);
    const digest = createHash('sha256').update(request.subarray(18)).digest();
    expect(isSame(payload.subarray(0, 50), Buffer.concat([request.subarray(0, 18), digest]))).toBe(true);
  });

  it('of nothing is that of nothing', () => {
    const payload = Buffer.alloc(50);
    expect(runFunction('sha256', payload, 18)).toBe(50);
    expect(payload.subarray(18).toString('hex')).toBe(createHash('sha256').digest('hex'));
  });
});

describe('lookup', () => {
  it('finds the record of each key', () => {
    const keys = [0, 1, 0xf, 0x10, 0x12345, 0xfffff];
    for (const key of keys) {
      const digits = Array.from({ length: 5 }, (_, i) => 0x40 | ((key >> (4 * i)) & 0xf));
      const payload = Buffer.concat([Buffer.from(digits), randomBytes(13), Buffer.alloc(64)]);
      const before = Buffer.from(payload.subarray(0, 18));
      expect(runFunction('lookup', payload, 18)).toBe(82);
      expect(isSame(payload.subarray(0, 18), before)).toBe(true);
      expect([...payload.subarray(18, 23)], String(key)).toEqual(digits);
      expect(payload.subarray(23).toString()).toBe(`${'fghijklmnopqrstuvwxyzabcde'.repeat(3)}`.slice(0, 59));
    }
  });
});

describe.each(['sha256', 'lookup'] as const)('%s', (id) => {
  it('fails on what is too short to be known by, and where there is no room', () => {
    expect(runFunction(id, Buffer.alloc(room), 17)).toBe(-1);
    expect(runFunction(id, Buffer.alloc(40), 20)).toBe(-1);
    expect(() => functionTable[id].run(Buffer.alloc(17))).toThrow(RangeError);
  });
});

describe('runFunction', () => {
  it('never runs beyond its buffer', () => {
    const whole = randomBytes(100);
    const before = Buffer.from(whole);
    expect(runFunction('reverse', whole.subarray(0, 10), 1000)).toBe(10);
    expect(isSame(whole.subarray(0, 10), Buffer.from(before.subarray(0, 10)).reverse())).toBe(true);
    expect(isSame(whole.subarray(10), before.subarray(10))).toBe(true);
  });

  it.each(['', 'revers', 'reverse ', 'Reverse', 'rot13'])('refuses the unknown function %j', (id) => {
    expect(() => runFunction(id, Buffer.alloc(8), 8)).toThrow(
      expect.objectContaining({ code: 'FUNCTION', message: expect.stringContaining(`no native function ${id}`) }),
    );
  });
});

describe.each(functionIds)('%s in JavaScript and in C++', (id) => {
  it('gives the same replies', () => {
    const some = [0, 1, 2, 18, 158, ...randomBytes(40).map((byte) => byte * 5), maxPacketBytes - headerBytes];
    const lengths = answeredSizes(id, some);
    for (const [seed, length] of lengths.entries()) {
      const request = randomBytes(length, seed);
      const native = Buffer.concat([request, Buffer.alloc(room - length)]);
      const reply = native.subarray(0, runFunction(id, native, length));
      expect(isSame(reply, functionTable[id].run(Buffer.from(request))), `${length} bytes`).toBe(true);
    }
  });
});

it('every function has a port of its own', () => {
  const ports = functionIds.map((id) => functionTable[id].port);
  expect(new Set(ports).size).toBe(functionIds.length);
});
