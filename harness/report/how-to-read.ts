/** How to read tables and charts, a sentence or two a point; names of loads stand in backticks. */
export const howToRead: readonly string[] = [
  'Throughput counts replies that came back to the client. Frame size is the Ethernet frame without FCS: 42 bytes of' +
    ' headers and the payload. Mbit/s = replies/s x bytes of the frame that holds the reply x 8 / 10^6.',
  '`saturate` raises the offered load until the reply rate stops growing: the answer is that peak.',
  '`capacity` searches the highest load without loss (NDR) and with at most 0.5 % (PDR).',
  '`latency-under-load` measures round trips at 10, 50 and 90 % of the PDR and at 10,000 requests a second.',
  '`rate=N` offers N requests a second, whatever comes back; `closed=N` keeps N connections with one request outstanding' +
    ' each. The answer of both is round-trip times; replies at an offered rate are no throughput.',
  '`none` sends nothing: the answer is what the invoker uses at rest.',
  'Cells fed by different engines are never compared: each has its own tables and charts.',
  '`low–high` beside a figure are the ends of its interval. `≥` is a lower bound. `!` is an invalid figure and not to be' +
    ' quoted. `–` has no figure. A letter in brackets names the reason below.',
  'A percentile needs 10 round trips beyond it. The largest of N round trips grows with N: it is no percentile.',
  'In a chart a bar through a point is its interval, a hollow point is a lower bound or, of round trips, was measured at' +
    ' a share of one, and points without a figure to quote are left out.',
  'Figures depend on the machine. Compare ratios within a run, not figures of different runs.',
];
