/** Settings of host and interface, in the order in which they are made: what a later one needs, an earlier one has set. */
export const tuningKeys = [
  // First, so that nobody moves what is placed below.
  'irqbalance',
  'governor',
  'turbo',
  'cStateLimitUs',
  'idleStatesUpToUs',
  'bpfJit',
  'bpfJitHarden',
  'netBusyPollUs',
  'netBusyReadUs',
  // Drivers make tables, rings and interrupts anew when these change.
  'channels',
  'rxRing',
  'txRing',
  'offloadGro',
  'offloadGroHw',
  'offloadUdpGro',
  'offloadLro',
  'offloadGso',
  'offloadTso',
  'offloadUdpGso',
  'offloadRxChecksum',
  'offloadTxChecksum',
  'offloadRxHash',
  'offloadNtuple',
  'flowControl',
  // Adaptive coalescing would overwrite the times after it.
  'adaptiveRx',
  'adaptiveTx',
  'rxUsecs',
  'rxFrames',
  'txUsecs',
  'txFrames',
  'rssTable',
  'rssHash',
  'ntupleQueue',
  'irqAffinity',
  'rps',
  'rfs',
  'xps',
  'napiDeferHardIrqs',
  'groFlushTimeoutNs',
] as const;

export type TuningKey = (typeof tuningKeys)[number];

/** Settings by name, as a user writes them: part of a cell's identity. What is not named is left as it is. */
export type Tuning = Partial<Record<TuningKey, string>>;
