import type { Controls } from './Controls';

/** The keys that work while the player has the focus, or the page itself has. */
export function listenForShortcuts(frame: HTMLElement, video: HTMLVideoElement, controls: Controls): void {
  document.addEventListener('keydown', (event) => {
    const target = event.target as HTMLElement;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (target !== document.body && !frame.contains(target)) return;
    // A button answers to space by itself.
    if (event.key === ' ' && target instanceof HTMLButtonElement) return;
    const actions: Record<string, () => void> = {
      ' ': () => controls.togglePlay(),
      k: () => controls.togglePlay(),
      m: () => controls.toggleMute(),
      f: () => controls.toggleFullscreen(),
      c: () => controls.toggleSubtitles(),
      ArrowLeft: () => (video.currentTime = Math.max(0, video.currentTime - 5)),
      ArrowRight: () => (video.currentTime = Math.min(video.duration || 0, video.currentTime + 5)),
    };
    const action = actions[event.key];
    if (!action || target instanceof HTMLInputElement) return;
    event.preventDefault();
    action();
  });
}
