// The video "demo" of the test content, as the server offers it.
import path from 'node:path';
import { testVideos } from './content.mjs';
import { readMediaPlaylist } from './playlists.mjs';
import { Server } from './server.mjs';

export const containers = ['ts', 'fmp4'];
export const audioTracks = ['audio-en', 'audio-es'];
export const subtitleLanguages = ['de', 'en', 'es', 'fr'];

/** Its folder, for comparison with what the server makes of it. */
export async function demoFolder() {
    return path.join(await testVideos(), 'demo');
}

/** A server with "demo" alone. */
export async function startDemoServer(settings = {}) {
    return Server.start({ videos: await testVideos(), settings });
}

export function masterPath(container) {
    return `/stream/hls/demo/master.m3u8${container === 'fmp4' ? '?container=fmp4' : ''}`;
}

/** @param {'playlist'|'iframes'} kind */
export function playlistPath(track, container, kind = 'playlist') {
    return `/stream/hls/demo/${track}/${kind}.m3u8${container === 'fmp4' ? '?container=fmp4' : ''}`;
}

/** As readMediaPlaylist(), fetched. */
export async function fetchPlaylist(server, track, container, kind) {
    return readPlaylist(server, playlistPath(track, container, kind));
}

/** As fetchPlaylist(), of any video. */
export async function readPlaylist(server, target) {
    return readMediaPlaylist((await server.get(target)).text, server.url(target));
}

/** All segments of a track of "demo", as fetchSegments(). */
export async function fetchTrack(server, track, container) {
    return fetchSegments(server, await fetchPlaylist(server, track, container));
}

/**
 * All segments of a playlist.
 *
 * @returns {Promise<{playlist: object, initialization: Buffer, segments: Buffer[], whole: Buffer}>}
 *          `initialization` is what has to stand before any segment: nothing, in TS; `whole` is all of it
 */
export async function fetchSegments(server, playlist) {
    const segments = await Promise.all(playlist.segments.map(async ({ url }) => (await server.get(url)).body));
    const initialization = playlist.initialization ? (await server.get(playlist.initialization)).body : Buffer.alloc(0);
    return { playlist, initialization, segments, whole: Buffer.concat([initialization, ...segments]) };
}
