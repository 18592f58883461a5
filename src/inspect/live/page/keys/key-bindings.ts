/** What of a key press counts. */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/** A key, and what it does. */
export interface KeyBinding {
  /** As `KeyboardEvent.key` has it: `j`, `/`, `Enter`, `ArrowLeft`, `Shift+ArrowLeft`. */
  readonly key: string;
  /** In words, for the help. */
  readonly does: string;
  readonly run: () => void;
}

/** The keys of the page. A view puts its own on top, and takes them away when it is left. */
export class KeyBindings {
  #layers: (readonly KeyBinding[])[] = [];

  /** Returns what takes them away. */
  add(bindings: readonly KeyBinding[]): () => void {
    this.#layers.push(bindings);
    return () => {
      this.#layers = this.#layers.filter((layer) => layer !== bindings);
    };
  }

  /** What a key press does now; undefined: nothing. Keys of the browser and of the system stay theirs. */
  find(press: KeyPress): KeyBinding | undefined {
    if (press.ctrlKey || press.metaKey || press.altKey) return undefined;
    const named = press.shiftKey && press.key.length > 1 ? `Shift+${press.key}` : press.key;
    for (const layer of this.#layers.toReversed()) {
      const found = layer.find(({ key }) => key === named);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Each key once, as it works now. */
  all(): KeyBinding[] {
    const byKey = new Map<string, KeyBinding>();
    for (const layer of this.#layers) for (const binding of layer) byKey.set(binding.key, binding);
    return [...byKey.values()];
  }
}

/** A key as the help writes it. */
export function keyName(key: string): string {
  const arrows: Readonly<Record<string, string>> = { ArrowLeft: '←', ArrowRight: '→', ArrowUp: '↑', ArrowDown: '↓' };
  return key
    .split('+')
    .map((part) => arrows[part] ?? (part === ' ' ? 'Space' : part === 'Escape' ? 'Esc' : part))
    .join(' ');
}
