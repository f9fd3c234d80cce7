// One of the project's engines, sending as fast as it can to nobody who answers: prints the window, and all that it sent.
const { built, context } = JSON.parse(process.argv[2]);
const { startPaced, cellConfig } = await import(`${built}/loadgen/engines/paced.js`);
const { watch } = await import(`${built}/loadgen/engines/engine.js`);
const { pause } = await import(`${built}/loadgen/engines/clock.js`);
const { unpacedRate } = await import(`${built}/native/index.js`);

const engine = startPaced(context.engine, cellConfig(context, true));
engine.setRate(unpacedRate);
await pause(context.warmupNs);
const window = await watch(engine, 'measure', null, context.durationNs);
engine.quiesce();
engine.stop();
process.stdout.write(JSON.stringify({ window, sent: engine.counters().sent }));
process.exit(0);
