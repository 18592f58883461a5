import { setTimeout } from 'node:timers/promises';

/**
 * Asks the gateway where its servers are until it is told to stop, and tells each new state of each server.
 *
 * @param {{ status(): Promise<{ name: string, state: string, lastError?: string }[]> }} gateway
 * @param {(server: string, state: string, why: string) => void} tell
 */
export function followServers(gateway, tell) {
  /** @type {Map<string, string>} */
  const last = new Map();
  const stopping = new AbortController();
  const follow = async () => {
    while (!stopping.signal.aborted) {
      for (const { name, state, lastError } of await gateway.status()) {
        if (last.get(name) === state) continue;
        last.set(name, state);
        tell(name, state, state.startsWith('ready') || lastError === undefined ? '' : lastError);
      }
      await setTimeout(20);
    }
  };
  const followed = follow();
  return {
    stop() {
      stopping.abort();
      return followed;
    },
  };
}
