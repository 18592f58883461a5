import type { SecretType, SecretTypeName } from './secret-types.js';
import type { Span } from './span.js';

/** A place in a text that holds a secret, or several that overlap. */
export interface SecretFinding extends Span {
  readonly type: SecretTypeName;
}

interface Claim extends Span {
  readonly type: SecretType;
}

/** The secrets in a text, from the left. What overlaps is one secret, of the type that says most about it. */
export function findSecrets(text: string, types: readonly SecretType[]): readonly SecretFinding[] {
  const claims = types.flatMap((type) => Array.from(type.find(text), (span): Claim => ({ ...span, type })));
  if (claims.length === 0) return [];
  claims.sort((one, other) => one.start - other.start);
  const findings: SecretFinding[] = [];
  let best: Claim | undefined;
  for (const claim of claims) {
    const last = findings.at(-1);
    if (last === undefined || best === undefined || claim.start >= last.end) {
      best = claim;
      findings.push({ type: claim.type.name, start: claim.start, end: claim.end });
      continue;
    }
    if (saysMore(claim, best)) best = claim;
    const end = Math.max(last.end, claim.end);
    findings[findings.length - 1] = { type: best.type.name, start: last.start, end };
  }
  return findings;
}

function saysMore(claim: Claim, than: Claim): boolean {
  if (claim.type.rank !== than.type.rank) return claim.type.rank > than.type.rank;
  return claim.end - claim.start > than.end - than.start;
}

/** A text without the secrets that were found in it. */
export function withoutSecrets(text: string, findings: readonly SecretFinding[], redaction: string): string {
  let kept = '';
  let from = 0;
  for (const { start, end } of findings) {
    kept += text.slice(from, start) + redaction;
    from = end;
  }
  return kept + text.slice(from);
}
