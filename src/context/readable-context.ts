import type { GlobalContext } from './global-context.js';

/** What a plugin sees of a request and of what it keeps for it, for those who only read it. */
export interface ReadableContext {
  readonly globalContext: Readonly<GlobalContext>;
  readonly state: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
}
