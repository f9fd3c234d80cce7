// Says its argument where a message was expected, and waits for the end of its input.
process.stdout.write(`${process.argv[2]}\n`);
process.stdin.resume();
