import { applyChanges, IsolatedRecord } from '../context/isolated-record.js';
import type { GlobalContext } from '../context/global-context.js';
import type { LocalContext, PluginContexts } from '../context/plugin-contexts.js';
import type { ReadableContext } from '../context/readable-context.js';
import { Cancellation } from '../time/cancellation.js';
import type { Extensions } from '../extensions/extensions.js';
import type { TraceParent } from '../observability/spans.js';
import type { PluginSetup } from '../plugins/plugin.js';
import type { PluginContext } from '../plugins/plugin-context.js';
import { shownExtensions } from './extension-writes.js';
import type { ChainStep } from './hook-chain.js';
import { type GlobalChanges, GlobalContextView, mergeChanges } from './global-context-view.js';

export type { GlobalChanges } from './global-context-view.js';

/** What a plugin has asked its context for. */
interface Asked {
  view: GlobalContextView | undefined;
  state: IsolatedRecord | undefined;
  metadata: IsolatedRecord | undefined;
  cancellation: Cancellation | undefined;
  signal: AbortSignal | undefined;
}

/** The context of one plugin for one hook. Every part is made when it is first asked for: most plugins ask for little. */
export class StepContext implements PluginContext {
  /** The span that the plugin runs in, as plugins elsewhere are told of it. */
  traceParent: TraceParent | undefined = undefined;
  readonly #step: Pick<ChainStep, 'plugin' | 'timeoutMs'>;
  readonly #request: GlobalContext;
  readonly #contexts: PluginContexts;
  readonly #extensions: Extensions | undefined;
  #asked: Asked | undefined = undefined;

  constructor(
    request: GlobalContext,
    contexts: PluginContexts,
    step: Pick<ChainStep, 'plugin' | 'timeoutMs'>,
    extensions: Extensions | undefined,
  ) {
    this.#request = request;
    this.#contexts = contexts;
    this.#step = step;
    this.#extensions = extensions;
  }

  /** Whether the plugin has asked for anything of it that could have changed. */
  get isUsed(): boolean {
    return this.#asked !== undefined;
  }

  get deadlineMs(): number {
    return this.#step.timeoutMs;
  }

  /** What handlers made with `definePlugin` are given of their plugin. */
  get plugin(): PluginSetup {
    return this.#step.plugin.setup;
  }

  get extensions(): Extensions | undefined {
    return shownExtensions(this.#step.plugin, this.#extensions);
  }

  get globalContext(): GlobalContext {
    return this.#view();
  }

  get state(): Record<string, unknown> {
    return this.#stateRecord().value;
  }

  set state(next: Record<string, unknown>) {
    this.#stateRecord().value = next;
  }

  get metadata(): Record<string, unknown> {
    return this.#metadataRecord().value;
  }

  set metadata(next: Record<string, unknown>) {
    this.#metadataRecord().value = next;
  }

  /** All of it for a codec, which only reads it, and at once. */
  get readable(): ReadableContext {
    return {
      globalContext: this.#view().readable,
      state: this.#stateRecord().readable,
      metadata: this.#metadataRecord().readable,
    };
  }

  get signal(): AbortSignal {
    return (this.#own().signal ??= this.cancellation.toAbortSignal());
  }

  /** The same as `signal`, for those who can do with less. */
  get cancellation(): Cancellation {
    return (this.#own().cancellation ??= new Cancellation());
  }

  /** Tells the plugin that nobody waits for its answer any more. */
  abort(reason: Error): void {
    this.cancellation.abort(reason);
  }

  /**
   * Ends the context: local notes are kept, and what was written to the request is merged if `merge` says so.
   *
   * @throws RangeError for notes that contain themselves
   * @throws GatechartError CONTEXT_INVALID for a request that cannot be written to
   */
  finish(merge: boolean): void {
    if (this.#asked === undefined) return;
    const changes = this.keep();
    if (merge) this.merge(changes);
  }

  /**
   * Ends the context, keeps local notes, and gives back what was written to the request.
   *
   * @throws RangeError for notes that contain themselves
   */
  keep(): GlobalChanges | undefined {
    // All is read before anything is written: reading fails on what contains itself.
    const state = this.#asked?.state?.finish();
    const metadata = this.#asked?.metadata?.finish();
    const changes = this.#asked?.view?.finish();
    if (state !== undefined || metadata !== undefined) {
      const local = this.#contexts.obtain(this.#request.requestId, this.#step.plugin.id);
      if (state !== undefined) applyChanges(local.state, state);
      if (metadata !== undefined) applyChanges(local.metadata, metadata);
    }
    return changes;
  }

  /** Takes what was written into the request. @throws GatechartError CONTEXT_INVALID for one that cannot be written to */
  merge(changes: GlobalChanges | undefined): void {
    if (changes !== undefined) mergeChanges(this.#request, changes);
  }

  #own(): Asked {
    return (this.#asked ??= {
      view: undefined,
      state: undefined,
      metadata: undefined,
      cancellation: undefined,
      signal: undefined,
    });
  }

  #view(): GlobalContextView {
    return (this.#own().view ??= new GlobalContextView(this.#request));
  }

  #local(): LocalContext | undefined {
    return this.#contexts.get(this.#request.requestId, this.#step.plugin.id);
  }

  #stateRecord(): IsolatedRecord {
    return (this.#own().state ??= new IsolatedRecord(this.#local()?.state));
  }

  #metadataRecord(): IsolatedRecord {
    return (this.#own().metadata ??= new IsolatedRecord(this.#local()?.metadata));
  }
}
