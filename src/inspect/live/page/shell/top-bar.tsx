import { FindBox } from './find-box.js';
import { Icon } from './icons.js';
import { useModel } from './page-context.js';
import { useTimeKeys } from './shown-time.js';
import { toggleTheme } from './theme.js';

export function TopBar({ onHelp }: { readonly onHelp: () => void }) {
  const host = useModel((model) => model.hello?.host);
  const isRecording = useModel((model) => model.hello?.source === 'recording');
  const { isHeld, toggle } = useTimeKeys();
  return (
    <header class="top">
      <span class="brand wide-only">gatechart</span>
      <span class="host">
        <b class="cut">{host?.name ?? 'not connected'}</b>
        {host !== undefined && <span class="mono faint pid">pid {host.pid}</span>}
      </span>
      <FindBox />
      <div class="top-actions">
        {!isRecording && (
          <button type="button" class="button is-quiet" onClick={toggle} title="Space">
            <Icon of={isHeld ? 'play' : 'pause'} />
            <span class="wide-only">{isHeld ? 'Go live' : 'Pause'}</span>
            <span class="unseen narrow-word">{isHeld ? 'Go live' : 'Pause'}</span>
          </button>
        )}
        <button type="button" class="button is-quiet" onClick={toggleTheme} title="Light or dark (t)">
          <Icon of="theme" />
          <span class="unseen">Light or dark</span>
        </button>
        <button type="button" class="button is-quiet wide-only" onClick={onHelp} title="Keys (?)" aria-label="Keys">
          ?
        </button>
      </div>
    </header>
  );
}
