import type { ActorRefFrom } from 'xstate';
import type { connectionMachine } from '../../machines/index.js';
import type { Logger } from '../observability/logger.js';

/** A state as people read it, nested ones with dots: `ready.stable`. */
export function dotted(value: unknown): string {
  if (typeof value === 'string') return value;
  return Object.entries(value ?? {})
    .map(([state, inner]) => `${state}.${dotted(inner)}`)
    .join();
}

/** Whether a connection in this state was closed for good, or is about to be. */
export function isClosed(state: unknown): boolean {
  return state === 'closing' || state === 'closed';
}

/** Logs the states that a connection goes through, nested ones left out. */
export function logStates(
  actor: ActorRefFrom<typeof connectionMachine>,
  { name, target, logger }: { readonly name: string; readonly target: string; readonly logger: Logger },
): void {
  let logged = 'idle';
  actor.subscribe(({ value, context }) => {
    const [state = ''] = dotted(value).split('.');
    if (state === logged) return;
    logged = state;
    const fields = { connection: name, target, state, attempt: context.attempt };
    const message = `connection ${name} is ${state}`;
    if (state === 'failed' || state === 'reconnecting' || state === 'suspect')
      logger.warn({ ...fields, reason: context.lastError?.message }, message);
    else logger.info(fields, message);
  });
}
