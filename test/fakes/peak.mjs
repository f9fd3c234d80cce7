// The project's own generator against any server, ours or not: prints what the peak gave. No probe goes before it, as a
// server that swaps no addresses answers no ordinary socket.
const { built, context, swaps } = JSON.parse(process.argv[2]);
const { startPaced, cellConfig } = await import(`${built}/loadgen/paced.js`);
const { saturate } = await import(`${built}/loadgen/saturate.js`);

const config = cellConfig(context, false);
// What comes back as it went out is a reply if both ends are the same.
const ends = swaps ? {} : { flows: 1, firstSourcePort: config.port, sourceAddress: config.destinationAddress };
const engine = startPaced(context.engine, { ...config, ...ends });
const windows = [];
await saturate(engine, context, { phase() {}, window: (window) => windows.push(window) });
engine.quiesce();
engine.stop();
const { wrong, checked } = engine.counters();
const measured = windows.find(({ phase }) => phase === 'measure');
process.stdout.write(JSON.stringify({ ...measured, wrong, checked }));
process.exit(0);
