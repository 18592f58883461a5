/** What a row is about, as far as filters of all lists can ask for it. */
export interface FilteredRow {
  /** When it was, in milliseconds of the process. */
  readonly t: number;
  /** The plugin that it is about. */
  readonly plugin: string | undefined;
}

/** Whether a filter wants a row. @param now of the time that is shown */
export type RowQuestion = (row: FilteredRow, now: number) => boolean;

/** Tokens that all lists understand. */
export const rowKeys = ['plugin:', 'since:'] as const;

/** The tokens of a filter: words between spaces, where quotes keep spaces together. */
export function splitFilter(text: string): string[] {
  return text.match(/(?:[^\s"]|"[^"]*"?)+/g) ?? [];
}

/**
 * What a token without its `-` asks of any row, or why it asks nothing; undefined for a token that is a list's own.
 */
export function rowQuestion(token: string): RowQuestion | string | undefined {
  const [, key, value = ''] = /^(plugin|since):(.*)$/s.exec(token) ?? [];
  if (key === undefined) return undefined;
  if (value === '') return `“${key}:” wants something after it.`;
  if (key === 'plugin') return ({ plugin }) => plugin?.toLowerCase().includes(value.toLowerCase()) === true;
  const ms = durationOf(value);
  return typeof ms === 'string' ? ms : ({ t }, now) => t >= now - ms;
}

/** Milliseconds, or why a text says none. */
export function durationOf(text: string): number | string {
  const [, amount, unit = 'ms'] = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(text) ?? [];
  if (amount === undefined) return `“${text}” is not a duration. Write 200ms, 3s or 2m.`;
  return Number(amount) * { ms: 1, s: 1000, m: 60_000 }[unit as 'ms' | 's' | 'm'];
}

/** The plugin whose life an actor is, or that has started it: `plugin:Guard#2`, `webhookDelivery:Guard/tool_error`. */
export function pluginOf(actor: string): string | undefined {
  const [, own, started] = /^plugin:(.*?)(?:#\d+)?$|^\w+:([^/]+)\//s.exec(actor) ?? [];
  return own ?? started;
}
