import { useEffect, useRef, useState } from 'preact/hooks';
import { useKeys } from '../keys/listen-to-keys.js';
import { type Found, find, keyOfFound } from './find.js';
import { Icon } from './icons.js';
import { usePage, useRoute } from './page-context.js';

/** Finds a connection, a call, a plugin or a request id, and goes there. */
export function FindBox() {
  const { store, go } = usePage();
  const { seq } = useRoute();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [found, setFound] = useState<readonly Found[]>([]);
  const [chosen, setChosen] = useState(0);
  useKeys([{ key: '/', does: 'find', run: () => input.current?.focus() }]);
  // What is found does not change under the eyes of who reads it.
  useEffect(() => {
    setFound(find(store.shown, text));
    setChosen(0);
  }, [store, text]);
  const leave = () => {
    setText('');
    input.current?.blur();
  };
  const open = (one: Found | undefined) => {
    if (one === undefined) return;
    leave();
    go({ ...(seq !== undefined && { seq }), ...one.route });
  };
  const onKey = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && found.length > 0) setChosen((chosen + step + found.length) % found.length);
    else if (event.key === 'Enter') open(found[chosen]);
    else if (event.key === 'Escape') leave();
    else return;
    event.preventDefault();
  };
  const isOpen = text.trim() !== '';
  return (
    <search class="find">
      <Icon of="find" />
      <input
        ref={input}
        type="text"
        value={text}
        placeholder="Find a connection, call, plugin, request id"
        aria-label="Find a connection, call, plugin, request id"
        role="combobox"
        aria-expanded={isOpen}
        aria-controls="found"
        aria-autocomplete="list"
        autocomplete="off"
        spellcheck={false}
        {...(found[chosen] !== undefined && { 'aria-activedescendant': `found-${chosen}` })}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={onKey}
        onBlur={() => setTimeout(() => setText(''), 150)}
      />
      <kbd>/</kbd>
      <div id="found" class="menu find-menu" role="listbox" aria-label="Found" hidden={!isOpen}>
        {found.map((one, index) => (
          <div
            key={keyOfFound(one)}
            id={`found-${index}`}
            role="option"
            aria-selected={index === chosen}
            onPointerDown={(event) => {
              event.preventDefault();
              open(one);
            }}
          >
            <span class="cut">
              <small>{one.kind}</small> {one.name}
            </span>
            <small class="cut">{one.hint}</small>
          </div>
        ))}
        {found.length === 0 && <p class="faint">Nothing that is held has “{text.trim()}” in it.</p>}
      </div>
    </search>
  );
}
