import { setOwn } from './plain-data.js';

/** What one plugin keeps for one request. */
export interface LocalContext {
  state: Record<string, unknown>;
  metadata: Record<string, unknown>;
}

/**
 * The local contexts of the plugins that worked on a request. The host gets the table with each hook's result and
 * passes it to the next hook of the same request.
 */
export class PluginContexts {
  /** Most requests keep nothing, and pay for no table. */
  #table: Map<string, LocalContext> | undefined;

  /** What a plugin kept; undefined if it kept nothing. */
  get(requestId: string, pluginId: string): LocalContext | undefined {
    return this.#table?.get(keyOf(requestId, pluginId));
  }

  /** What a plugin kept, made if it kept nothing so far. */
  obtain(requestId: string, pluginId: string): LocalContext {
    const key = keyOf(requestId, pluginId);
    this.#table ??= new Map();
    let context = this.#table.get(key);
    if (context === undefined) {
      context = { state: {}, metadata: {} };
      this.#table.set(key, context);
    }
    return context;
  }

  /** Number of plugins that kept something. */
  get size(): number {
    return this.#table?.size ?? 0;
  }

  /** Plugin id within the request → what it kept. */
  entriesOf(requestId: string): [pluginId: string, context: LocalContext][] {
    const prefix = keyOf(requestId, '');
    return [...(this.#table ?? [])]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, context]) => [key.slice(prefix.length), context]);
  }

  /** For people and logs: request id → plugin id → what the plugin kept. */
  toJSON(): Record<string, Record<string, LocalContext>> {
    const printed: Record<string, Record<string, LocalContext>> = {};
    for (const requestId of new Set([...(this.#table?.keys() ?? [])].map(requestIdOf))) {
      setOwn(printed, requestId, Object.fromEntries(this.entriesOf(requestId)));
    }
    return printed;
  }
}

// A request id may hold any character, so its length goes first: no two pairs share a key.
function keyOf(requestId: string, pluginId: string): string {
  return `${requestId.length}:${requestId}${pluginId}`;
}

function requestIdOf(key: string): string {
  const start = key.indexOf(':') + 1;
  return key.slice(start, start + Number.parseInt(key, 10));
}
