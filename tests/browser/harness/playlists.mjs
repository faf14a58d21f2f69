// HLS playlists and DASH manifests, each read by parsers that players use, which must find nothing to complain about.
import assert from 'node:assert/strict';
import { DOMParser } from '@xmldom/xmldom';
import HLS from 'hls-parser';
import m3u8Parser from 'm3u8-parser';
import mpdParser from 'mpd-parser';

// Errors and doubts are thrown instead of logged.
HLS.setOptions({ strictMode: true });

/**
 * A playlist as m3u8-parser (`videoJs`) and hls-parser (`strict`) understand it, and its lines.
 *
 * @returns {{videoJs: object, strict: object, lines: string[]}}
 */
export function parsePlaylist(text, what) {
    const parser = new m3u8Parser.Parser();
    const complaints = [];
    for (const event of ['warn', 'error']) parser.on(event, ({ message }) => complaints.push(message));
    parser.push(text);
    parser.end();
    assert.deepEqual(complaints, [], `m3u8-parser complains about ${what}`);
    let strict;
    assert.doesNotThrow(() => (strict = HLS.parse(text)), `hls-parser refuses ${what}`);
    return { videoJs: parser.manifest, strict, lines: text.split('\n') };
}

/**
 * An MPD as mpd-parser understands it (`manifest`), and as XML (`document`).
 *
 * @param {string} url  where it was found
 */
export function parseDash(text, url) {
    const complaints = [];
    const onProblem = (message) => complaints.push(message);
    const document = new DOMParser({
        errorHandler: { warning: onProblem, error: onProblem, fatalError: onProblem },
    }).parseFromString(text, 'application/xml');
    const manifest = mpdParser.parse(text, {
        manifestUri: url,
        eventHandler: ({ type, message }) => type === 'warn' && onProblem(message),
    });
    assert.deepEqual(complaints, [], `parsers complain about ${url}`);
    return { manifest, document };
}

/** The attributes of a tag such as `#EXT-X-MEDIA:TYPE=AUDIO,NAME="English"`, quotes removed. */
export function attributesOf(line) {
    const list = line.slice(line.indexOf(':') + 1);
    const pairs = list.matchAll(/([A-Z0-9-]+)=("([^"]*)"|[^,]*)/g);
    return Object.fromEntries([...pairs].map(([, name, value, quoted]) => [name, quoted ?? value]));
}

/**
 * The segments of a media playlist with their URLs, checked to be whole and consistent.
 *
 * @param {string} url  where the playlist was found
 * @returns {{segments: {url: string, duration: number, range?: {offset: number, length: number}}[],
 *            initialization?: string, targetDuration: number, duration: number}}
 */
export function readMediaPlaylist(text, url) {
    const { videoJs, strict } = parsePlaylist(text, url);
    assert.equal(strict.isMasterPlaylist, false, url);
    assert.equal(videoJs.endList, true, `${url} ends`);
    assert.equal(videoJs.playlistType, 'VOD', url);
    assert.equal(videoJs.mediaSequence, 0, url);
    const absolute = (uri) => new URL(uri, url).href;
    assert.deepEqual(
        videoJs.segments.map(({ uri, duration }) => ({ uri, duration })),
        strict.segments.map(({ uri, duration }) => ({ uri, duration })),
        `both parsers see the same segments in ${url}`,
    );
    const segments = videoJs.segments.map((segment) => ({
        url: absolute(segment.uri),
        duration: segment.duration,
        ...(segment.byterange && { range: segment.byterange }),
    }));
    for (const { duration } of segments) {
        assert.ok(duration > 0, `${url}: an EXTINF of ${duration}`);
        assert.ok(
            Math.round(duration) <= videoJs.targetDuration,
            `${url}: ${duration} s is beyond its target duration`,
        );
    }
    const map = videoJs.segments[0].map?.uri;
    return {
        segments,
        ...(map && { initialization: absolute(map) }),
        targetDuration: videoJs.targetDuration,
        duration: segments.reduce((sum, segment) => sum + segment.duration, 0),
    };
}
