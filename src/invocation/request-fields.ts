import type { GlobalContext } from '../context/global-context.js';
import type { HookDefinition, Subject } from '../hooks/hook.js';
import { excerpt } from '../json/excerpt.js';
import { withoutQuery } from '../observability/without-query.js';

/** What of an invocation the log may be told of. */
export interface LoggedRequest {
  readonly chain: { readonly hook: HookDefinition };
  readonly context: GlobalContext;
  readonly payload: unknown;
}

/** Characters of a name that the log is told: agents and callers make names up. */
const longestName = 128;

const fields = { tools: 'tool', prompts: 'prompt', resources: 'resource', agents: 'agent' } as const;

/** What the log tells of a request: names, and nothing that was asked or answered. */
export function requestFields({ chain, context, payload }: LoggedRequest): Readonly<Record<string, string>> {
  try {
    const subject = subjectOf(chain.hook, payload);
    return {
      requestId: excerpt(context.requestId, longestName),
      ...(typeof context.tenantId === 'string' && { tenant: excerpt(context.tenantId, longestName) }),
      // What is asked for in a URI's query is an argument.
      ...(subject !== undefined && { [fields[subject.list]]: excerpt(withoutQuery(subject.name), longestName) }),
    };
  } catch {
    // The context is its caller's: what cannot be read is not told.
    return {};
  }
}

/** The one thing that a payload is about. */
function subjectOf(hook: HookDefinition, payload: unknown): Subject | undefined {
  const { subject } = hook;
  if (subject !== undefined) {
    const name = subject.of(payload);
    return typeof name === 'string' && name !== '' ? { list: subject.list, name } : undefined;
  }
  const named = hook.subjects?.(payload) ?? [];
  return named.length === 1 ? named[0] : undefined;
}
