/** Dashes and the minus, and the wide forms that letters, digits and marks of ASCII have beside those of East Asia. */
const otherForms = /[\u2010-\u2015\u2212\ufe58\ufe63\uff01-\uff5e]/g;

const wideOffset = 0xff01 - 0x21;

/**
 * A text with the dashes that word processors and models write as hyphens, and wide characters as those of ASCII, each in
 * its place: people read `123\u201145\u20116789` as they read `123-45-6789`.
 */
export function inPlainForms(text: string): string {
  return text.replaceAll(otherForms, (form) => {
    const code = form.charCodeAt(0);
    return code < 0xff01 ? '-' : String.fromCharCode(code - wideOffset);
  });
}
