import { setOwn } from '../json/records.js';

/** What one plugin keeps for one request. */
export interface LocalContext {
  state: Record<string, unknown>;
  metadata: Record<string, unknown>;
}

/** The plugins of one invocation, the first `count` of which ran. */
interface Ran {
  readonly requestId: string;
  readonly steps: readonly { readonly plugin: { readonly id: string } }[];
  readonly count: number;
  /** Those of the invocation before. */
  readonly before: Ran | undefined;
}

interface Kept {
  readonly requestId: string;
  readonly pluginId: string;
  readonly context: LocalContext;
}

/**
 * The local contexts of the plugins that worked on a request. The host gets the table with each hook's result and
 * passes it to the next hook of the same request.
 */
export class PluginContexts {
  /** As few as there are plugins that keep something, so that looking through them beats a key for each. */
  #kept: Kept[] | undefined;
  /** Who ran; each gets its entry when somebody looks, because hardly anybody does. */
  #ran: Ran | undefined;

  /** What a plugin kept; undefined if it kept nothing. */
  get(requestId: string, pluginId: string): LocalContext | undefined {
    if (this.#kept === undefined) return undefined;
    for (const kept of this.#kept) if (kept.pluginId === pluginId && kept.requestId === requestId) return kept.context;
    return undefined;
  }

  /** What a plugin kept, made if it kept nothing so far. */
  obtain(requestId: string, pluginId: string): LocalContext {
    const known = this.get(requestId, pluginId);
    if (known !== undefined) return known;
    const context = { state: {}, metadata: {} };
    this.#kept ??= [];
    this.#kept.push({ requestId, pluginId, context });
    return context;
  }

  /**
   * The first `count` of these plugins have run: each has an entry from now on, also one that kept nothing.
   *
   * @internal
   */
  haveRun(requestId: string, steps: Ran['steps'], count: number): void {
    const last = this.#ran;
    if (count === 0 || (last?.steps === steps && last.requestId === requestId && last.count >= count)) return;
    this.#ran = { requestId, steps, count, before: last };
  }

  /** Number of plugins that ran. */
  get size(): number {
    return this.#entries().length;
  }

  /** Plugin id within the request → what it kept, for every plugin that ran. */
  entriesOf(requestId: string): [pluginId: string, context: LocalContext][] {
    return this.#entries()
      .filter((kept) => kept.requestId === requestId)
      .map(({ pluginId, context }) => [pluginId, context]);
  }

  /** For people and logs: request id → plugin id → what the plugin kept. */
  toJSON(): Record<string, Record<string, LocalContext>> {
    const printed: Record<string, Record<string, LocalContext>> = {};
    for (const requestId of new Set(this.#entries().map(({ requestId }) => requestId))) {
      setOwn(printed, requestId, Object.fromEntries(this.entriesOf(requestId)));
    }
    return printed;
  }

  #entries(): readonly Kept[] {
    const ends: Ran[] = [];
    for (let ran = this.#ran; ran !== undefined; ran = ran.before) ends.push(ran);
    this.#ran = undefined;
    for (const { requestId, steps, count } of ends.reverse()) {
      for (const { plugin } of steps.slice(0, count)) this.obtain(requestId, plugin.id);
    }
    return this.#kept ?? [];
  }
}
