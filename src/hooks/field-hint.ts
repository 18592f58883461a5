import { suggestionFor } from '../config/suggestion.js';

/** What other systems call the fields of payloads: MCP requests, tool calls of model providers, tracing, HTTP. */
const synonyms: Readonly<Record<string, readonly string[]>> = {
  args: ['arguments', 'params', 'parameters', 'input', 'inputs', 'kwargs', 'toolinput', 'toolargs', 'toolarguments'],
  name: ['tool', 'toolname', 'function', 'functionname', 'method', 'action', 'title'],
  headers: ['httpheaders', 'requestheaders', 'header', 'requestinfo'],
  promptId: ['name', 'id', 'prompt', 'promptname'],
  uri: ['url', 'id', 'href', 'resource', 'resourceuri', 'resourceid', 'path', 'name'],
  agentId: ['agent', 'id', 'name', 'agentname', 'assistantid'],
  result: ['output', 'response', 'content', 'contents', 'value', 'data', 'structuredcontent', 'toolresult', 'messages'],
  content: ['contents', 'text', 'blob', 'result', 'data', 'body', 'resource'],
  metadata: ['meta', 'annotations', 'params', 'arguments', 'args'],
  messages: ['message', 'input', 'history', 'conversation', 'prompt', 'contents'],
  systemPrompt: ['system', 'instructions', 'systeminstruction'],
  parameters: ['params', 'options', 'settings', 'modelparameters', 'args', 'arguments'],
  tools: ['functions', 'toolnames'],
  toolCalls: ['calls', 'functioncalls', 'functioncall', 'tooluses'],
  path: ['url', 'uri', 'pathname', 'route'],
  method: ['verb', 'httpmethod'],
  clientHost: ['ip', 'host', 'remoteaddress', 'clientip', 'remotehost'],
  clientPort: ['port', 'remoteport'],
  responseHeaders: ['resheaders'],
  statusCode: ['status', 'code', 'httpstatus'],
  credentials: ['token', 'auth', 'authorization', 'authentication', 'credential'],
  userEmail: ['email', 'user', 'userid', 'username', 'sub'],
  permission: ['scope', 'action', 'privilege'],
  resourceType: ['resource', 'type'],
  isAdmin: ['admin'],
  arguments: ['args', 'params', 'parameters', 'input', 'kwargs'],
  contentType: ['type', 'kind'],
  rawToken: ['token', 'credential', 'credentials', 'bearer', 'authorization'],
  bearerToken: ['token', 'rawtoken', 'accesstoken', 'authorization'],
  targetName: ['name', 'target', 'tool', 'toolname'],
};

/** Characters of a field's name that are shown. */
const shown = 80;

/** Fields that are named in one message. */
const named = 5;

/** What to say of fields that nobody knows. */
export function unknownFields(fields: readonly string[], known: readonly string[]): string {
  const first = fields.slice(0, named).map((field) => unknownField(field, known));
  return [...first, ...(fields.length > named ? [`${fields.length - named} more unknown fields`] : [])].join('; ');
}

/** What to say of a field that nobody knows, beginning with its name: `arguments: unknown field; did you mean …?` */
export function unknownField(field: string, known: readonly string[]): string {
  const name = field.length <= shown ? field : `${field.slice(0, shown).toWellFormed()}…`;
  const meant = meantBy(field, known);
  if (meant !== undefined) return `${name}: unknown field; did you mean \`${meant}\`?`;
  const expected = known.length === 0 ? 'none' : known.map((one) => `\`${one}\``).join(', ');
  return `${name}: unknown field, expected ${expected}`;
}

function meantBy(field: string, known: readonly string[]): string | undefined {
  const bare = field.toLowerCase().replaceAll(/[^a-z]/g, '');
  const near = suggestionFor(field, known);
  return near ?? known.find((one) => synonyms[one]?.includes(bare) === true);
}
