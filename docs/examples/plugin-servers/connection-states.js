/**
 * An inspector that tells each new state of each connection. Inspectors are not told what errors say, because it is the
 * words of servers; the status of a connection has it.
 *
 * @param {(connection: string, state: string, why?: string) => void} tell
 * @param {() => readonly import('gatechart').ConnectionStatus[]} statuses
 * @returns {import('gatechart').Inspector}
 */
export function connectionStates(tell, statuses) {
  /** @type {Map<string, string>} */
  const last = new Map();
  return (event) => {
    if (event.type !== '@xstate.snapshot' || !('id' in event.actorRef)) return;
    const id = String(event.actorRef.id);
    if (!id.startsWith('connection:') || !('value' in event.snapshot)) return;
    const state = dotted(event.snapshot.value);
    if (last.get(id) === state) return;
    last.set(id, state);
    const name = id.slice('connection:'.length);
    const { attempt } = /** @type {{ attempt: number }} */ (
      'context' in event.snapshot ? event.snapshot.context : { attempt: 0 }
    );
    const reason = statuses().find((status) => status.name === name)?.lastError?.message;
    tell(name, state, state.includes('releasing') && reason !== undefined ? reason : `attempt ${attempt}`);
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
