import { z } from 'zod';
import { builtInHook } from './built-in-hook.js';
import type { HookTypes, Subject } from './hook.js';
import { messageHooks } from './cmf/message-hooks.js';
import { mergeHeaders } from './headers.js';
import { identityHooks } from './identity/identity-hooks.js';
import { anyRecord, textRecord } from './record-schemas.js';

const promptPreFetch = builtInHook({
  name: 'prompt_pre_fetch',
  payload: () => z.object({ promptId: z.string(), args: textRecord.optional() }),
  emptyIsAbsent: ['args'],
  subject: { list: 'prompts', of: (payload) => payload.promptId },
});

const promptPostFetch = builtInHook({
  name: 'prompt_post_fetch',
  payload: () => z.object({ promptId: z.string(), result: z.unknown() }),
  subject: { list: 'prompts', of: (payload) => payload.promptId },
});

const toolPreInvoke = builtInHook({
  name: 'tool_pre_invoke',
  payload: () => z.object({ name: z.string(), args: anyRecord.optional(), headers: textRecord.optional() }),
  headerFields: ['headers'],
  emptyIsAbsent: ['args'],
  subject: { list: 'tools', of: (payload) => payload.name },
});

const toolPostInvoke = builtInHook({
  name: 'tool_post_invoke',
  payload: () => z.object({ name: z.string(), result: z.unknown() }),
  subject: { list: 'tools', of: (payload) => payload.name },
});

const toolListPost = builtInHook({
  name: 'tool_list_post',
  payload: () => z.object({ server: z.string(), tools: z.array(anyRecord) }),
  subjects: ({ tools }) => subjectsOf(tools),
});

/** None if some tool has no name: whoever guards only some tools must see what it cannot tell from them. */
function subjectsOf(tools: readonly Readonly<Record<string, unknown>>[]): readonly Subject[] {
  const subjects: Subject[] = [];
  for (const { name } of tools) {
    if (typeof name !== 'string') return [];
    subjects.push({ list: 'tools', name });
  }
  return subjects;
}

const resourcePreFetch = builtInHook({
  name: 'resource_pre_fetch',
  payload: () => z.object({ uri: z.string(), metadata: anyRecord.optional() }),
  emptyIsAbsent: ['metadata'],
  subject: { list: 'resources', of: (payload) => payload.uri },
});

const resourcePostFetch = builtInHook({
  name: 'resource_post_fetch',
  payload: () => z.object({ uri: z.string(), content: z.unknown() }),
  subject: { list: 'resources', of: (payload) => payload.uri },
});

const agentPreInvoke = builtInHook({
  name: 'agent_pre_invoke',
  payload: () =>
    z.object({
      agentId: z.string(),
      messages: z.array(z.unknown()),
      tools: z.array(z.string()).optional(),
      headers: textRecord.optional(),
      model: z.string().optional(),
      systemPrompt: z.string().optional(),
      parameters: anyRecord.optional(),
    }),
  headerFields: ['headers'],
  emptyIsAbsent: ['parameters'],
  subject: { list: 'agents', of: (payload) => payload.agentId },
});

const agentPostInvoke = builtInHook({
  name: 'agent_post_invoke',
  payload: () =>
    z.object({
      agentId: z.string(),
      messages: z.array(z.unknown()),
      toolCalls: z.array(anyRecord).optional(),
    }),
  subject: { list: 'agents', of: (payload) => payload.agentId },
});

const httpRequest = () => ({
  path: z.string(),
  method: z.string(),
  clientHost: z.string().optional(),
  clientPort: z.int().optional(),
  headers: textRecord,
});

const httpPreRequest = builtInHook({
  name: 'http_pre_request',
  payload: () => z.object(httpRequest()),
  headerFields: ['headers'],
  result: () => textRecord,
  resultIsHeaders: true,
  combine: (earlier, later) => mergeHeaders(earlier, later),
  applyToPayload: (payload, headers) => ({ ...payload, headers: mergeHeaders(payload.headers, headers) }),
});

const httpPostRequest = builtInHook({
  name: 'http_post_request',
  payload: () =>
    z.object({
      ...httpRequest(),
      responseHeaders: textRecord.optional(),
      statusCode: z.int().optional(),
    }),
  headerFields: ['headers', 'responseHeaders'],
  result: () => textRecord,
  resultIsHeaders: true,
  combine: (earlier, later) => mergeHeaders(earlier, later),
  applyToPayload: (payload, headers) => ({
    ...payload,
    responseHeaders: mergeHeaders(payload.responseHeaders, headers),
  }),
});

const httpAuthResolveUser = builtInHook({
  name: 'http_auth_resolve_user',
  payload: () =>
    z.object({
      credentials: anyRecord.optional(),
      headers: textRecord,
      clientHost: z.string().optional(),
      clientPort: z.int().optional(),
    }),
  headerFields: ['headers'],
  result: () => anyRecord,
});

const httpAuthCheckPermission = builtInHook({
  name: 'http_auth_check_permission',
  payload: () =>
    z.object({
      userEmail: z.string(),
      permission: z.string(),
      resourceType: z.string().optional(),
      teamId: z.string().optional(),
      isAdmin: z.boolean().default(false),
      authMethod: z.string().optional(),
      clientHost: z.string().optional(),
      userAgent: z.string().optional(),
    }),
  result: () => z.object({ granted: z.boolean(), reason: z.string().optional() }),
  combine: (earlier, later) => (earlier.granted ? later : earlier),
  // Of what is no result as well: what is not granted in so many words is not.
  denies: ({ granted }) => !Object.is(granted, true),
  reportsDecision: true,
});

/** The hooks of the plugin framework. */
export const builtInHooks = [
  promptPreFetch,
  promptPostFetch,
  toolPreInvoke,
  toolPostInvoke,
  toolListPost,
  resourcePreFetch,
  resourcePostFetch,
  agentPreInvoke,
  agentPostInvoke,
  httpPreRequest,
  httpPostRequest,
  httpAuthResolveUser,
  httpAuthCheckPermission,
  ...messageHooks,
  ...identityHooks,
] as const;

/** Payload and result of each built-in hook, by its name. */
export type BuiltInHooks = HookTypes<typeof builtInHooks>;

export type PromptPreFetchPayload = BuiltInHooks['prompt_pre_fetch']['payload'];
export type PromptPostFetchPayload = BuiltInHooks['prompt_post_fetch']['payload'];
export type ToolPreInvokePayload = BuiltInHooks['tool_pre_invoke']['payload'];
export type ToolPostInvokePayload = BuiltInHooks['tool_post_invoke']['payload'];
export type ToolListPostPayload = BuiltInHooks['tool_list_post']['payload'];
export type ResourcePreFetchPayload = BuiltInHooks['resource_pre_fetch']['payload'];
export type ResourcePostFetchPayload = BuiltInHooks['resource_post_fetch']['payload'];
export type AgentPreInvokePayload = BuiltInHooks['agent_pre_invoke']['payload'];
export type AgentPostInvokePayload = BuiltInHooks['agent_post_invoke']['payload'];
export type HttpPreRequestPayload = BuiltInHooks['http_pre_request']['payload'];
export type HttpPostRequestPayload = BuiltInHooks['http_post_request']['payload'];
export type HttpAuthResolveUserPayload = BuiltInHooks['http_auth_resolve_user']['payload'];
export type HttpAuthCheckPermissionPayload = BuiltInHooks['http_auth_check_permission']['payload'];
export type HttpAuthCheckPermissionResult = BuiltInHooks['http_auth_check_permission']['result'];
