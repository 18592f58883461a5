/** What a plugin on `http_auth_resolve_user` says of a user. */
export interface ResolvedUser {
  readonly name: string;
  readonly isAdmin: boolean;
  readonly isActive: boolean;
}

/** Keys that may name the user, in the order in which they are looked at. */
const nameKeys = ['email', 'user_id', 'userId', 'id', 'sub', 'username'];

/**
 * Reads the record of a user, in the spellings of Python and of TypeScript. Undefined if it names nobody: then nobody is
 * known, though a plugin says that somebody is.
 */
export function readUser(record: Readonly<Record<string, unknown>>): ResolvedUser | undefined {
  const name = nameKeys.map((key) => record[key]).find((value) => typeof value === 'string' && value !== '');
  if (typeof name !== 'string') return undefined;
  const isAdmin = [record['is_admin'], record['isAdmin']].includes(true);
  const isActive = ![record['is_active'], record['isActive']].includes(false);
  return { name, isAdmin, isActive };
}

/** The same as a text for error messages. */
export const expectedUser = `a record with one of ${nameKeys.join(', ')}`;
