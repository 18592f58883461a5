import type { Journal } from './journal.js';
import type { SimulatedCall, SimulatedOutcome } from './simulated-call.js';

/** What a call of a tool that is listed is not told. */
const unusable: ReadonlySet<string> = new Set(['TOOL_NOT_FOUND', 'SERVER_NOT_FOUND', 'DENIED_BY_POLICY']);

/** What a call is not told when all is well. */
const unrecovered: ReadonlySet<string> = new Set([
  'TIMEOUT',
  'BUSY',
  'SERVER_UNAVAILABLE',
  'OUTCOME_UNKNOWN',
  'CANCELLED',
  'INTERNAL_ERROR',
]);

/** Holds a failure that a caller is told against what is promised of it. @param upheavals how much has changed by now */
export function checkFailure(
  call: SimulatedCall,
  { code, text }: Extract<SimulatedOutcome, { kind: 'failed' }>,
  { journal, upheavals }: { readonly journal: Journal; readonly upheavals: number },
): void {
  const asked = `call ${call.id} of ${call.owner}`;
  const named = /\bc\d+[ab]?\b/.exec(text)?.[0];
  if (named !== undefined && named !== call.id) journal.violate('own-answer', `${asked} is told of ${named}: ${code}`);
  if (call.isLast && unrecovered.has(code))
    journal.violate('recovers', `${asked} for ${call.server} is told ${code}, and all is well: ${text}`);
  if (call.listing?.is === 'listed' && call.listing.at === upheavals && unusable.has(code))
    journal.violate('listed-usable', `${asked} is told ${code}, and the tool was listed`);
}
