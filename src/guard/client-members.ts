/**
 * What an MCP SDK client has beside the guarded calls, in versions 1 and 2, that brings nothing a hook would look at.
 * Whatever is not in the list is refused: a new way to call a tool must not be a way round the guard.
 */
export const harmlessMembers: ReadonlySet<string> = new Set([
  'assertCanSetRequestHandler',
  'close',
  'complete',
  'connect',
  'discover',
  'fallbackNotificationHandler',
  'fallbackRequestHandler',
  'getDiscoverResult',
  'getInstructions',
  'getNegotiatedProtocolVersion',
  'getProtocolEra',
  'getServerCapabilities',
  'getServerVersion',
  'listPrompts',
  'listResourceTemplates',
  'listResources',
  'listTools',
  'listen',
  'notification',
  'onclose',
  'onerror',
  'ping',
  'registerCapabilities',
  'removeNotificationHandler',
  'removeRequestHandler',
  'sendRootsListChanged',
  'setLoggingLevel',
  'setNotificationHandler',
  'setRequestHandler',
  'setVersionNegotiation',
  'subscribeResource',
  'unsubscribeResource',
]);

/** The members that a program may set. */
export const settableMembers: ReadonlySet<string> = new Set([
  'fallbackNotificationHandler',
  'fallbackRequestHandler',
  'onclose',
  'onerror',
]);

/** What `request` may ask for without a hook. */
export const harmlessRequests: ReadonlySet<string> = new Set([
  'completion/complete',
  'logging/setLevel',
  'ping',
  'prompts/list',
  'resources/list',
  'resources/subscribe',
  'resources/templates/list',
  'resources/unsubscribe',
  'server/discover',
  'tools/list',
]);
