import { applyChanges, IsolatedRecord } from '../context/isolated-record.js';
import type { GlobalContext } from '../context/global-context.js';
import type { LocalContext, PluginContexts } from '../context/plugin-contexts.js';
import type { ReadableContext } from '../context/readable-context.js';
import { Cancellation } from '../time/cancellation.js';
import type { Extensions } from '../extensions/extensions.js';
import type { LoadedPlugin, PluginSetup } from '../plugins/plugin.js';
import type { PluginContext } from '../plugins/plugin-context.js';
import { shownExtensions } from './extension-writes.js';
import type { ChainStep } from './hook-chain.js';
import { type GlobalChanges, GlobalContextView, mergeChanges } from './global-context-view.js';

export type { GlobalChanges } from './global-context-view.js';

/** The context of one plugin for one hook. Every part is made when it is first asked for: most plugins ask for little. */
export class StepContext implements PluginContext {
  readonly deadlineMs: number;
  readonly #plugin: LoadedPlugin;
  readonly #request: GlobalContext;
  readonly #contexts: PluginContexts;
  readonly #extensions: Extensions | undefined;
  #view: GlobalContextView | undefined;
  #state: IsolatedRecord | undefined;
  #metadata: IsolatedRecord | undefined;
  #cancellation: Cancellation | undefined;
  #signal: AbortSignal | undefined;

  constructor(
    request: GlobalContext,
    contexts: PluginContexts,
    { plugin, timeoutMs }: Pick<ChainStep, 'plugin' | 'timeoutMs'>,
    extensions: Extensions | undefined,
  ) {
    this.#request = request;
    this.#contexts = contexts;
    this.#plugin = plugin;
    this.#extensions = extensions;
    this.deadlineMs = timeoutMs;
  }

  /** What handlers made with `definePlugin` are given of their plugin. */
  get plugin(): PluginSetup {
    return this.#plugin.setup;
  }

  get extensions(): Extensions | undefined {
    return shownExtensions(this.#plugin, this.#extensions);
  }

  get globalContext(): GlobalContext {
    this.#view ??= new GlobalContextView(this.#request);
    return this.#view;
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
    this.#view ??= new GlobalContextView(this.#request);
    return {
      globalContext: this.#view.readable,
      state: this.#stateRecord().readable,
      metadata: this.#metadataRecord().readable,
    };
  }

  get signal(): AbortSignal {
    this.#signal ??= this.cancellation.toAbortSignal();
    return this.#signal;
  }

  /** The same as `signal`, for those who can do with less. */
  get cancellation(): Cancellation {
    this.#cancellation ??= new Cancellation();
    return this.#cancellation;
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
    const state = this.#state?.finish();
    const metadata = this.#metadata?.finish();
    const changes = this.#view?.finish();
    if (state !== undefined || metadata !== undefined) {
      const local = this.#contexts.obtain(this.#request.requestId, this.#plugin.id);
      if (state !== undefined) applyChanges(local.state, state);
      if (metadata !== undefined) applyChanges(local.metadata, metadata);
    }
    return changes;
  }

  /** Takes what was written into the request. @throws GatechartError CONTEXT_INVALID for one that cannot be written to */
  merge(changes: GlobalChanges | undefined): void {
    if (changes !== undefined) mergeChanges(this.#request, changes);
  }

  #local(): LocalContext | undefined {
    return this.#contexts.get(this.#request.requestId, this.#plugin.id);
  }

  #stateRecord(): IsolatedRecord {
    this.#state ??= new IsolatedRecord(this.#local()?.state);
    return this.#state;
  }

  #metadataRecord(): IsolatedRecord {
    this.#metadata ??= new IsolatedRecord(this.#local()?.metadata);
    return this.#metadata;
  }
}
