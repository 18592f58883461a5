/** What templates can name. */
export interface TemplateValues {
  readonly event: string;
  readonly plugin_name: string;
  readonly timestamp: string;
  readonly request_id: unknown;
  readonly user: unknown;
  readonly tenant_id: unknown;
  readonly server_id: unknown;
  readonly violation: unknown;
  readonly metadata: unknown;
  readonly payload: unknown;
}

const sample: TemplateValues = {
  event: 'e',
  plugin_name: 'p',
  timestamp: 't',
  request_id: 'r',
  user: null,
  tenant_id: null,
  server_id: null,
  violation: null,
  metadata: {},
  payload: null,
};

const names = Object.keys(sample);

/** A text, or the name of a value: inside the quotes of a text, or where a whole value stands. */
type Piece = string | { readonly name: string; readonly isQuoted: boolean };

/**
 * The text of a template with values in the place of `{{names}}`. Inside quotes a value stands as the inside of a text of
 * JSON, outside as a whole value: what is JSON stays JSON, whatever the values are. Names inside of values mean nothing.
 */
export function renderTemplate(template: string, values: TemplateValues): string {
  return piecesOf(template)
    .map((piece) => {
      if (typeof piece === 'string') return piece;
      // Fields of a violation are null, as there is none.
      const value = valueOf(values, piece.name) ?? null;
      const whole = JSON.stringify(value);
      if (!piece.isQuoted) return whole;
      return typeof value === 'string' ? whole.slice(1, -1) : JSON.stringify(whole).slice(1, -1);
    })
    .join('');
}

/** What is wrong with a template; undefined if nothing is. */
export function templateProblem(template: string): string | undefined {
  const unknown = piecesOf(template).find((piece) => typeof piece !== 'string' && !isKnown(piece.name));
  if (typeof unknown === 'object') return `there is no {{${unknown.name}}}, expected one of ${names.join(', ')}`;
  if (isJson(renderTemplate(template, sample)) || isEmptied(template)) return undefined;
  return 'with values in the place of its names it is no JSON';
}

/**
 * Whether a template was filled in before it came here: it names nothing, and would be JSON had values been left where
 * none are. The template of a configuration file puts nothing in the place of names that it does not know.
 */
export function isEmptied(template: string): boolean {
  const pieces = piecesOf(template);
  return pieces.length === 1 && !isJson(template) && isJson(template.replaceAll(textOrNoValue, withNull));
}

/** A text of JSON, which stays as it is, or a colon without a value. */
const textOrNoValue = /"(?:[^"\\]|\\.)*"|:(?=\s*[,}])/gs;

function withNull(found: string): string {
  return found === ':' ? ': null' : found;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function isKnown(name: string): boolean {
  return names.includes(name) || /^violation\.\w+$/.test(name);
}

function valueOf(values: TemplateValues, name: string): unknown {
  return Object.hasOwn(values, name) ? Reflect.get(values, name) : undefined;
}

function piecesOf(template: string): readonly Piece[] {
  let isQuoted = false;
  return template.split(/\{\{\s*([\w.]+)\s*\}\}/).map((part, index) => {
    if (index % 2 === 1) return { name: part, isQuoted };
    for (const [token] of part.matchAll(/\\.|"/gs)) if (token === '"') isQuoted = !isQuoted;
    return part;
  });
}
