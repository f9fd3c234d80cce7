import { setTimeout as sleep } from 'node:timers/promises';

/** CLOCK_MONOTONIC, the clock of every time in a record. */
export const nowNs = () => Number(process.hrtime.bigint());

/** Resolves after about `ns`; the caller reads the clock for what it really was. */
export const pause = (ns: number) => sleep(ns / 1e6);
