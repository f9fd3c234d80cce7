import { describe, expect, it } from 'vitest';
import { functionTable } from '../../../impls/functions.js';
import { headerBytes, replyPacketBytes } from '../../../model/frame.js';
import { functionIds } from '../../../model/ids.js';

describe('replyPacketBytes', () => {
  it.each(functionIds)('of %s is what the function answers', (functionId) => {
    for (const packetBytes of [60, 200, 778, 779, 1514]) {
      const reply = functionTable[functionId].run(Buffer.alloc(packetBytes - headerBytes));
      expect(replyPacketBytes(functionId, packetBytes)).toBe(headerBytes + reply.length);
    }
  });
});
