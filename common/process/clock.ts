/** CLOCK_MONOTONIC, the clock of every time in a record. */
export const nowNs = () => Number(process.hrtime.bigint());
