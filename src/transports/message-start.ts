/** Members that may come before the one that tells what kind of message it is. */
const beginning = /^\s*\{\s*((?:"(?:jsonrpc|id)"\s*:\s*(?:"[^"\\]*"|-?\d+|null)\s*,\s*)*)"(method|result|error)"\s*:/;
const idMember = /"id"\s*:\s*("[^"\\]*"|-?\d+)/;

/** What the first characters of a JSON-RPC message that is too large to be read tell of it. */
export interface MessageStart {
  readonly kind: 'answer' | 'unasked' | 'unknown';
  /** Of an answer whose id comes before its content. */
  readonly id?: unknown;
}

export function readMessageStart(start: string): MessageStart {
  const found = beginning.exec(start);
  if (found === null) return { kind: 'unknown' };
  if (found[2] === 'method') return { kind: 'unasked' };
  const id = idMember.exec(found[1] ?? '')?.[1];
  if (id === undefined) return { kind: 'answer' };
  return { kind: 'answer', id: id.startsWith('"') ? id.slice(1, -1) : Number(id) };
}
