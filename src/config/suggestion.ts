/** The known word that was probably meant, if one is near: a letter or two off, or other case and underscores. */
export function suggestionFor(word: string, known: readonly string[]): string | undefined {
  const bare = (text: string): string => text.toLowerCase().replaceAll(/[_-]/g, '');
  let best: { word: string; distance: number } | undefined;
  for (const candidate of known) {
    const distance = bare(word) === bare(candidate) ? 0 : distanceBetween(word, candidate);
    const most = Math.min(2, Math.floor(candidate.length / 2));
    if (distance <= most && distance < (best?.distance ?? Number.POSITIVE_INFINITY))
      best = { word: candidate, distance };
  }
  return best?.word;
}

/** Edits (insert, delete, replace, swap neighbours) from one word to the other. */
function distanceBetween(from: string, to: string): number {
  if (Math.abs(from.length - to.length) > 2) return Number.POSITIVE_INFINITY;
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1];
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]) {
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[to.length] ?? 0;
}
