// Dies with code 3 and a line on stderr.
process.stderr.write('first words\nsegment of doom\n\n', () => process.exit(3));
