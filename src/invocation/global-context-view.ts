import type { GlobalContext, UserContext } from '../context/global-context.js';
import { applyChanges, IsolatedRecord, type RecordChanges } from '../context/isolated-record.js';
import { GatechartError, messageOf } from '../errors.js';
import { frozenCopy } from '../hooks/payload-copy.js';

/**
 * One plugin's view of the request: what it writes to `state` and `metadata` stays here until it is merged, and nothing
 * is copied for a plugin that does not look.
 */
export class GlobalContextView implements GlobalContext {
  readonly #context: GlobalContext;
  #state: IsolatedRecord | undefined;
  #metadata: IsolatedRecord | undefined;

  constructor(context: GlobalContext) {
    this.#context = context;
  }

  get requestId(): string {
    return this.#context.requestId;
  }

  get user(): GlobalContext['user'] {
    const { user } = this.#context;
    return typeof user === 'object' ? (frozenCopy(user).value as Record<string, unknown> | null) : user;
  }

  get userContext(): UserContext | null | undefined {
    return frozenCopy(this.#context.userContext).value as UserContext | null | undefined;
  }

  get tenantId(): string | null | undefined {
    return this.#context.tenantId;
  }

  get serverId(): string | null | undefined {
    return this.#context.serverId;
  }

  get contentType(): string | null | undefined {
    return this.#context.contentType;
  }

  /** The parts are accessors; this is how they get into JSON. */
  toJSON(): GlobalContext {
    const { requestId, user, userContext, tenantId, serverId, contentType, state, metadata } = this;
    return { requestId, user, userContext, tenantId, serverId, contentType, state, metadata };
  }

  get state(): Record<string, unknown> {
    this.#state ??= new IsolatedRecord(this.#context.state);
    return this.#state.value;
  }

  set state(next: Record<string, unknown>) {
    this.#state ??= new IsolatedRecord(this.#context.state);
    this.#state.value = next;
  }

  get metadata(): Record<string, unknown> {
    this.#metadata ??= new IsolatedRecord(this.#context.metadata);
    return this.#metadata.value;
  }

  set metadata(next: Record<string, unknown>) {
    this.#metadata ??= new IsolatedRecord(this.#context.metadata);
    this.#metadata.value = next;
  }

  /** All of it for one who only reads it, and at once. */
  get readable(): Readonly<GlobalContext> {
    const { requestId, user, userContext, tenantId, serverId, contentType, state, metadata } = this.#context;
    this.#state ??= new IsolatedRecord(state);
    this.#metadata ??= new IsolatedRecord(metadata);
    return {
      requestId,
      user,
      userContext,
      tenantId,
      serverId,
      contentType,
      state: this.#state.readable,
      metadata: this.#metadata.readable,
    };
  }

  /** Ends the view, and gives back what was written. @throws RangeError for what contains itself */
  finish(): GlobalChanges | undefined {
    const state = this.#state?.finish();
    const metadata = this.#metadata?.finish();
    return state === undefined && metadata === undefined ? undefined : { state, metadata };
  }
}

/** What a plugin wrote to the request. */
export interface GlobalChanges {
  readonly state: RecordChanges | undefined;
  readonly metadata: RecordChanges | undefined;
}

/** @throws GatechartError CONTEXT_INVALID for a request that cannot be written to */
export function mergeChanges(context: GlobalContext, { state, metadata }: GlobalChanges): void {
  try {
    if (state !== undefined) applyChanges((context.state ??= {}), state);
    if (metadata !== undefined) applyChanges((context.metadata ??= {}), metadata);
  } catch (error) {
    const message = `The context of the request cannot take what a plugin left in its state or metadata: ${messageOf(error)}.`;
    throw new GatechartError('CONTEXT_INVALID', message, { cause: error });
  }
}
