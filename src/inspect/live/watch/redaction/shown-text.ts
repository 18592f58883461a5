import { cleanText } from '../../../../gateway/offer/text-cleaning.js';

/** Characters of one text that are shown. */
const longestText = 4096;

/** A text from outside as it may be shown: without characters that hide, and cut where it is long. */
export function shownText(text: string, longest = longestText): string {
  // Cleaned piece by piece: a text of megabytes is not gone through for its beginning.
  const cut = text.length > longest;
  const { text: cleaned } = cleanText(cut ? text.slice(0, longest) : text);
  return cut ? `${cleaned}… ${sizeText(text.length - longest)} more` : cleaned;
}

/** A name: short, and on one line. */
export function shownName(name: string): string {
  return shownText(name, 256).replace(/\s+/g, ' ');
}

function sizeText(characters: number): string {
  if (characters < 1024) return `${characters} B`;
  return characters < 1024 * 1024
    ? `${Math.round(characters / 1024)} KB`
    : `${Math.round(characters / 1024 / 1024)} MB`;
}
