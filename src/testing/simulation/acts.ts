import type { PluginModeName } from '../../config/sections/plugin-modes.js';

/** What a scripted server does with one request of a tool. Times are milliseconds. */
export type ServerAnswer =
  | {
      readonly kind: 'answers' | 'fails' | 'answersTwice' | 'answersAsText' | 'isError';
      readonly afterMs: number;
      /** Messages of progress before it. */
      readonly progress?: number;
      /** Asks the client something first, and does not wait for what it says. */
      readonly asks?: boolean;
    }
  /** Does not hear that nobody waits any more. */
  | { readonly kind: 'answersLate'; readonly afterMs: number }
  | { readonly kind: 'garbage'; readonly afterMs: number; readonly form: number }
  /** The link ends under it, before the answer. */
  | { readonly kind: 'dies'; readonly afterMs: number }
  | { readonly kind: 'hangs' }
  /** The link says that it was not sent, that the session is gone, that its connection broke, or that it cannot be written. */
  | { readonly kind: 'notSent' | 'sessionLost' | 'cutOff' | 'refused' };

/** What a scripted server does when it is started. */
export type ServerStart =
  | { readonly kind: 'starts'; readonly afterMs: number; readonly livesMs?: number }
  | { readonly kind: 'refuses'; readonly afterMs: number }
  /** Is there, and never says anything. */
  | { readonly kind: 'isSilent' }
  | { readonly kind: 'diesInHandshake' | 'garblesHandshake' };

/** What a scripted server does when it is asked for its tools. */
export type ServerListing =
  | { readonly kind: 'lists' | 'fails' | 'garbles'; readonly afterMs: number }
  | { readonly kind: 'hangs' };

/** What a scripted plugin does with one hook of one call. */
export interface PluginAnswer {
  readonly kind: 'passes' | 'modifies' | 'blocks' | 'throws' | 'throwsViolation' | 'hangs' | 'garbage' | 'retries';
  /** Milliseconds; undefined answers at once, without a promise. */
  readonly afterMs?: number;
  /** Which garbage. */
  readonly form?: number;
}

/** What the scripted plugins do with one call, by their names; those that are not named pass. */
export type PluginScript = Readonly<Record<string, { readonly before?: PluginAnswer; readonly after?: PluginAnswer }>>;

/** Something that happens to a simulated world. Clients, servers and tools are numbers that every world makes something of. */
export type SimulationAct =
  | { readonly do: 'come' | 'leave'; readonly client: number }
  | {
      readonly do: 'call';
      readonly client: number;
      readonly server: number;
      readonly tool: number;
      /** Of its executions, one after the other; the last stands for all others. */
      readonly answers: readonly [ServerAnswer, ...ServerAnswer[]];
      readonly plugins: PluginScript;
      /** The caller gives up after so many milliseconds. */
      readonly cancelAfterMs?: number;
    }
  /** A client asks what there is, and calls at once something that is listed, and something that is not. */
  | { readonly do: 'probe'; readonly client: number; readonly server: number; readonly tool: number }
  /** A hook is run without a call around it. */
  | { readonly do: 'invoke'; readonly hook: number; readonly plugins: PluginScript; readonly cancelAfterMs?: number }
  /** The caller of one of the open calls gives up. */
  | { readonly do: 'cancel'; readonly call: number }
  | { readonly do: 'pass'; readonly ms: number }
  /** Time has passed, and nothing could happen meanwhile: the machine slept. */
  | { readonly do: 'jump'; readonly ms: number }
  | { readonly do: 'start'; readonly server: number; readonly starts: readonly ServerStart[] }
  | { readonly do: 'listing'; readonly server: number; readonly listings: readonly ServerListing[] }
  | { readonly do: 'closing'; readonly server: number; readonly ms: number }
  /** A link of the server ends, or takes nothing new; its tools change; it says something unasked; it does not answer pings. */
  | { readonly do: 'die' | 'retire' | 'change' | 'deafen'; readonly server: number }
  | { readonly do: 'say'; readonly server: number; readonly what: number }
  /** Nothing gets through to the server, or from it, for so long. */
  | { readonly do: 'split'; readonly server: number; readonly ms: number }
  | { readonly do: 'reload'; readonly what: 'servers' | 'rules' | 'plugins'; readonly variant: number }
  | { readonly do: 'mode'; readonly plugin: number; readonly mode: PluginModeName }
  | { readonly do: 'disable' | 'enable'; readonly plugin: number };
