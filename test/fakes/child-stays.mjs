// Ignores the end of its input and the polite signals.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => {});
process.stdin.resume();
process.stdout.write(`${JSON.stringify({ type: 'ready', pid: process.pid })}\n`);
setInterval(() => {}, 1 << 30);
