import { setOwn } from './plain-data.js';

/** What one plugin keeps for one request. */
export interface LocalContext {
  state: Record<string, unknown>;
  metadata: Record<string, unknown>;
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

  /** Number of plugins that kept something. */
  get size(): number {
    return this.#kept?.length ?? 0;
  }

  /** Plugin id within the request → what it kept. */
  entriesOf(requestId: string): [pluginId: string, context: LocalContext][] {
    return (this.#kept ?? [])
      .filter((kept) => kept.requestId === requestId)
      .map(({ pluginId, context }) => [pluginId, context]);
  }

  /** For people and logs: request id → plugin id → what the plugin kept. */
  toJSON(): Record<string, Record<string, LocalContext>> {
    const printed: Record<string, Record<string, LocalContext>> = {};
    for (const requestId of new Set(this.#kept?.map(({ requestId }) => requestId))) {
      setOwn(printed, requestId, Object.fromEntries(this.entriesOf(requestId)));
    }
    return printed;
  }
}
