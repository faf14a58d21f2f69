import { fetchData } from './Envelope';

export interface RenditionSummary {
  name: string;
  width: number;
  height: number;
  frameRate: number;
  codecs: string;
  bandwidth: number;
  averageBandwidth: number;
}

export interface SubtitleSummary {
  language: string;
  label: string;
  url: string;
}

/** One video as `GET /stream/videos` lists it. */
export interface VideoSummary {
  id: string;
  title: string;
  description: string;
  durationSeconds: number;
  aspectRatio: string;
  frameRate: number;
  poster: string;
  hls: string;
  hlsFmp4: string;
  dash: string;
  progressive: string;
  renditions: RenditionSummary[];
  audio: Array<{ name: string; language: string; label: string; codecs: string; default: boolean }>;
  subtitles: SubtitleSummary[];
  thumbnails: object | null;
}

export interface VideoListing {
  videos: VideoSummary[];
  /** Videos that are there and cannot be streamed, with the reason. */
  problems: Array<{ id: string; error: string }>;
  total: number;
}

const PAGE_SIZE = 100;

/** Every video of the server. Throws as fetchData() does. */
export async function fetchVideos(): Promise<VideoListing> {
  const listing: VideoListing = { videos: [], problems: [], total: 0 };
  do {
    const page = await fetchData<VideoListing>(`/stream/videos?limit=${PAGE_SIZE}&offset=${listing.videos.length}`);
    listing.total = page.total;
    listing.problems = page.problems ?? [];
    listing.videos.push(...page.videos);
    if (page.videos.length === 0) break;
  } while (listing.videos.length < listing.total);
  return listing;
}

/** Where the seek bar's previews are described, or nothing when the video has none. */
export function thumbnailsOf(video: VideoSummary): string | undefined {
  return video.thumbnails ? `/stream/thumbnails/${encodeURIComponent(video.id)}/thumbnails.vtt` : undefined;
}
