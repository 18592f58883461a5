import { definePlugin, PluginError, PluginViolationError } from 'gatechart';

/** The suite's plugin. The name of what is guarded says what to do; `../python/guard.py` does the same. */
const violation = { reason: 'no', description: 'not allowed', code: 'NO' };

/** Fields that may be absent, as JavaScript programs often write them: the types have no null. @type {object} */
const nulls = { modifiedPayload: null, violation: null, metadata: null, httpHeaders: null };
/** @type {object} */
const nullsOfViolation = { details: null, httpHeaders: null };

/** @param {number} seconds */
const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** @param {Record<string, unknown>} values @param {string} name */
const numberIn = (values, name) => (typeof values[name] === 'number' ? values[name] : 0);

/** @param {import('gatechart').UserContext | null | undefined} user */
const seenUser = (user) =>
  user
    ? {
        user_id: user.userId,
        email: user.email ?? null,
        full_name: user.fullName ?? null,
        is_admin: user.isAdmin ?? false,
        groups: user.groups ?? [],
        roles: user.roles ?? [],
        team_id: user.teamId ?? null,
        teams: user.teams ?? null,
        department: user.department ?? null,
        attributes: user.attributes ?? {},
        auth_method: user.authMethod ?? null,
        authenticated_at: user.authenticatedAt ?? null,
        service_account: user.serviceAccount ?? null,
        delegation_chain: user.delegationChain ?? [],
      }
    : null;

/** @param {import('gatechart').PluginContext} context */
const seenContext = ({ globalContext: seen, state, metadata }) => ({
  request_id: seen.requestId,
  user: seen.user ?? null,
  tenant_id: seen.tenantId ?? null,
  server_id: seen.serverId ?? null,
  content_type: seen.contentType ?? null,
  user_context: seenUser(seen.userContext),
  state: { ...state },
  metadata: { ...metadata },
  global_state: { ...seen.state },
  global_metadata: { ...seen.metadata },
});

export const Guard = definePlugin({
  hooks: {
    async tool_pre_invoke(payload, context) {
      const args = payload.args ?? {};
      switch (payload.name) {
        case 'modify':
          return {
            modifiedPayload: { name: 'modified', args: { ...args, touched: true }, headers: { 'x-touched': 'yes' } },
          };
        case 'modify-args':
          return { modifiedPayload: { ...payload, args: { ...args, touched: true } } };
        case 'mirror':
          return { modifiedPayload: payload, metadata: { args } };
        case 'annotate':
          return { metadata: { seen: payload.name, count: 1 } };
        case 'headers':
          return { httpHeaders: { 'x-answer': '42' }, retryDelayMs: 250 };
        case 'block-plain':
          return { continueProcessing: false, violation };
        case 'block-detailed':
          return {
            continueProcessing: false,
            violation: {
              reason: 'denied',
              description: 'because',
              code: 'DENIED',
              details: args,
              mcpErrorCode: -32001,
              httpStatusCode: 429,
              httpHeaders: { 'retry-after': '3' },
            },
            metadata: { rule: 7 },
          };
        case 'block-and-modify':
          return { continueProcessing: false, violation, modifiedPayload: { ...payload, args: { gone: true } } };
        case 'block-with-numbers':
          return {
            continueProcessing: false,
            violation,
            denialMetadata: { score: 0.5, strict: true, count: 2n ** 53n + 1n },
          };
        case 'stop-without-violation':
          return { continueProcessing: false };
        case 'report-without-stop':
          return { violation: { reason: 'odd', description: 'worth a look', code: 'ODD' } };
        case 'raise-plain':
          throw new Error('boom');
        case 'raise-typed':
          throw new PluginError({
            message: 'typed boom',
            pluginName: 'Guard',
            code: 'BOOM',
            details: args,
            mcpErrorCode: -32050,
          });
        case 'throw-violation':
          throw new PluginViolationError('tool_pre_invoke', 'Guard', { ...violation, details: args });
        case 'throw-nothing':
          throw new PluginViolationError('tool_pre_invoke', 'Guard', undefined);
        case 'answer-nulls':
          return nulls;
        case 'block-with-nulls':
          return {
            ...nulls,
            continueProcessing: false,
            violation: { ...violation, description: '', ...nullsOfViolation },
            retryDelayMs: -5,
          };
        case 'delay-below-zero':
          return { retryDelayMs: -5 };
        case 'remember-and-raise':
          context.state['kept'] = args;
          context.globalContext.state ??= {};
          context.globalContext.state['trace'] = args;
          throw new Error('boom');
        case 'sleep':
          await pause(numberIn(args, 'seconds'));
          return { metadata: { slept: args['seconds'], tag: args['tag'] ?? null } };
        case 'remember':
          context.state['count'] = numberIn(context.state, 'count') + 1;
          context.state['kept'] = args;
          context.metadata['note'] = 'local';
          context.globalContext.state ??= {};
          context.globalContext.state['trace'] = { by: 'guard', args };
          return {};
        case 'forget':
          for (const values of [context.state, context.metadata, context.globalContext.state ?? {}])
            for (const key of Object.keys(values)) delete values[key];
          return {};
        case 'forget-one':
          delete context.state['count'];
          context.metadata['note'] = 'changed';
          return {};
        case 'witness':
          return {
            metadata: {
              payload: { name: payload.name, args, headers: payload.headers ?? null },
              context: seenContext(context),
            },
          };
        case 'tag':
          await pause(numberIn(args, 'seconds'));
          return { modifiedPayload: { ...payload, args: { answer: args['tag'] } } };
        default:
          return {};
      }
    },

    tool_post_invoke(payload, context) {
      switch (payload.name) {
        case 'wrap':
          return { modifiedPayload: { name: payload.name, result: { wrapped: payload.result } } };
        case 'mirror':
          return { modifiedPayload: payload };
        case 'recall':
          return { metadata: seenContext(context) };
        case 'block-plain':
          return { continueProcessing: false, violation };
        default:
          return {};
      }
    },

    prompt_pre_fetch: (payload) => ({ modifiedPayload: payload }),
    prompt_post_fetch: (payload) => ({ modifiedPayload: payload }),
    resource_pre_fetch: (payload) => ({ modifiedPayload: payload }),
    resource_post_fetch: (payload) => ({ modifiedPayload: payload }),
    agent_pre_invoke: (payload) => ({ modifiedPayload: payload }),
    agent_post_invoke: (payload) => ({ modifiedPayload: payload }),
    http_pre_request: (payload) => ({ modifiedPayload: { ...payload.headers, 'x-path': payload.path } }),
    http_auth_check_permission: (payload) => ({
      modifiedPayload: { granted: payload.permission !== 'tools.delete', reason: payload.permission },
    }),
    http_auth_resolve_user: (payload) => ({
      modifiedPayload: { email: 'ada@example.com', credentials: payload.credentials ?? null, is_admin: false },
    }),
  },
});
