import { useEffect, useRef, useState } from 'preact/hooks';
import { useKeys } from '../keys/listen-to-keys.js';
import { usePage } from '../shell/page-context.js';

/** One form in which something is copied. */
export interface CopyForm {
  /** `link`, `test`, `JSON`, `Mermaid`, `command`. */
  readonly name: string;
  /** What it is good for. */
  readonly hint?: string;
  readonly text: () => string | Promise<string>;
}

/** A button whose menu copies what is looked at, in the form that is wanted. Its key is `c`. */
export function CopyAs({ forms }: { readonly forms: readonly CopyForm[] }) {
  const { say } = usePage();
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  useKeys([{ key: 'c', does: 'copy as', run: () => setOpen(true) }]);
  useEffect(() => {
    if (!open) return;
    root.current?.querySelector<HTMLButtonElement>('[role=menuitem]')?.focus();
    const leave = (event: PointerEvent) => {
      if (event.target instanceof Node && root.current?.contains(event.target) === false) setOpen(false);
    };
    document.addEventListener('pointerdown', leave);
    return () => document.removeEventListener('pointerdown', leave);
  }, [open]);
  const close = () => {
    setOpen(false);
    root.current?.querySelector<HTMLButtonElement>('button')?.focus();
  };
  const copy = async ({ name, text }: CopyForm) => {
    close();
    try {
      await navigator.clipboard.writeText(await text());
      say(`Copied as ${name}.`);
    } catch (error) {
      say(`It could not be copied: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const onKey = (event: KeyboardEvent) => {
    const items = [...(root.current?.querySelectorAll<HTMLButtonElement>('[role=menuitem]') ?? [])];
    const at = items.findIndex((item) => item === document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) items[(at + step + items.length) % items.length]?.focus();
    else if (event.key === 'Escape' || event.key === 'Tab') close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="menu-place" ref={root}>
      <button type="button" class="button" aria-haspopup="menu" aria-expanded={open} onClick={() => setOpen(!open)}>
        Copy as
      </button>
      {open && (
        <div class="menu" role="menu" aria-label="Copy as" onKeyDown={onKey}>
          {forms.map((form) => (
            <button key={form.name} type="button" role="menuitem" tabIndex={-1} onClick={() => void copy(form)}>
              <span>{form.name}</span>
              {form.hint !== undefined && <small>{form.hint}</small>}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
