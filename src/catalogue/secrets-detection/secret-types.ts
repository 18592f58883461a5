import { jsonWebTokens } from './json-web-tokens.js';
import { privateKeyBlocks } from './private-key-blocks.js';
import type { Span } from './span.js';

/** One form that secrets have. */
export interface SecretType {
  readonly name: SecretTypeName;
  /** Whether it is looked for where a configuration says nothing of it. */
  readonly isDefault: boolean;
  /** Of types that claim the same place the highest names it: a vendor's own prefix says more than the shape of a text. */
  readonly rank: 0 | 1 | 2 | 3;
  /** The places from the left, none of which overlap; in time linear in the text. */
  find(text: string): Iterable<Span>;
}

export type SecretTypeName =
  | 'aws_access_key_id'
  | 'aws_secret_access_key'
  | 'google_api_key'
  | 'github_token'
  | 'stripe_secret_key'
  | 'slack_token'
  | 'private_key_block'
  | 'generic_api_key_assignment'
  | 'jwt_like'
  | 'hex_secret_32'
  | 'base64_24';

/**
 * Nothing of a word before it. JSON and URLs that stand in a text write what is before it in letters and digits, which are
 * no part of the word: `\nAKIA…`, `\u0022AKIA…`, `%3DAKIA…`. An underscore is none either: `old_AKIA…`.
 */
const wordBegins = String.raw`(?:\b|(?<=_|\\[nrtbf]|\\u[0-9A-Fa-f]{4}|%[0-9A-Fa-f]{2}))`;

/** Nothing of a word behind it, but for an underscore. */
const wordEnds = String.raw`(?:\b|(?=_))`;

/** The name of what a key is assigned to, up to the key itself; quotes may be escaped, as in JSON that stands in JSON. */
const assigned = String.raw`\s*[=:]\s*\\?["']?`;

// All of these are linear: what repeats without a limit begins at a place that no other match can begin at.
export const secretTypes: readonly SecretType[] = [
  {
    name: 'aws_access_key_id',
    isDefault: true,
    rank: 3,
    find: wherever(`${wordBegins}A[KS]IA[0-9A-Z]{16}${wordEnds}`),
  },
  {
    name: 'aws_secret_access_key',
    isDefault: true,
    rank: 3,
    find: wherever(
      String.raw`(?:aws[^\n]{0,20}(?:secret|access)|secret_?access_?key)[^\n]{0,20}[=:>]\s*\\?["']?([A-Za-z0-9/+=]{40})`,
      'i',
    ),
  },
  {
    name: 'google_api_key',
    isDefault: true,
    rank: 3,
    find: wherever(`${wordBegins}AIza[0-9A-Za-z_-]{35}(?:\\b|(?<=-))`),
  },
  {
    name: 'github_token',
    isDefault: true,
    rank: 3,
    find: wherever(`${wordBegins}(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{20,})${wordEnds}`),
  },
  {
    name: 'stripe_secret_key',
    isDefault: true,
    rank: 3,
    find: wherever(`${wordBegins}[sr]k_(?:live|test)_[A-Za-z0-9]{16,}${wordEnds}`),
  },
  {
    name: 'slack_token',
    isDefault: true,
    rank: 3,
    find: wherever(`${wordBegins}(?:xox[abpqr]|xapp|xwfp|xoxe(?:\\.xox[bp])?)-[0-9A-Za-z-]{10,}\\b`),
  },
  { name: 'private_key_block', isDefault: true, rank: 3, find: privateKeyBlocks },
  {
    name: 'generic_api_key_assignment',
    isDefault: false,
    rank: 2,
    find: wherever(
      `(?<![A-Za-z0-9])(?:api[_-]?(?:key|token)|(?:access|auth|bearer)[_-]?token)\\\\?["']?${assigned}([A-Za-z0-9_-]{20,})`,
      'i',
    ),
  },
  { name: 'jwt_like', isDefault: false, rank: 2, find: jsonWebTokens },
  { name: 'hex_secret_32', isDefault: false, rank: 1, find: wherever(`${wordBegins}[a-f0-9]{32,}${wordEnds}`, 'i') },
  {
    name: 'base64_24',
    isDefault: false,
    rank: 0,
    find: wherever(
      '(?<![A-Za-z0-9+/])(?:[A-Za-z0-9+/]{24,}={0,2}|[A-Za-z0-9+/]{23}=|[A-Za-z0-9+/]{22}==)(?![A-Za-z0-9+/=])',
    ),
  },
];

/** Finds a pattern; where it has a group, that is the secret, and stands at the end of it. */
function wherever(pattern: string, flags = ''): SecretType['find'] {
  const expression = new RegExp(pattern, `g${flags}`);
  return function* find(text) {
    for (const match of text.matchAll(expression)) {
      const end = match.index + match[0].length;
      yield { start: end - (match[1] ?? match[0]).length, end };
    }
  };
}
