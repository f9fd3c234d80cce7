import { UsageError } from '../../common/cli/errors.js';
import type { Finding } from '../doctor/finding.js';

/**
 * Findings for which a night is not begun: something cannot run, or figures are not to be trusted. What could be better does not
 * change from night to night. `accepted`: ids of what is known of this machine; throws UsageError for one that the doctor does
 * not have.
 */
export function whyUnfit(findings: readonly Finding[], accepted: readonly string[]): Finding[] {
  const stranger = accepted.find((id) => !findings.some((finding) => finding.id === id));
  // Where the wire kept the doctor from trying it, what it finds then is not there, and what kept it is said.
  const isWhole = findings.every(({ id }) => id !== 'wire/trials');
  if (isWhole && stranger !== undefined)
    throw new UsageError(`--accept: ${stranger} is not what npm run doctor looks at here`);
  return findings.filter(
    ({ id, level }) => (level === 'cannot-run' || level === 'not-trusted') && !accepted.includes(id),
  );
}
