/** The colours of the style, for what is drawn on a canvas: they are asked of the page once, and again with each theme. */
class Palette {
  #values = new Map<string, string>();
  /** Another number after each change of theme. */
  version = 0;

  constructor() {
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.forget());
  }

  /** @param token without its dashes: `ready-fill` */
  colour(token: string): string {
    let value = this.#values.get(token);
    if (value === undefined) {
      const probe = document.createElement('i');
      probe.style.color = `var(--${token})`;
      document.body.append(probe);
      value = getComputedStyle(probe).color;
      probe.remove();
      this.#values.set(token, value);
    }
    return value;
  }

  forget(): void {
    this.#values = new Map();
    this.version++;
  }
}

export const palette = new Palette();
