/** How ContextForge writes an exception of that name as an error answer: `PluginViolationError('blocked')`. */
const written = /^PluginViolationError\((?<said>[^]*)$/;

/** The message of an error answer that stands for a thrown violation, as servers of ContextForge and cpex write it. */
export function writeViolation(message: string): string {
  const quote = message.includes("'") && !message.includes('"') ? '"' : "'";
  const escaped = message
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replaceAll(quote, `\\${quote}`);
  return `PluginViolationError(${quote}${escaped}${quote})`;
}

/** What a thrown violation said, from the message of an error answer; undefined for every other error. */
export function readViolationWords(message: string): string | undefined {
  const said = written.exec(message)?.groups?.['said'];
  return said?.replace(/\)$/, '').replace(/^(['"])([^]*)\1$/, '$2');
}
