/** A UDP request to `port` from 02:00:00:00:00:20, 10.0.0.20 port 4000 to 02:00:00:00:00:10, 10.0.0.10. */
export function udpFrame(port: number, payload: Uint8Array, ttl = 64): Buffer {
  const headers = Buffer.from(
    '0200000000100200000000200800450000000000400040110000' + '0a0000140a00000a' + '0fa0000000005555',
    'hex',
  );
  headers.writeUInt16BE(payload.length + 28, 16);
  headers.writeUInt16BE(port, 36);
  headers.writeUInt16BE(payload.length + 8, 38);
  headers.writeUInt8(ttl, 22);
  let sum = 0;
  for (let at = 14; at < 34; at += 2) sum += headers.readUInt16BE(at);
  headers.writeUInt16BE(0xffff - ((sum & 0xffff) + (sum >> 16)), 24);
  return Buffer.concat([headers, payload]);
}

/** The reply to a request of the same length: ends swapped, no UDP checksum. */
export function replyFrame(request: Buffer, payload: Uint8Array): Buffer {
  const part = (from: number, to: number) => request.subarray(from, to);
  const headers = [
    part(6, 12),
    part(0, 6),
    part(12, 26),
    part(30, 34),
    part(26, 30),
    part(36, 38),
    part(34, 36),
    part(38, 40),
  ];
  return Buffer.concat([...headers, Buffer.alloc(2), payload, request.subarray(42 + payload.length)]);
}

/** Sum of a frame's UDP pseudo header and datagram: 0xffff when its checksum is right (RFC 768). */
export function checksumSum(frame: Buffer): number {
  const udpBytes = frame.readUInt16BE(38);
  const summed = Buffer.concat([frame.subarray(26, 34), Buffer.from([0, 17]), frame.subarray(38, 40)]);
  const words = Buffer.concat([summed, frame.subarray(34, 34 + udpBytes), Buffer.alloc(udpBytes % 2)]);
  let sum = 0;
  for (let i = 0; i < words.length; i += 2) sum += words.readUInt16BE(i);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}
