/** Exit codes of every command: `usage` before anything was touched, `interrupted` as shells report SIGINT. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, interrupted: 130 };
