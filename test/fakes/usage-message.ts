import { UsageError } from '../../common/cli/errors.js';

/** What a refused value is told; Error where nothing was refused. */
export function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error('nothing was thrown');
}
