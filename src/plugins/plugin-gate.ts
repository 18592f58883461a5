/** What becomes of a plugin when the steps of an invocation are chosen. */
export type Admission =
  /** It takes part. */
  | 'open'
  /** It takes part in this one invocation, to see whether it works again. */
  | 'trial'
  /** It is disabled, and left out. */
  | 'closed';

/** Whether a plugin takes part in chains; its life decides. Calls by name do not ask. */
export interface PluginGate {
  admit(): Admission;
  /** It ran on trial, and answered. */
  succeeded(): void;
  /** It failed or missed its deadline, on trial or where its `on_error` is `disable`. */
  failed(error: Error): void;
  /** It was admitted on trial and did not run, or was cancelled. */
  unused(): void;
}

/** The gate of a plugin that nothing disables. */
export const openGate: PluginGate = { admit: () => 'open', succeeded() {}, failed() {}, unused() {} };

/** How many plugins of a manager are not open: while none is, nobody asks their gates. */
export interface GateWatch {
  readonly closed: number;
}

/** Of plugins that nothing disables. */
export const allOpen: GateWatch = { closed: 0 };
