/** `promptId` → `prompt_id`. Decoding never inverts this rule: it looks names up in the tables made with it. */
export function toWireName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
