import { serveSession } from './session.js';

process.exit(await serveSession(process.stdin, process.stdout));
