/**
 * Rules as sets of sentences: a plain and slow account of who may use what, that shares nothing with the library but the
 * format. Patterns are matched by trying everything.
 */

/** A rules file that is right. */
export interface ModelRules {
  readonly agents?: Readonly<Record<string, ModelAgent>>;
  readonly defaults?: { readonly deny_on_missing_agent?: boolean };
}

export interface ModelAgent {
  readonly allow?: ModelLists;
  readonly deny?: ModelLists;
}

export interface ModelLists {
  readonly servers?: readonly string[];
  readonly tools?: Readonly<Record<string, readonly string[]>>;
}

/** Whether a pattern fits a name, by taking the pattern apart from the left. */
export function fits(pattern: string, name: string): boolean {
  return fitsFrom(Array.from(pattern), Array.from(name));
}

function fitsFrom(pattern: readonly string[], name: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return name.length === 0;
  if (first === '*')
    return Array.from({ length: name.length + 1 }, (_, i) => i).some((i) => fitsFrom(rest, name.slice(i)));
  if (name.length === 0) return false;
  const [character = '', ...others] = name;
  if (first === '?') return fitsFrom(rest, others);
  const set = first === '[' ? setIn(rest) : undefined;
  if (set === undefined) return first === character && fitsFrom(rest, others);
  return set.has(character) && fitsFrom(rest.slice(set.length), others);
}

function setIn(text: readonly string[]): { readonly length: number; has(character: string): boolean } | undefined {
  const joined = text.join('');
  const [whole, negation, members] = /^(!?)(\]?[^\]]*)\]/su.exec(joined) ?? [];
  if (whole === undefined || members === undefined || members === '') return undefined;
  const parts = members.match(/.-.|./gsu) ?? [];
  return {
    length: Array.from(whole).length,
    has: (character) => parts.some((part) => inPart(Array.from(part), character)) !== (negation === '!'),
  };
}

function inPart(part: readonly string[], character: string): boolean {
  const at = character.codePointAt(0) ?? 0;
  const from = part[0]?.codePointAt(0) ?? 0;
  const to = part[2]?.codePointAt(0) ?? from;
  return from <= at && at <= to;
}

/** One sentence: this agent may, or may not, use what fits. */
interface Sentence {
  readonly rule: string;
  readonly denies: boolean;
}

/** What is said of a server, or of a tool of it. */
function sentences(agent: ModelAgent, name: string, listsOf: (lists: ModelLists) => readonly string[]): Sentence[] {
  return (['deny', 'allow'] as const).flatMap((kind) =>
    listsOf(agent[kind] ?? {})
      .filter((rule) => rule === name || fits(rule, name))
      .map((rule) => ({ rule, denies: kind === 'deny' })),
  );
}

function toolLists(lists: ModelLists, server: string): string[] {
  return Object.entries(lists.tools ?? {}).flatMap(([key, rules]) =>
    key === server || fits(key, server) ? rules : [],
  );
}

/** What an agent may do with a server, and, where one is given, with a tool of it. */
export function mayUse(rules: ModelRules, agent: string, server: string, tool?: string): boolean {
  const own = Object.entries(rules.agents ?? {}).find(([name]) => name === agent)?.[1];
  if (own === undefined) return false;
  const ofServer = sentences(own, server, (lists) => lists.servers ?? []);
  if (ofServer.length === 0 || ofServer.some(({ denies }) => denies)) return false;
  if (tool === undefined) return true;
  const ofTool = sentences(own, tool, (lists) => toolLists(lists, server));
  if (ofTool.some(({ denies }) => denies)) return false;
  return ofTool.length > 0 || toolLists(own.allow ?? {}, server).length === 0;
}
