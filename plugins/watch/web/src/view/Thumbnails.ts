/** A picture of a moment: a rectangle of an image, in its own pixels. */
export interface Thumbnail {
  start: number;
  end: number;
  url: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

const TIMING = /^((?:\d+:)?\d\d:\d\d\.\d{3})\s+-->\s+((?:\d+:)?\d\d:\d\d\.\d{3})/;

/** Reads a WebVTT file whose cues are image addresses with `#xywh=`. Cues that are anything else are passed over. */
export function parseThumbnails(text: string, base: string): Thumbnail[] {
  const thumbnails: Thumbnail[] = [];
  const lines = text.split(/\r\n|\n|\r/);
  lines.forEach((line, index) => {
    const timing = TIMING.exec(line);
    const payload = lines[index + 1] ?? '';
    const area = /#xywh=(?:pixel:)?(\d+),(\d+),(\d+),(\d+)\s*$/.exec(payload);
    if (!timing || !area) return;
    const [x, y, width, height] = area.slice(1).map(Number);
    const url = new URL(payload.slice(0, area.index), base).href;
    thumbnails.push({ start: secondsOf(timing[1]), end: secondsOf(timing[2]), url, x, y, width, height });
  });
  return thumbnails;
}

function secondsOf(timestamp: string): number {
  return timestamp.split(':').reduce((total, part) => total * 60 + Number(part), 0);
}

/** The thumbnails at an address; none when there is no such file or it cannot be reached. */
export async function fetchThumbnails(url: string): Promise<Thumbnail[]> {
  try {
    const response = await fetch(url);
    return response.ok ? parseThumbnails(await response.text(), response.url) : [];
  } catch {
    return [];
  }
}
