import { useState } from 'preact/hooks';
import { splitFilter } from '../../feed/row-filter.js';
import { usePage, useRoute } from '../shell/page-context.js';
import { filterKeys } from './event-filter.js';

/** The filter: its tokens can be taken away one by one, and what is being typed counts already. */
export function FilterLine() {
  const { go } = usePage();
  const route = useRoute();
  const tokens = splitFilter(route.filter ?? '');
  // The last one is still being written, until a space or Enter ends it.
  const [open, setOpen] = useState('');
  const done = open !== '' && tokens.at(-1) === open ? tokens.slice(0, -1) : tokens;
  const filterBy = (all: readonly string[]) => {
    const { filter: _filter, ...rest } = route;
    const text = all.filter((token) => token !== '').join(' ');
    go({ ...rest, ...(text !== '' && { filter: text }) }, 'replace');
  };
  const write = (text: string) => {
    const isOpenQuote = (text.match(/"/g)?.length ?? 0) % 2 === 1;
    const isEnded = /\s$/.test(text) && !isOpenQuote;
    setOpen(isEnded ? '' : text);
    filterBy([...done, text.trim()]);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Enter') setOpen('');
    else if (event.key === 'Backspace' && open === '' && done.length > 0) {
      setOpen(done.at(-1) ?? '');
      filterBy(done);
    } else if (event.key === 'Escape') (event.currentTarget as HTMLInputElement).blur();
    else return;
    event.preventDefault();
  };
  return (
    <div class="filter-line">
      {done.map((token, index) => (
        <button
          key={token}
          type="button"
          class="filter-token"
          title="Take it away"
          onClick={() => filterBy([...done.slice(0, index), ...done.slice(index + 1), open])}
        >
          {token}
          <span aria-hidden="true"> ×</span>
        </button>
      ))}
      <input
        type="text"
        value={open}
        placeholder={done.length === 0 ? `${filterKeys.join(' ')} -token, or words` : 'and'}
        aria-label={`Filter events: ${filterKeys.join(' ')}, a minus before one, or words`}
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => write(event.currentTarget.value)}
        onKeyDown={onKey}
        onBlur={() => setOpen('')}
      />
    </div>
  );
}
