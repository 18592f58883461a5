/** Where clients reach a server, whatever carries their messages. */
export interface Endpoint {
  readonly address: string;
  /** Settles when there will be no more clients, though nobody called `close`. */
  readonly ended: Promise<void>;
  /** Takes no more calls. */
  drain(): void;
  /** Settles when every call is answered, or cannot be any more. Never rejects. */
  idle(): Promise<void>;
  /** Ends all connections; settles when they are gone. */
  close(): Promise<void>;
}

/** Where clients reach a server over MCP. */
export interface McpEndpoint extends Endpoint {
  /** Sessions that are open. */
  sessions(): number;
}
