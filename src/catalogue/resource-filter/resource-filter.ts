import type { Violation } from '../../hooks/hook-result.js';
import { definePlugin } from '../../plugins/define-plugin.js';
import { isWithin, splitUri } from '../values/uri-split.js';
import { filteredResource, filteredValue } from './content-filter.js';
import { type ResourceFilterSettings, settingsSchema } from './settings.js';

/** Says which resources may be fetched, and takes out of them what nobody should see. */
export const resourceFilter = definePlugin({
  config: settingsSchema,
  // Its notes in the metadata of a request are for hosts to read: nothing passes for want of them.
  changesPayloads: ({ config }) => config.content_filters.length > 0,
  hooks: {
    resource_pre_fetch(payload, { plugin: { config }, globalContext, state }) {
      const { uri, metadata } = payload;
      const checked = checkedUri(uri, config);
      if (typeof checked !== 'string') return { continueProcessing: false, violation: checked };
      state['original_uri'] = uri;
      const noted = {
        ...metadata,
        validated: true,
        protocol: checked,
        request_id: globalContext.requestId,
        user: globalContext.user ?? null,
        resource_filter_plugin: 'pre_fetch_validated',
        allowed_size: config.max_content_size,
      };
      return { modifiedPayload: { ...payload, metadata: noted }, metadata: { validation: 'passed' } };
    },
    resource_post_fetch(payload, { plugin: { config }, state }) {
      const { content, violation } = filteredResource(payload.content, config, { uri: payload.uri });
      if (violation !== undefined) return { continueProcessing: false, violation };
      const changed = content !== payload.content;
      const metadata = { filtered: changed, original_uri: state['original_uri'] ?? null };
      return { ...(changed && { modifiedPayload: { ...payload, content } }), metadata };
    },
    prompt_post_fetch(payload, { plugin: { config } }) {
      const name = { prompt_id: payload.promptId };
      const { content, violation } = filteredValue(payload.result, config, name);
      if (violation !== undefined) return { continueProcessing: false, violation };
      return content === payload.result ? {} : { modifiedPayload: { ...payload, result: content } };
    },
    tool_post_invoke(payload, { plugin: { config } }) {
      const { content, violation } = filteredValue(payload.result, config, { tool: payload.name });
      if (violation !== undefined) return { continueProcessing: false, violation };
      return content === payload.result ? {} : { modifiedPayload: { ...payload, result: content } };
    },
  },
});

/** The scheme of a URI that may be fetched, or why it may not. */
function checkedUri(uri: string, config: ResourceFilterSettings): string | Violation {
  const split = splitUri(uri);
  if (split === undefined) {
    const description = 'Could not parse resource URI';
    return { reason: 'Invalid URI', description, code: 'INVALID_URI', details: { uri } };
  }
  const { scheme, hosts, authority } = split;
  if (scheme === '') {
    const description = 'URI must have a valid scheme (protocol)';
    return { reason: 'Invalid URI format', description, code: 'INVALID_URI', details: { uri } };
  }
  const { allowed_protocols: allowed, blocked_domains: blocked } = config;
  if (!allowed.includes(scheme)) {
    return {
      reason: 'Protocol not allowed',
      description: `Protocol '${scheme}' is not in allowed list`,
      code: 'PROTOCOL_BLOCKED',
      details: { uri, protocol: scheme, allowed: [...allowed] },
    };
  }
  const seen = hosts.find((host) => isWithin(host, blocked));
  if (seen === undefined) return scheme;
  const domain = authority === '' ? seen : authority;
  return {
    reason: 'Domain is blocked',
    description: `Domain '${domain}' is in blocked list`,
    code: 'DOMAIN_BLOCKED',
    details: { uri, domain },
  };
}
