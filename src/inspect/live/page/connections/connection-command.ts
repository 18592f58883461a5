import { shellWord } from '../invocations/copy-forms.js';

/**
 * What a shell can do with a connection. A recording is replayed to the event that is shown; of a process that runs its
 * machine is printed, since every address lets one reader in and this page has none to give away.
 */
export function connectionCommand(machine: string, recording: string | undefined, seq: number | undefined) {
  return recording === undefined
    ? { hint: 'prints its machine', text: () => `npx gatechart charts --machine ${shellWord(machine)}` }
    : { hint: 'replay to here', text: () => `npx gatechart replay ${shellWord(recording)} --to ${seq ?? 1}` };
}
