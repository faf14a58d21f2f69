import type { Source } from '../playback/PlaybackSession';
import { byId, setText } from './Dom';

/** The address of what is playing, and a command that fetches it, each to be copied. */
export class Addresses {
  constructor() {
    for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-copies]')) {
      button.addEventListener('click', () => void copy(button));
    }
  }

  show({ url, format }: Source): void {
    setText(byId('manifest-kind'), format === 'progressive' ? 'File' : 'Manifest');
    setText(byId('manifest-url'), url);
    setText(byId('curl'), format === 'progressive' ? `curl -r 0-1023 '${url}' -o /dev/null -v` : `curl '${url}'`);
    for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-copies]')) button.disabled = false;
  }
}

async function copy(button: HTMLButtonElement): Promise<void> {
  const source = byId(button.dataset.copies ?? '');
  try {
    await navigator.clipboard.writeText(source.textContent ?? '');
    setText(button, 'Copied');
  } catch {
    // Without a secure context there is no clipboard: the text is selected, ready for the keyboard.
    window.getSelection()?.selectAllChildren(source);
    setText(button, 'Selected');
  }
  window.setTimeout(() => setText(button, 'Copy'), 1500);
}
