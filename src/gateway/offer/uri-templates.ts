/** A piece of a template: text that stands there, one character or more, or a query that may be left out. */
type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly until: string }
  | { readonly kind: 'query'; readonly opens: string };

/** Pieces of one template: each costs a look at the whole URI, and a server may list very many templates. */
const mostPieces = 64;

/** Where a value ends that may hold reserved characters: nowhere. */
const nowhere = '';

/**
 * Whether a URI can come of a template of RFC 6570. Templates come from servers and URIs from agents, and neither is to cost
 * time: there is no backtracking, each piece looks once at each character. Values are taken as agents write them, encoded
 * or not. False for a template that cannot be read, or has more than 64 pieces.
 */
export function matchesTemplate(template: string): (uri: string) => boolean {
  const pieces = piecesOf(template);
  if (pieces === undefined) return () => false;
  return (uri) => {
    // reached[i]: the pieces so far can make up the first i characters.
    let reached = new Uint8Array(uri.length + 1);
    reached[0] = 1;
    for (const piece of pieces) {
      if (!reached.includes(1)) return false;
      reached = after(piece, uri, reached);
    }
    return reached[uri.length] === 1;
  };
}

function piecesOf(template: string): readonly Piece[] | undefined {
  const pieces: Piece[] = [];
  for (const [index, part] of template.split('{').entries()) {
    const end = index === 0 ? 0 : part.indexOf('}') + 1;
    if (index > 0) {
      const expression = /^([+#./;?&]?)[\w%.,:*]+\}$/.exec(part.slice(0, end));
      if (expression === null) return undefined;
      pieces.push(...expressionPieces(expression[1] ?? '', /[*,]/.test(expression[0])));
    }
    const text = part.slice(end);
    if (text.includes('}')) return undefined;
    if (text !== '') pieces.push({ kind: 'text', text });
    if (pieces.length > mostPieces) return undefined;
  }
  return pieces;
}

/** @param isList several values, or one that may be a list: what stands between them may be a slash */
function expressionPieces(operator: string, isList: boolean): readonly Piece[] {
  switch (operator) {
    case '?':
    case '&':
      return [{ kind: 'query', opens: operator }];
    case '+':
      return [{ kind: 'value', until: nowhere }];
    case '#':
    case '/':
    case '.':
    case ';':
      return [
        { kind: 'text', text: operator },
        { kind: 'value', until: operator === '#' || isList ? nowhere : '/?#' },
      ];
    default:
      return [{ kind: 'value', until: isList ? nowhere : '/?#' }];
  }
}

function after(piece: Piece, uri: string, reached: Uint8Array): Uint8Array<ArrayBuffer> {
  const next = new Uint8Array(uri.length + 1);
  if (piece.kind === 'text') {
    for (let at = 0; at <= uri.length; at++)
      if (reached[at] === 1 && uri.startsWith(piece.text, at)) next[at + piece.text.length] = 1;
    return next;
  }
  if (piece.kind === 'query') next.set(reached);
  let isInside = false;
  for (let at = 0; at < uri.length; at++) {
    const character = uri.charAt(at);
    if (piece.kind === 'query') isInside ||= reached[at] === 1 && character === piece.opens;
    else isInside = (isInside || reached[at] === 1) && !piece.until.includes(character);
    if (isInside) next[at + 1] = 1;
  }
  return next;
}
