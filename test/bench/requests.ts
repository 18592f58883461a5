import type { GlobalContext, PluginManager } from 'gatechart';

/** A call that no other is like, and what has to be in its answer. */
export interface NumberedRequest {
  readonly call: number;
  readonly payload: { readonly name: string; readonly args: Record<string, unknown> };
  readonly context: GlobalContext;
}

/** Numbers with as many digits. */
let calls = 1_000_000;

export function nextRequest(): NumberedRequest {
  const call = ++calls;
  return {
    call,
    payload: { name: 'echo', args: { message: `hello ${call}`, call } },
    context: { requestId: `request-${call}`, user: 'ada@example.org', tenantId: 'acme' },
  };
}

/** A hook of the plugin `Answering`. @throws Error for an answer that is not the one to this call */
export async function answeredHook(manager: PluginManager): Promise<void> {
  const { call, payload, context } = nextRequest();
  const { metadata } = await manager.invokeHook('tool_pre_invoke', payload, context);
  checkCall(call, metadata['call']);
}

export function checkCall(expected: number, found: unknown): void {
  if (found !== expected) throw new Error(`found ${String(found)} in an answer, expected ${expected}`);
}
