// Keeps a CPU busy until it is killed.
process.stdout.write('busy\n', () => {
  for (;;);
});
