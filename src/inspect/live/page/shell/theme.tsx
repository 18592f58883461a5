import { palette } from '../parts/palette.js';

const place = 'gatechart.theme';

/** Takes over what was chosen in this tab before; else the system decides. */
export function restoreTheme(): void {
  const chosen = sessionStorage.getItem(place);
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset['theme'] = chosen;
}

/** The other one of light and dark. */
export function toggleTheme(): void {
  const { dataset } = document.documentElement;
  const isDark =
    (dataset['theme'] ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark';
  dataset['theme'] = isDark ? 'light' : 'dark';
  sessionStorage.setItem(place, dataset['theme']);
  palette.forget();
}
