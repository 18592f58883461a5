import { GatechartError } from '../../errors.js';

const headerName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// oxlint-disable-next-line no-control-regex -- what a header may hold
const headerValue = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;

/** What says how a message is carried, and is not for whoever writes it. */
const ofTheConnection: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Whether a text may be the value of a header. */
export function isHeaderValue(text: string): boolean {
  return headerValue.test(text);
}

/**
 * Headers that are sent with every request, by their names in lower case. No value is ever part of an error.
 *
 * @throws GatechartError CONFIG_INVALID naming a header that cannot be sent
 */
export function headerFields(name: string, headers: Readonly<Record<string, string>>): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [header, value] of Object.entries(headers)) {
    const field = header.toLowerCase();
    const refuse = (what: string): GatechartError =>
      new GatechartError('CONFIG_INVALID', `${name}: the header ${JSON.stringify(header)} ${what}`);
    if (!headerName.test(header)) throw refuse('has a name that no header can have');
    if (ofTheConnection.has(field)) throw refuse('belongs to the connection and cannot be set');
    if (Object.hasOwn(fields, field)) throw refuse('is there twice; its name is the same in lower case');
    if (!isHeaderValue(value)) throw refuse('has a value with characters that no header can have');
    fields[field] = value;
  }
  return fields;
}
