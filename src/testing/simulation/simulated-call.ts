import type { PluginScript, ServerAnswer } from './acts.js';
import type { CallerSignal } from './caller-signal.js';

/** One call of a simulated client, and all that the world knows of what became of it. */
export interface SimulatedCall {
  /** Of the act that made it. */
  readonly id: string;
  /** Id of the client. */
  readonly owner: string;
  readonly agent: string;
  readonly server: string;
  readonly tool: string;
  readonly answers: readonly [ServerAnswer, ...ServerAnswer[]];
  readonly plugins: PluginScript;
  readonly signal: CallerSignal;
  /** Step of the world in which it began. */
  readonly begunIn: number;
  /** When it has to have settled. */
  dueAt: number;
  isSettled: boolean;
  /** Requests that links were given for it, and those that reached the server. */
  sent: number;
  executed: number;
  /** Ids that the gateway gave it. */
  requestId: string | undefined;
  /** Decisions on it that were written down. */
  recorded: number;
  /** How often plugins wanted it made again. */
  retries: number;
  /** Where it stands among all that was handed to servers; a retry is handed on anew. */
  place: number;
  /** Number of the progress message that was heard last. */
  heard: number;
  /** Who blocked it, before the server was asked or after. */
  blockedBefore: string | undefined;
  blockedAfter: string | undefined;
  /** What the hooks left of its arguments, as JSON; undefined while they run, and where there are none. */
  hooked: string | undefined;
  /** Who changed what was asked, and what was answered; false where their mode may not have let them. */
  readonly changedBefore: Map<string, boolean>;
  readonly changedAfter: Map<string, boolean>;
  /** Which rules and entries may have been in force when it began. */
  readonly since: { readonly rules: number; readonly entries: number };
  /** It is made when all is well. */
  readonly isLast: boolean;
  /** Whether its tool was listed a moment before it began, and how much had changed by then. */
  readonly listing: { readonly is: 'listed' | 'unlisted'; readonly at: number } | undefined;
}

/** What a simulated caller was told. */
export type SimulatedOutcome =
  | {
      readonly kind: 'answered';
      readonly isError: boolean;
      /** What the scripted server put into its answer; undefined where there is nothing of it. */
      readonly fields: Readonly<Record<string, unknown>> | undefined;
    }
  | { readonly kind: 'failed'; readonly code: string; readonly text: string };
