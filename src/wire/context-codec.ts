import { z } from 'zod';
import type { GlobalContext } from '../context/global-context.js';
import { anyRecord } from '../hooks/record-schemas.js';
import type { NamedCallContext } from '../context/named-call-context.js';
import type { ReadableContext } from '../context/readable-context.js';
import { isEmpty, isPlainObject, isRecord } from '../json/records.js';
import { joined, unknownKeys } from './ignored-fields.js';
import { requireJson } from '../json/json-data.js';
import { decodeUserContext, encodeUserContext, isGiven, userContextWire } from './user-context-codec.js';
import { type Decoded, issueOf } from './wire-issue.js';

/** What crosses the wire beside a payload: the request, and what one plugin keeps for it. */
export type WireContext = Required<NamedCallContext>;

/** What a host takes back from an answer. A member is absent where the answer does not have it. */
export interface ReturnedContext {
  readonly state?: Record<string, unknown>;
  readonly metadata?: Record<string, unknown>;
  readonly globalState?: Record<string, unknown>;
}

const text = z.string().nullish();

const contextWire = z.object({
  state: anyRecord.nullish(),
  metadata: anyRecord.nullish(),
  global_context: z.object({
    request_id: z.string(),
    user: z.union([z.string(), anyRecord], 'a string or an object').nullish(),
    user_context: userContextWire.nullish(),
    tenant_id: text,
    server_id: text,
    content_type: text,
    state: anyRecord.nullish(),
    metadata: anyRecord.nullish(),
  }),
});

const returnedWire = z.object({
  state: anyRecord.nullish(),
  metadata: anyRecord.nullish(),
  global_context: z.object({ state: anyRecord.nullish() }).nullish(),
});

const contextKeys = new Set(Object.keys(contextWire.shape));
const globalKeys = new Set(Object.keys(contextWire.shape.global_context.shape));
const userKeys = new Set(Object.keys(userContextWire.shape));

/** All names that a context has on the wire. */
export const contextNames: readonly string[] = [...contextKeys, ...globalKeys, ...userKeys];

/** The places of what is not read of a context from the other side. */
export function unknownContextFields(wire: unknown): readonly string[] {
  if (!isRecord(wire)) return [];
  const { global_context: global } = wire;
  const user = isRecord(global) ? global['user_context'] : undefined;
  return joined(
    joined(unknownKeys(wire, contextKeys, 'context'), unknownKeys(global, globalKeys, 'context.global_context')),
    unknownKeys(user, userKeys, 'context.global_context.user_context'),
  );
}

/**
 * Refuses a context that JSON cannot say, as `requireJson` does for payloads.
 *
 * @throws GatechartError PAYLOAD_INVALID
 */
export function requireJsonContext({ globalContext, state, metadata }: ReadableContext): void {
  requireJson(state, 'context.state');
  requireJson(metadata, 'context.metadata');
  const { user, userContext } = globalContext;
  if (isGiven(user)) requireJson(user, 'context.global_context.user');
  if (isGiven(userContext)) requireJson(userContext, 'context.global_context.user_context');
  if (isGiven(globalContext.state)) requireJson(globalContext.state, 'context.global_context.state');
  if (isGiven(globalContext.metadata)) requireJson(globalContext.metadata, 'context.global_context.metadata');
}

/** For a request: absent and null fields are left out. */
export function encodeRequestContext({ globalContext, state, metadata }: ReadableContext): Record<string, unknown> {
  const encoded: Record<string, unknown> = { request_id: globalContext.requestId };
  const { user, userContext, tenantId, serverId, contentType } = globalContext;
  if (isGiven(user)) encoded['user'] = user;
  if (isGiven(userContext)) encoded['user_context'] = encodeUserContext(userContext, false);
  if (isGiven(tenantId)) encoded['tenant_id'] = tenantId;
  if (isGiven(serverId)) encoded['server_id'] = serverId;
  if (isGiven(contentType)) encoded['content_type'] = contentType;
  encoded['state'] = globalContext.state ?? {};
  encoded['metadata'] = globalContext.metadata ?? {};
  return { state, global_context: encoded, metadata };
}

/**
 * What {@link encodeRequestContext} made, as `JSON.stringify` writes it, which takes twice as long for the empty records that most
 * contexts are made of.
 */
export function contextText({ state, global_context: global, metadata }: Readonly<Record<string, unknown>>): string {
  const request = isRecord(global) ? global : {};
  const { request_id: id, user, user_context: userContext } = request;
  const { tenant_id: tenant, server_id: server, content_type: contentType } = request;
  const who = member('request_id', id) + member('user', user) + member('user_context', userContext);
  const what = member('tenant_id', tenant) + member('server_id', server) + member('content_type', contentType);
  const records = `"state":${recordText(request['state'])},"metadata":${recordText(request['metadata'])}`;
  return `{"state":${recordText(state)},"global_context":{${who}${what}${records}},"metadata":${recordText(metadata)}}`;
}

/** A member with a comma behind it; nothing where it is absent, or JSON cannot say it. */
function member(name: string, value: unknown): string {
  const text: string | undefined = value === undefined ? undefined : JSON.stringify(value);
  return text === undefined ? '' : `"${name}":${text},`;
}

function recordText(record: unknown): string {
  return isRecord(record) && isEmpty(record) ? '{}' : JSON.stringify(record);
}

/** For an answer: every field written out; undefined where nothing is kept, because then answers have no context. */
export function encodeAnswerContext({
  globalContext,
  state,
  metadata,
}: Readonly<WireContext>): Record<string, unknown> | undefined {
  const globalState = globalContext.state ?? {};
  if (isEmpty(state) && isEmpty(metadata) && isEmpty(globalState)) return undefined;
  const userContext = globalContext.userContext ?? null;
  return {
    state,
    global_context: {
      request_id: globalContext.requestId,
      user: globalContext.user ?? null,
      user_context: userContext === null ? null : encodeUserContext(userContext, true),
      tenant_id: globalContext.tenantId ?? null,
      server_id: globalContext.serverId ?? null,
      content_type: globalContext.contentType ?? null,
      state: globalState,
      metadata: globalContext.metadata ?? {},
    },
    metadata,
  };
}

/** Reads the context of a request. */
export function decodeRequestContext(wire: unknown): Decoded<WireContext> {
  const parsed = contextWire.safeParse(wire);
  if (!parsed.success) return { ok: false, issue: issueOf(parsed.error, wire, 'context') };
  const { global_context: given, state, metadata } = parsed.data;
  const globalContext: GlobalContext = {
    requestId: given.request_id,
    state: given.state ?? {},
    metadata: given.metadata ?? {},
  };
  if (isGiven(given.user)) globalContext.user = given.user;
  if (isGiven(given.user_context)) {
    globalContext.userContext = decodeUserContext(given.user_context);
  }
  if (isGiven(given.tenant_id)) globalContext.tenantId = given.tenant_id;
  if (isGiven(given.server_id)) globalContext.serverId = given.server_id;
  if (isGiven(given.content_type)) globalContext.contentType = given.content_type;
  return { ok: true, value: { globalContext, state: state ?? {}, metadata: metadata ?? {} } };
}

/** Reads the context of an answer, of which a host takes back only what plugins may write. */
export function decodeReturnedContext(wire: unknown): Decoded<ReturnedContext> {
  const parsed = isReturned(wire) ? { success: true as const, data: wire } : returnedWire.safeParse(wire);
  if (!parsed.success) return { ok: false, issue: issueOf(parsed.error, wire, 'context') };
  const { state, metadata, global_context: globalContext } = parsed.data;
  const value: { -readonly [Name in keyof ReturnedContext]: ReturnedContext[Name] } = {};
  if (state) value.state = state;
  if (metadata) value.metadata = metadata;
  if (globalContext?.state) value.globalState = globalContext.state;
  return { ok: true, value };
}

/** What the schema accepts, in a tenth of the time; the schema says what is wrong with what it does not. */
function isReturned(wire: unknown): wire is z.infer<typeof returnedWire> {
  if (!isRecord(wire)) return false;
  const { state, metadata, global_context: global } = wire;
  const isGlobal = !isGiven(global) || (isRecord(global) && isRecordIfAny(global['state']));
  return isGlobal && isRecordIfAny(state) && isRecordIfAny(metadata);
}

function isRecordIfAny(value: unknown): boolean {
  return !isGiven(value) || isPlainObject(value);
}
