import type { PluginSetup } from '../../plugins/plugin.js';
import { Circuit } from './circuit.js';
import { type CircuitBreakerConfig, settingsOf } from './circuit-breaker-settings.js';

/** Tools that are remembered. Agents can make names up, and each costs an actor and its answers. */
export const mostTools = 1_000;

/** A tool is that of a server: others may call one of theirs the same, and its failures are not those of this one. */
export interface ToolOfServer {
  readonly name: string;
  readonly serverId?: string | null | undefined;
}

/** The circuits of all tools. One that is not closed is never forgotten. */
export class CircuitTable {
  readonly #setup: PluginSetup<CircuitBreakerConfig>;
  /** The one that was used least recently comes first. */
  readonly #circuits = new Map<string, Circuit>();

  constructor(setup: PluginSetup<CircuitBreakerConfig>) {
    this.#setup = setup;
  }

  get size(): number {
    return this.#circuits.size;
  }

  find(tool: ToolOfServer): Circuit | undefined {
    const key = keyOf(tool);
    const circuit = this.#circuits.get(key);
    if (circuit === undefined) return undefined;
    this.#circuits.delete(key);
    this.#circuits.set(key, circuit);
    return circuit;
  }

  /** Whether one more can be remembered. */
  get hasRoom(): boolean {
    return this.size < mostTools || this.#dispensable() !== undefined;
  }

  /** The circuit of a tool, a new one where it has none; undefined if there is no room. */
  obtain(tool: ToolOfServer): Circuit | undefined {
    return this.find(tool) ?? this.#add(tool);
  }

  #add(tool: ToolOfServer): Circuit | undefined {
    if (this.size >= mostTools) {
      const dispensable = this.#dispensable();
      if (dispensable === undefined) return undefined;
      this.#circuits.get(dispensable)?.forget();
      this.#circuits.delete(dispensable);
    }
    const { name, serverId } = tool;
    const shown = typeof serverId === 'string' ? `${serverId}/${name}` : name;
    const circuit = new Circuit(shown, settingsOf(this.#setup.config, name), this.#setup);
    this.#circuits.set(keyOf(tool), circuit);
    return circuit;
  }

  /** One that has not failed of late, rather than one that has. */
  #dispensable(): string | undefined {
    let closed: string | undefined;
    for (const [tool, circuit] of this.#circuits) {
      if (!circuit.isClosed) continue;
      if (!circuit.hasFailures) return tool;
      closed ??= tool;
    }
    return closed;
  }
}

function keyOf({ name, serverId }: ToolOfServer): string {
  return JSON.stringify([serverId ?? null, name]);
}
