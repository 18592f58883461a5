/** Keys of clients' files that change nothing here, and why not. They are warned of where they hold something. */
export const ignoredKeys: Readonly<Record<string, string>> = {
  autoApprove: 'approval is up to the client in front of the gateway, and to the rules',
  alwaysAllow: 'approval is up to the client in front of the gateway, and to the rules',
  trust: 'approval is up to the client in front of the gateway, and to the rules',
  alwaysLoad: 'what a client loads is up to the client',
  dev: 'a server is not restarted when its files change',
  tags: 'servers are not chosen by tags',
  gallery: 'it says where a client found the server',
  version: 'it says what a client found',
};

/**
 * Keys of clients' files that would guard or authorise something, or say how a server is reached, in a way that is not
 * there: a server that has one is not used, because it would run without what was asked for.
 */
export const refusedKeys: Readonly<Record<string, string>> = {
  headersHelper: 'headers of a command are not supported; give them in `headers`, with ${NAME} or ${file:PATH}',
  sandbox: 'sandboxes are not supported; put the sandbox into `command`',
  sandboxEnabled: 'sandboxes are not supported; put the sandbox into `command`',
  auth: 'write it as `oauth`, or as the header Authorization in `headers`',
  include_tags: 'tags of tools are not supported; write `tools: { "allow": [...] }`',
  exclude_tags: 'tags of tools are not supported; write `tools: { "deny": [...] }`',
  includeTools: 'write it as `tools: { "allow": [...] }`',
  enabled_tools: 'write it as `tools: { "allow": [...] }`',
  excludeTools: 'write it as `tools: { "deny": [...] }`',
  disabled_tools: 'write it as `tools: { "deny": [...] }`',
  httpUrl: 'write it as `url`',
  serverUrl: 'write it as `url`',
};

/** Whether a value of an ignored or refused key asks for nothing. Clients write such keys whether they are used or not. */
export function asksForNothing(value: unknown): boolean {
  if (value === null || value === false || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
