/** What a manager knows of itself at any time. */
export interface ManagerFigures {
  /** States of `machines/plugin.machine.ts`: `running.enabled`. */
  plugins(): readonly { readonly name: string; readonly state: string }[];
  /** Those to external plugins, in states of `machines/connection.machine.ts`: `ready.stable`. */
  connections(): readonly {
    readonly name: string;
    readonly state: string;
    readonly waiting: number;
    readonly inFlight: number;
  }[];
}

/** What a gateway knows of itself at any time. */
export interface GatewayFigures {
  servers(): readonly {
    readonly name: string;
    readonly state: string;
    readonly restarts: number;
    readonly waiting: number;
    readonly inFlight: number;
  }[];
  clients(): number;
  calls(): number;
  /** Lines that the audit log has lost; undefined where there is none. */
  auditDropped(): number | undefined;
}
