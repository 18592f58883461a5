import type { CallFailure, FailureCode } from './call-failure.js';

/**
 * What records say of a failure in place of its message, which is for the agent that made the call: servers and plugins
 * quote arguments in theirs, and an URL for a login is for one person. Undefined: the message is made of names and rules.
 */
const wordsFor: Readonly<Record<FailureCode, string | undefined>> = {
  INVALID_AGENT_ID: undefined,
  FALLBACK_AGENT_NOT_IN_RULES: undefined,
  NO_FALLBACK_CONFIGURED: undefined,
  DENIED_BY_POLICY: undefined,
  SERVER_NOT_FOUND: undefined,
  TOOL_NOT_FOUND: undefined,
  PROMPT_NOT_FOUND: undefined,
  RESOURCE_NOT_FOUND: 'no server offers the resource, or more than one could mean it',
  INVALID_ARGUMENTS: 'the arguments are not those of the request',
  BLOCKED_BY_PLUGIN: 'a plugin blocked the call',
  PLUGIN_FAILED: 'a plugin failed',
  SERVER_UNAVAILABLE: 'the server cannot be reached',
  LOGIN_NEEDED: 'the server needs a login',
  REFUSED_BY_SERVER: 'the server answered with an error',
  OUTCOME_UNKNOWN: 'the connection was lost during the call: nobody knows whether the server carried it out',
  TOO_LARGE: 'the request or the answer is too large',
  BUSY: 'too many calls wait for the server',
  TIMEOUT: 'the time of the call was over',
  CANCELLED: 'nobody waited for the answer any more',
  INTERNAL_ERROR: 'the gateway could not carry out the call',
};

/** Why there is no result, in words that hold neither arguments nor what servers and plugins said. */
export function recordedReason({ code, message, details }: CallFailure): string {
  if (details.reason !== undefined) return details.reason;
  const words = wordsFor[code];
  if (words === undefined) return message;
  const { rpcCode, violationCode } = details;
  if (code === 'BLOCKED_BY_PLUGIN') return violationCode === undefined ? words : `${words}: ${violationCode}`;
  return code === 'REFUSED_BY_SERVER' && rpcCode !== undefined ? `${words}: ${rpcCode}` : words;
}
