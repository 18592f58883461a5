/** What Python takes for a blank. */
const blank = '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const leading = new RegExp(`^${blank}+`);
const trailingComma = new RegExp(`,(${blank}*[}\\]])`, 'g');
const isBlank = new RegExp(blank);

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A text that is nearly JSON as JSON; undefined where none of three attempts makes JSON of it. */
export function repaired(given: string): string | undefined {
  const text = stripped(given);
  let base = text;
  if (/^[[{]/.test(text) && /[\]}]$/.test(text) && text.includes("'") && !text.includes('"')) {
    base = text.replaceAll("'", '"');
    if (isJson(base)) return base;
  }
  const withoutCommas = base.replaceAll(trailingComma, '$1');
  if (withoutCommas !== base && isJson(withoutCommas)) return withoutCommas;
  if (!text.includes(':') || text.includes('{') || text.includes('}')) return undefined;
  const wrapped = `{${text}}`;
  return isJson(wrapped) ? wrapped : undefined;
}

/** A loop from the end, because an expression would look at each blank for an end behind it. */
function stripped(text: string): string {
  let end = text.length;
  while (end > 0 && isBlank.test(text.charAt(end - 1))) end--;
  return text.slice(0, end).replace(leading, '');
}
