/** Characters from which on a request is looked at: fewer cannot become much. */
const fewCharacters = 64 * 1024;

/** What an object, a list or a member takes, whatever is in it. */
const structureBytes = 32;

const list = 0x5b;
const object = 0x7b;
const member = 0x3a;

/**
 * Bytes that a request in JSON takes beside those of its text: many small values take many times what they take in it.
 * Signs in texts count too: to tell them apart costs more than it is worth.
 */
export function structureBytesOf(text: string): number {
  if (text.length < fewCharacters) return 0;
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === list || code === object || code === member) count++;
  }
  return count * structureBytes;
}
