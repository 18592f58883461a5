import { definePlugin } from 'gatechart';

/**
 * The suite's plugin on messages and identities; `../python/messages.py` does the same.
 *
 * @param {import('gatechart').MessagePayload} payload
 * @returns {import('gatechart').PluginResult<import('gatechart').MessagePayload>}
 */
function judge(payload) {
  const { message, hook } = payload;
  for (const part of message.content) {
    if (part.contentType !== 'tool_call' || part.content.name !== 'forbidden') continue;
    const violation = { reason: 'no', description: part.content.name, code: 'NO', details: {} };
    return { continueProcessing: false, violation };
  }
  /** @type {import('gatechart').ContentPart} */
  const seen = { contentType: 'text', text: `seen at ${hook}` };
  const content = [...message.content, seen];
  return {
    modifiedPayload: { ...payload, message: { ...message, content, channel: 'final' } },
    metadata: { parts: content.length },
  };
}

export const Messages = definePlugin({
  hooks: {
    evaluate: judge,
    'cmf.llm_input': judge,
    'cmf.tool_pre_invoke': judge,
    identity_resolve({ rawToken, headers, clientPort }) {
      if (rawToken === 'expired')
        return { modifiedPayload: { rejected: true, rejectStatus: 403, rejectReason: 'expired' } };
      /** @type {import('gatechart').SubjectExtension} */
      const subject = { id: headers['Who'] ?? '', type: 'user', roles: ['reader'], claims: { someKey: rawToken } };
      return { modifiedPayload: { subject, rawClaims: { aKey: clientPort ?? null } } };
    },
    token_delegate: ({ bearerToken, targetName, routeAttenuation }) => ({
      modifiedPayload: {
        delegatedToken: `${bearerToken} for ${targetName}`,
        forwardedHeaders: { 'X-Scopes': (routeAttenuation?.capabilities ?? []).join(',') },
        delegationUpdate: { originSubjectId: 'alice', delegated: true, depth: 1 },
        cacheTtl: 60,
      },
    }),
  },
});
