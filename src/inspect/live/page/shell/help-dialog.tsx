import { useEffect, useRef } from 'preact/hooks';
import { keyName } from '../keys/key-bindings.js';
import { usePage } from './page-context.js';

/** All keys, as they work now. */
export function HelpDialog({ onClose }: { readonly onClose: () => void }) {
  const { keys } = usePage();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="help" onClose={onClose}>
      <h2 id="help">Keys</h2>
      <dl class="help-keys">
        {keys.all().map(({ key, does }) => (
          <>
            <dt key={`${key} key`}>
              <kbd>{keyName(key)}</kbd>
            </dt>
            <dd key={key}>{does}</dd>
          </>
        ))}
      </dl>
      <div class="dialog-buttons">
        <button type="button" class="button" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
    </dialog>
  );
}
