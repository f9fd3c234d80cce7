/**
 * Exit codes of every command: `usage` before anything was touched, `regressed` where a comparison was asked to fail on
 * that, `interrupted` as shells report SIGINT.
 */
export const exitCodes = { ok: 0, failed: 1, usage: 2, regressed: 3, interrupted: 130 };
