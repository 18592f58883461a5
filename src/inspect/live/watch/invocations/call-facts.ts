import type { InvocationTrace } from '../../../../invocation/invocation-trace.js';

/** One call through the gateway, as far as its invocations are told of it. Times in milliseconds since the epoch. */
export interface CallFacts {
  /** Id of its actor. */
  readonly id: string;
  readonly server: string;
  readonly method: string;
  readonly subject: string;
  readonly agent: string | undefined;
  readonly began: number;
  readonly isDrawn: boolean;
  /** Each time that the server was asked. */
  readonly legs: { readonly asked: number; answered: number | undefined }[];
  /** Those of its invocations that are held. */
  readonly invocations: { readonly trace: InvocationTrace }[];
  ended: number | undefined;
  /** What the agent was told, where it got no answer, and the class of it. */
  failure: { readonly code: string; readonly message: string } | undefined;
}
