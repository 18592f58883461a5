import type { GlobalContext } from '../../context/global-context.js';
import type { WireContext } from '../context-codec.js';
import { contextTags, globalTags } from './context-message.js';
import { tagOf } from './descriptor.js';
import type { SentMessage } from './sent-texts.js';
import { StructReader } from './struct-reader.js';

/** A hook call as nearly all are. */
export interface UsualRequest {
  readonly hookName: string;
  readonly pluginName: string;
  readonly payload: Struct;
  readonly context: WireContext;
}

/** An answer as nearly all are: a result, and what goes back to the context, as the JSON wire names it. */
export interface UsualAnswer {
  readonly pluginName: string;
  readonly result: Struct;
  readonly context: Struct | undefined;
}

type Struct = Record<string, unknown>;

const requestTags = {
  hookName: tagOf('InvokeHookRequest', 'hook_type'),
  pluginName: tagOf('InvokeHookRequest', 'plugin_name'),
  payload: tagOf('InvokeHookRequest', 'payload'),
  context: tagOf('InvokeHookRequest', 'context'),
};

const answerTags = {
  pluginName: tagOf('InvokeHookResponse', 'plugin_name'),
  result: tagOf('InvokeHookResponse', 'result'),
  context: tagOf('InvokeHookResponse', 'context'),
};

/**
 * Reads messages of which every field is known and there once, in one pass: nothing is made of them but what they say. All
 * others are left to the descriptor, which also says what is wrong with those that are none.
 */
class UsualMessageReader extends StructReader {
  request(bytes: Uint8Array): UsualRequest | undefined {
    this.begin(bytes, undefined);
    try {
      return this.requestTo(bytes.length);
    } catch {
      return undefined;
    } finally {
      this.finish();
    }
  }

  answer(bytes: Uint8Array, sent: SentMessage | undefined): UsualAnswer | undefined {
    this.begin(bytes, sent);
    try {
      return this.answerTo(bytes.length);
    } catch {
      return undefined;
    } finally {
      this.finish();
    }
  }

  private requestTo(end: number): UsualRequest | undefined {
    let hookName: string | undefined;
    let pluginName: string | undefined;
    let payload: Struct | undefined;
    let context: WireContext | undefined;
    while (this.at < end) {
      const tag = this.byte();
      const stop = this.partEnd(end);
      if (tag === requestTags.hookName && hookName === undefined) hookName = this.key(stop);
      else if (tag === requestTags.pluginName && pluginName === undefined) pluginName = this.key(stop);
      else if (tag === requestTags.payload && payload === undefined) payload = this.struct(stop, 1);
      else if (tag === requestTags.context && context === undefined) context = this.contextTo(stop);
      else return undefined;
    }
    if (!hookName || !pluginName || payload === undefined || context === undefined) return undefined;
    return { hookName, pluginName, payload, context };
  }

  private contextTo(end: number): WireContext {
    let globalContext: GlobalContext | undefined;
    let state: Struct | undefined;
    let metadata: Struct | undefined;
    while (this.at < end) {
      const tag = this.byte();
      const stop = this.partEnd(end);
      if (tag === contextTags.global && globalContext === undefined) globalContext = this.globalTo(stop);
      else if (tag === contextTags.state && state === undefined) state = this.struct(stop, 1);
      else if (tag === contextTags.metadata && metadata === undefined) metadata = this.struct(stop, 1);
      else throw unusual;
    }
    if (globalContext === undefined) throw unusual;
    return { globalContext, state: state ?? {}, metadata: metadata ?? {} };
  }

  private globalTo(end: number): GlobalContext {
    let requestId: string | undefined;
    let serverId: string | undefined;
    let tenantId: string | undefined;
    let user: GlobalContext['user'];
    let state: Struct | undefined;
    let metadata: Struct | undefined;
    while (this.at < end) {
      const tag = this.byte();
      const stop = this.partEnd(end);
      if (tag === globalTags.request_id && requestId === undefined) requestId = this.text(stop);
      else if (tag === globalTags.server_id && serverId === undefined) serverId = this.key(stop);
      else if (tag === globalTags.tenant_id && tenantId === undefined) tenantId = this.key(stop);
      else if (tag === globalTags.userString && user === undefined) user = this.text(stop);
      else if (tag === globalTags.userStruct && user === undefined) user = this.struct(stop, 1);
      else if (tag === globalTags.metadata && metadata === undefined) metadata = this.struct(stop, 1);
      else if (tag === globalTags.state && state === undefined) state = this.struct(stop, 1);
      else throw unusual;
    }
    const globalContext: GlobalContext = { requestId: requestId ?? '', state: state ?? {}, metadata: metadata ?? {} };
    // Proto3 does not tell an empty text from an absent one.
    if (serverId) globalContext.serverId = serverId;
    if (tenantId) globalContext.tenantId = tenantId;
    if (user !== undefined) globalContext.user = user;
    return globalContext;
  }

  private answerTo(end: number): UsualAnswer | undefined {
    let pluginName: string | undefined;
    let result: Struct | undefined;
    let context: Struct | undefined;
    while (this.at < end) {
      const tag = this.byte();
      const stop = this.partEnd(end);
      if (tag === answerTags.pluginName && pluginName === undefined) pluginName = this.key(stop);
      else if (tag === answerTags.result && result === undefined) result = this.struct(stop, 1);
      else if (tag === answerTags.context && context === undefined) context = this.returnedTo(stop);
      else return undefined;
    }
    if (pluginName === undefined || result === undefined) return undefined;
    return { pluginName, result, context };
  }

  /** What an answer gives back: of the request itself, its state alone. */
  private returnedTo(end: number): Struct {
    let global: Struct | undefined;
    let state: Struct | undefined;
    let metadata: Struct | undefined;
    let isGlobalRead = false;
    while (this.at < end) {
      const tag = this.byte();
      const stop = this.partEnd(end);
      if (tag === contextTags.global && !isGlobalRead) {
        isGlobalRead = true;
        global = this.returnedStateTo(stop);
      } else if (tag === contextTags.state && state === undefined) state = this.struct(stop, 1);
      else if (tag === contextTags.metadata && metadata === undefined) metadata = this.struct(stop, 1);
      else throw unusual;
    }
    const context: Struct = { state: state ?? {}, metadata: metadata ?? {} };
    if (global !== undefined) context['global_context'] = { state: global };
    return context;
  }

  private returnedStateTo(end: number): Struct | undefined {
    let state: Struct | undefined;
    while (this.at < end) {
      const tag = this.byte();
      const stop = this.partEnd(end);
      if (tag === globalTags.state && state === undefined) state = this.struct(stop, 1);
      else if (tag === globalTags.userStruct || tag === globalTags.metadata) this.at = stop;
      else if (isGlobalText(tag)) this.passAscii(stop);
      else throw unusual;
    }
    return state;
  }

  /** Passes over a text that is one for certain. */
  private passAscii(stop: number): void {
    while (this.at < stop) if (this.byte() > 0x7f) throw unusual;
  }

  /** Where a part ends whose length begins here. */
  private partEnd(end: number): number {
    let length = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.at < end ? this.byte() : 0xff;
      length |= (byte & 0x7f) << shift;
      if (byte > 0x7f) continue;
      if (length > end - this.at) throw unusual;
      return this.at + length;
    }
    throw unusual;
  }
}

function isGlobalText(tag: number): boolean {
  return (
    tag === globalTags.request_id ||
    tag === globalTags.server_id ||
    tag === globalTags.tenant_id ||
    tag === globalTags.userString
  );
}

/** A message is none of the usual ones, or none at all. */
const unusual = Symbol('unusual');

const reader = new UsualMessageReader();

/** A hook call, if it is a usual one. */
export function readUsualRequest(bytes: Uint8Array): UsualRequest | undefined {
  return reader.request(bytes);
}

/**
 * The answer to a hook call, if it is a usual one.
 *
 * @param sent the message that it is the answer to
 */
export function readUsualAnswer(bytes: Uint8Array, sent: SentMessage | undefined): UsualAnswer | undefined {
  return reader.answer(bytes, sent);
}
