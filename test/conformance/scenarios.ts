/** What the suite requires of servers that speak 2025-11-25. */
const scoredOfServers = [
  'server-initialize',
  'logging-set-level',
  'ping',
  'completion-complete',
  'tools-list',
  'tools-call-simple-text',
  'tools-call-image',
  'tools-call-audio',
  'tools-call-embedded-resource',
  'tools-call-mixed-content',
  'tools-call-with-logging',
  'tools-call-error',
  'tools-call-with-progress',
  'tools-call-sampling',
  'tools-call-elicitation',
  'elicitation-sep1034-defaults',
  'elicitation-sep1330-enums',
  'server-sse-multiple-streams',
  'resources-list',
  'resources-read-text',
  'resources-read-binary',
  'resources-templates-read',
  'resources-subscribe',
  'resources-unsubscribe',
  'prompts-list',
  'prompts-get-simple',
  'prompts-get-with-args',
  'prompts-get-embedded-resource',
  'prompts-get-with-image',
  'dns-rebinding-protection',
];

/** What it runs as well, and does not count. */
const unscoredOfServers = ['server-session-lifecycle', 'json-schema-2020-12', 'server-sse-polling'];

/** All that the newer version runs against a server. */
export const serverScenarios = [...scoredOfServers, ...unscoredOfServers];

/** What the older version does not have. */
export const newServerScenarios: readonly string[] = ['server-session-lifecycle'];

/** What the suite requires of clients that speak 2025-11-25. */
const scoredOfClients = [
  'initialize',
  'tools_call',
  'elicitation-sep1034-client-defaults',
  'sse-retry',
  'auth/metadata-default',
  'auth/metadata-var1',
  'auth/metadata-var2',
  'auth/metadata-var3',
  'auth/basic-cimd',
  'auth/scope-from-www-authenticate',
  'auth/scope-from-scopes-supported',
  'auth/scope-omitted-when-undefined',
  'auth/scope-step-up',
  'auth/scope-retry-limit',
  'auth/token-endpoint-auth-basic',
  'auth/token-endpoint-auth-post',
  'auth/token-endpoint-auth-none',
  'auth/pre-registration',
];

/** Extensions, and what came later. */
const unscoredOfClients = [
  'auth/client-credentials-jwt',
  'auth/client-credentials-basic',
  'auth/enterprise-managed-authorization',
  'auth/dpop',
  'auth/dpop-nonce',
  'auth/wif-jwt-bearer',
  'json-schema-2020-12-preservation',
];

/** All that the newer version runs against a client. */
export const clientScenarios = [...scoredOfClients, ...unscoredOfClients];

/**
 * What the coming revision requires of logins, and this one already allows: each is run on its own. The others of that
 * revision are about its messages, which are not spoken yet.
 */
export const comingLoginScenarios: readonly string[] = [
  'auth/resource-mismatch',
  'auth/offline-access-scope',
  'auth/offline-access-not-supported',
  'auth/iss-supported',
  'auth/iss-not-advertised',
  'auth/iss-supported-missing',
  'auth/iss-wrong-issuer',
  'auth/iss-unexpected',
  'auth/iss-normalized',
  'auth/metadata-issuer-mismatch',
];

/** What fails, and why; the page on conformance says the same. A pass of these is a mistake as well. */
export const expectedFailures: Readonly<Record<string, string>> = {
  'auth/enterprise-managed-authorization': 'no identity provider of a company is asked for tokens',
  'auth/dpop': 'tokens are not bound to a key',
  'auth/dpop-nonce': 'tokens are not bound to a key',
  'auth/wif-jwt-bearer': 'no workload identity is exchanged for tokens',
};
