/** Ethernet 14 + IPv4 20 + UDP 8 bytes. A frame of `packetBytes` (no FCS) carries `packetBytes - headerBytes` of payload. */
export const headerBytes = 42;

/** Bytes at the front of a request's payload that hold its sequence number and send time. */
export const stampBytes = 18;

export const minPacketBytes = headerBytes + stampBytes;

/** An Ethernet MTU of 1500 plus the Ethernet header. */
export const maxPacketBytes = 1514;
