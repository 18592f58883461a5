import type { GlobalContext } from '../../context/global-context.js';
import { isEmpty, isRecord } from '../../json/records.js';

/** What a span carries. */
export type ExportedAttributes = Record<string, string | boolean>;

const masked = '******';

/** Characters that are written of headers, and of each text of the request: no setting speaks of them. */
const mostOfText = 10_000;

/** What the names of headers have in them whose values are secrets, or may be. Better one too many without its value. */
const secretHeader =
  /auth|cookie|token|secret|key|passw|credential|session|jwt|assertion|signature|identity|vault|cert/i;

export function contextAttributes({ requestId, user, tenantId, serverId }: GlobalContext): ExportedAttributes {
  return {
    request_id: textOf(requestId),
    user: textOf(user),
    tenant_id: textOf(tenantId),
    server_id: textOf(serverId),
  };
}

/** What the host has left of tool and server in the metadata of the request. */
export function targetAttributes({ metadata = {} }: GlobalContext): ExportedAttributes {
  const [tool, gateway] = [recordOf(metadata['tool']), recordOf(metadata['gateway'])];
  return {
    'target_mcp_server.id': textOf(gateway['id']),
    'target_mcp_server.name': textOf(gateway['name']),
    'target_mcp_server.url': textOf(withoutSecrets(gateway['url'])),
    'tool.name': textOf(tool['name']),
    'tool.target_tool_name': textOf(tool['original_name']),
    'tool.description': textOf(tool['description']),
  };
}

/** Headers as JSON, those that carry secrets with nothing but their names. */
export function headersText(headers: Readonly<Record<string, string>> = {}): string {
  const shown = Object.entries(headers).map(([name, value]) => [name, secretHeader.test(name) ? masked : value]);
  return beginningOf(JSON.stringify(Object.fromEntries(shown)), mostOfText);
}

/** A value as JSON, in so many characters at most, each of them whole. */
export function shortened(value: unknown, most: number): string {
  return beginningOf(JSON.stringify(value) ?? 'null', most);
}

function beginningOf(text: string, most: number): string {
  if (text.length <= most) return text;
  let [count, end] = [0, 0];
  for (const character of text) {
    if (++count > most) return `${text.slice(0, end)}...<truncated>`;
    end += character.length;
  }
  return text;
}

/** What a tool says that has nothing to say: an empty list too. */
export function isNothing(content: unknown): boolean {
  return typeof content === 'object' && content !== null ? isEmpty(content) : !content;
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = typeof value === 'string' ? value.toWellFormed() : (JSON.stringify(value) ?? '');
  return beginningOf(text, mostOfText);
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

/** User, password and query of a URL can be secrets. */
function withoutSecrets(url: unknown): string {
  if (typeof url !== 'string' || !URL.canParse(url)) return '';
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
