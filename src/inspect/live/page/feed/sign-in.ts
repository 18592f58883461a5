/** Where the key is kept: one tab, until it is closed. */
export interface KeyPlace {
  get(): string | undefined;
  set(key: string): void;
}

/** Each address lets one reader in, once. */
export const howToGetIn =
  'For a new address send SIGUSR2 to the process, which prints two, or call inspector.url() in its code. A recording is opened again with gatechart inspect.';

/** The one-time token that the fragment of an address brings, and the fragment without it. */
export function tokenIn(fragment: string): { readonly token: string; readonly rest: string } | undefined {
  const match = /^#t=([\w-]+)(?:&(.*))?$/s.exec(fragment);
  return match?.[1] === undefined ? undefined : { token: match[1], rest: match[2] === undefined ? '' : `#${match[2]}` };
}

/**
 * Swaps a token for the key that goes with every request from then on.
 *
 * @throws Error that says what to do, where the token is of no use
 */
export async function swapToken(token: string, keys: KeyPlace): Promise<void> {
  const response = await fetch('/session', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ token }),
    credentials: 'omit',
  });
  const answer: unknown = await response.json().catch(() => undefined);
  const key = typeof answer === 'object' && answer !== null && 'key' in answer ? answer.key : undefined;
  if (typeof key !== 'string') {
    throw new Error(`This address was used before, or is too old. ${howToGetIn}`);
  }
  keys.set(key);
}
