// The project's own generator against any server, ours or not: prints the windows of the peak and of the overload after
// it. No probe goes before them, as a server that swaps no addresses answers no ordinary socket.
const { built, context, swaps } = JSON.parse(process.argv[2]);
const { startPaced, cellConfig } = await import(`${built}/loadgen/engines/paced.js`);
const { saturate } = await import(`${built}/loadgen/loads/saturate.js`);

const config = cellConfig(context, false);
// What comes back as it went out is a reply if both ends are the same.
const ends = swaps ? {} : { flows: 1, firstSourcePort: config.port, sourceAddress: config.destinationAddress };
const engine = startPaced(context.engine, { ...config, ...ends });
const windows = {};
const events = { phase() {}, window: (window) => Object.assign(windows, { [window.phase]: window }) };
await saturate(engine, context, events);
engine.quiesce();
engine.stop();
process.stdout.write(JSON.stringify({ ...windows, wrong: engine.counters().wrong }));
process.exit(0);
