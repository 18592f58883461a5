/**
 * An inspector that tells each new state of each connection.
 *
 * @param {(connection: string, state: string, why?: string) => void} tell
 * @returns {import('gatechart').Inspector}
 */
export function connectionStates(tell) {
  /** @type {Map<string, string>} */
  const last = new Map();
  return (event) => {
    if (event.type !== '@xstate.snapshot' || !('id' in event.actorRef)) return;
    const id = String(event.actorRef.id);
    if (!id.startsWith('connection:') || !('value' in event.snapshot)) return;
    const state = dotted(event.snapshot.value);
    if (last.get(id) === state) return;
    last.set(id, state);
    const { attempt, lastError } = /** @type {{ attempt: number, lastError?: Error }} */ (
      'context' in event.snapshot ? event.snapshot.context : { attempt: 0 }
    );
    const why = state.includes('releasing') && lastError ? lastError.message : `attempt ${attempt}`;
    tell(id.slice('connection:'.length), state, why);
  };
}

/**
 * @param {unknown} value
 * @returns {string}
 */
function dotted(value) {
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([state, inner]) => `${state}.${dotted(inner)}`)
    .join(' ');
}
