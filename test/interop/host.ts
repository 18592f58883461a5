/** JSON as it comes off the wire. */
export type Json = Record<string, unknown>;

/** One hook call, in the words of the wire. */
export interface Call {
  readonly hook: string;
  readonly payload: Json;
}

/** What a call gave, in the words of the wire. */
export interface Outcome {
  readonly result?: Json;
  readonly error?: Json;
  /** What the caller has afterwards. */
  readonly context: Json;
}

/** A host of either implementation, driven the same way. */
export interface Host {
  /**
   * Starts a manager.
   *
   * @param config path of a configuration
   * @returns the plugins' configurations as the manager has them after asking their servers
   */
  open(manager: string, config: string, timeoutSeconds: number): Promise<readonly Json[]>;
  /** Runs one hook of the plugin `Guard` by its name. */
  callPlugin(manager: string, call: Call, context: Json): Promise<Outcome>;
  /** Runs the chain of a hook. Calls with the same `contexts` are hooks of one request. */
  callChain(manager: string, call: Call, context: Json, contexts?: string): Promise<Outcome>;
  closeManager(manager: string): Promise<void>;
  close(): Promise<void>;
}

/** The name that the plugin under test has in every configuration. */
export const pluginName = 'Guard';
