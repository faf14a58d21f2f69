/** 75 becomes "1:15", 3675 "1:01:15". */
export function clockTime(seconds: number): string {
  const whole = Math.max(0, Math.floor(Number.isFinite(seconds) ? seconds : 0));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = String(whole % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}

/** 2500000 becomes "2.5 Mbit/s". */
export function bitRate(bitsPerSecond: number): string {
  if (bitsPerSecond >= 1e9) return `${(bitsPerSecond / 1e9).toFixed(2)} Gbit/s`;
  if (bitsPerSecond >= 1e8) return `${Math.round(bitsPerSecond / 1e6)} Mbit/s`;
  if (bitsPerSecond >= 1e6) return `${(bitsPerSecond / 1e6).toFixed(1)} Mbit/s`;
  return `${Math.round(bitsPerSecond / 1e3)} kbit/s`;
}

/** A track's name for a menu: its label, or its language in the viewer's words. */
export function trackName(track: { label: string; language: string }): string {
  if (track.label && track.label !== track.language) return track.label;
  try {
    return new Intl.DisplayNames(undefined, { type: 'language' }).of(track.language) ?? track.language;
  } catch {
    return track.language || track.label;
  }
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
