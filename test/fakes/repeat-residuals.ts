/**
 * How far the repeats of real cells were from their median, in thousandths: peaks of 40 repeats each, saturate at 1T1Q
 * and 200 bytes on veth, 200 ms a repeat, on a virtual machine of 2 CPUs with neighbours (EPYC, Linux 6.18, November
 * 2026). Four in ten of most are slowed by somebody else, xdp is not: worse than what a bare host does at night.
 */
export const repeatResiduals = {
  dgram: [
    1, 13, -165, 19, -128, 30, 5, 8, 10, -186, -7, 17, -47, -26, -258, -164, -33, 9, 30, 21, -9, -30, 29, -7, 6, 19,
    -35, -152, -10, -171, 14, 10, 13, -34, 31, 18, -1, 6, -58, -144,
  ],
  recvfrom: [
    -39, 12, 17, 14, -31, 15, -2, 13, -25, -16, -1, -11, 19, -92, -87, -61, 1, -8, 13, 19, 15, -25, -46, -8, 14, -24,
    19, -67, 13, -81, 8, 23, -21, 22, 20, 4, -1, 10, 10, -87,
  ],
  recvmmsg: [
    42, -7, -57, -70, -50, 4, 10, 39, -1, 32, 22, 2, 36, -215, -78, -59, -78, -63, 30, 16, 39, -3, -68, 16, -67, 30, 24,
    1, -66, 40, 39, 6, 41, -3, 70, -7, -18, -9, -48, -75,
  ],
  iouring: [
    5, 10, 88, -8, -87, -129, 19, 22, 4, 18, 15, 11, -41, -27, -85, -78, -115, 17, -15, 16, -37, 24, -86, -19, -117, 12,
    23, -72, 19, -15, 24, -57, -12, 14, 27, 24, -4, 19, -73, -79,
  ],
  afxdp: [
    -34, 24, -110, -9, -132, 21, -7, 12, -18, 1, -121, 31, -33, -2, -110, -131, 18, -207, 19, -37, 11, -41, 11, 13, 21,
    12, 20, -115, 40, -107, 15, -17, 29, 22, 24, -1, 22, -15, 7, -135,
  ],
  xdp: [
    2, -12, 6, -3, 6, 5, -3, 5, -2, -2, 4, -7, -1, 0, 12, -2, -2, -23, -10, -4, 8, -2, 1, 1, 4, 1, -1, -2, -3, 0, -4, 2,
    0, 1, 0, 3, -4, 4, 0, -4,
  ],
} as const;

/** Those that were measured so. */
export const measuredIds = Object.keys(repeatResiduals) as (keyof typeof repeatResiduals)[];
