/** What of a generator's configuration its tests do not care for: Node code of the members of an object. */
export const anyPacedLoad = `
  port: 1232,
  flows: 1,
  connections: 1,
  packetBytes: 200,
  queues: 1,
  cpus: [-1],
  functionId: 'reverse',
  checkEvery: 1,
  copyMode: 'copy',
  arrival: 'constant',
`;
