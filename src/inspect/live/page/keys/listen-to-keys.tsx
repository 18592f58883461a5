import { useEffect, useRef } from 'preact/hooks';
import { usePage } from '../shell/page-context.js';
import type { KeyBinding, KeyBindings } from './key-bindings.js';

/** Carries out what keys do. Returns what ends it. */
export function listenToKeys(bindings: KeyBindings): () => void {
  const onKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return;
    const target = event.target instanceof Element ? event.target : undefined;
    // A dialog and a menu have keys of their own.
    if (document.querySelector('dialog[open], [role=menu]') !== null) return;
    if (target !== undefined && isTyping(target)) return;
    // What is focused is pressed, not what the view would do.
    if ((event.key === 'Enter' || event.key === ' ') && target?.closest('a, button, summary, [role=button]') != null)
      return;
    const binding = bindings.find(event);
    if (binding === undefined) return;
    event.preventDefault();
    binding.run();
  };
  document.addEventListener('keydown', onKey);
  return () => document.removeEventListener('keydown', onKey);
}

function isTyping(target: Element): boolean {
  return target.closest('input, textarea, select, [contenteditable]') !== null;
}

/** The keys of a view, as long as it is there. */
export function useKeys(bindings: readonly KeyBinding[]): void {
  const { keys } = usePage();
  const latest = useRef(bindings);
  latest.current = bindings;
  // What they do may be another thing each time; which ones there are decides when they are put on top.
  const names = bindings.map(({ key, does }) => `${key} ${does}`).join('\n');
  useEffect(() => {
    const bound = latest.current.map(({ key, does }, index) => ({
      key,
      does,
      run: () => latest.current[index]?.run(),
    }));
    return keys.add(bound);
  }, [keys, names]);
}
