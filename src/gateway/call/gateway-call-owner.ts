import type { GatewayCallContext, GatewayCallEvent } from '../../../machines/index.js';
import type { ProgrammedActor } from '../../actors/programmed-actor.js';
import type { GlobalContext } from '../../context/global-context.js';
import type { Extensions } from '../../extensions/extensions.js';
import type { GuardingManager } from '../../guard/guarded-call.js';
import type { Cancellation } from '../../time/cancellation.js';
import type { Deadlines } from '../../time/deadlines.js';
import type { CallFailure } from './call-failure.js';
import type { CallRecord } from './call-record.js';
import type { Admission } from './call-refusals.js';
import type { GatewayCaller, GatewayRequest } from './gateway-request.js';
import type { GatewayCallEffect } from './programs/gateway-call-program.js';

export type GatewayCallActor = ProgrammedActor<GatewayCallEffect, GatewayCallContext, GatewayCallEvent>;

/** What servers answer with. */
export type ServerResult = Readonly<Record<string, unknown>>;

/** A call, to those who observe. */
export interface ObservedCall {
  readonly requestId: string;
  readonly request: GatewayRequest;
  readonly agent: string | undefined;
  /** What it runs as. */
  readonly actor: GatewayCallActor;
}

/** Hears of calls, at once. It must not throw. */
export interface GatewayCallObserver {
  began(call: ObservedCall): void;
  /** The server is asked. */
  asked(call: ObservedCall): void;
  /** It has answered, or could not. */
  answered(call: ObservedCall): void;
  /** @param failure what the agent is told; undefined where it gets an answer */
  ended(call: ObservedCall, record: CallRecord, failure: CallFailure | undefined): void;
}

/** What a call needs of the gateway it goes through. */
export interface GatewayCallOwner {
  readonly deadlines: Deadlines;
  /** Undefined while nobody watches. */
  readonly observer?: () => GatewayCallObserver | undefined;
  /** Undefined where there are no plugins. */
  readonly manager: GuardingManager | undefined;
  now(): number;
  /** Whether the agent may, and is offered it. */
  admit(caller: GatewayCaller, request: GatewayRequest, signal: Cancellation): Admission | Promise<Admission>;
  /** Sends a request to its server. */
  ask(
    caller: GatewayCaller,
    request: GatewayRequest,
    options: {
      readonly headers: Readonly<Record<string, string>>;
      readonly timeoutMs: number;
      readonly signal: Cancellation;
    },
  ): Promise<ServerResult>;
  contextOf(caller: GatewayCaller, request: GatewayRequest, requestId: string): GlobalContext;
  extensionsOf(caller: GatewayCaller, request: GatewayRequest, requestId: string): Extensions | undefined;
  /** Bounds what an answer may cost the agent. */
  limit(request: GatewayRequest, result: ServerResult): ServerResult;
  /** Milliseconds that a call to this server may take where the agent does not say. */
  timeoutOf(server: string): number;
  settled(call: SettledCall, record: CallRecord): void;
}

/** A call, to whoever holds the open ones. */
export interface SettledCall {
  readonly caller: GatewayCaller;
  cancel(): void;
}
