/**
 * Exit codes of every command: `usage` before anything was touched, `unmet` when what was asked has no answer or a bound
 * that was asked for was not kept, `unfit` of a machine that is not to be measured on, `interrupted` as shells report SIGINT.
 */
export const exitCodes = { ok: 0, failed: 1, usage: 2, unmet: 3, unfit: 4, interrupted: 130 };
