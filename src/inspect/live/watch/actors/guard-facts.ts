import type { ActorContext } from './actor-record.js';

/** The fact behind a guard, by its name. A guard that is not here says yes or no, and no more. */
const facts: Readonly<Record<string, (context: ActorContext, settings: ActorContext) => string | undefined>> = {
  queueFull: ({ waiting }, { maxWaiting }) =>
    Array.isArray(waiting) && typeof maxWaiting === 'number' ? `${waiting.length} of ${maxWaiting} wait` : undefined,
  attemptsLeft: ({ attempt }, { reconnectAttempts }) =>
    typeof attempt === 'number' && typeof reconnectAttempts === 'number'
      ? `${attempt} of ${reconnectAttempts} attempts made`
      : undefined,
  takesTurns: ({ takesTurns }) => (takesTurns === true ? 'starts are taken in turns' : 'it starts at once'),
  awaitsPerson: ({ lastError }) => `the last error is ${codeOf(lastError)}`,
  heldBriefly: ({ openedAt, now }) => {
    const time: unknown = typeof now === 'function' ? Reflect.apply(now, undefined, []) : undefined;
    return typeof openedAt === 'number' && typeof time === 'number'
      ? `open for ${Math.round(time - openedAt)} ms`
      : 'never open';
  },
  parksWhenIdle: (_context, { idleTimeoutMs }) =>
    typeof idleTimeoutMs === 'number' ? `after ${idleTimeoutMs} ms without traffic` : 'it is kept open for ever',
  isSilent: (_context, { suspectAfter }) =>
    typeof suspectAfter === 'number' && suspectAfter > 0
      ? `asked after ${suspectAfter} calls without an answer`
      : 'never asked',
  replaysOnce: ({ replay }) => (typeof replay === 'string' ? `replay: ${replay}` : undefined),
  firstSessionLost: ({ sessionsLost }) =>
    typeof sessionsLost === 'number' ? `${sessionsLost} sessions lost before` : undefined,
};

/** `4 of 100 wait`; undefined where nothing is known. */
export function guardFact(guard: string, context: ActorContext): string | undefined {
  const { settings } = context;
  const fact = Object.hasOwn(facts, guard) ? facts[guard] : undefined;
  return fact?.(context, typeof settings === 'object' && settings !== null ? (settings as ActorContext) : {});
}

function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : error instanceof Error ? error.name : 'none';
}
