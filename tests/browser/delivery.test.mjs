import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { renditions } from './harness/content.mjs';
import * as demo from './harness/demo.mjs';
import { assertRefusal } from './harness/refusals.mjs';

const manifests = {
    '/stream/hls/demo/master.m3u8': 'application/vnd.apple.mpegurl',
    '/stream/hls/demo/master.m3u8?container=fmp4&maxHeight=720': 'application/vnd.apple.mpegurl',
    '/stream/hls/demo/360p/playlist.m3u8': 'application/vnd.apple.mpegurl',
    '/stream/hls/demo/360p/iframes.m3u8?container=fmp4': 'application/vnd.apple.mpegurl',
    '/stream/hls/demo/subtitles-en/playlist.m3u8': 'application/vnd.apple.mpegurl',
    '/stream/dash/demo/manifest.mpd': 'application/dash+xml',
};
const media = {
    '/stream/hls/demo/360p/segment-1.ts': 'video/mp2t',
    '/stream/hls/demo/audio-en/segment-1.ts': 'video/mp2t',
    '/stream/hls/demo/subtitles-en/segment-1.vtt': 'text/vtt; charset=utf-8',
    '/stream/cmaf/demo/360p/init.mp4': 'video/mp4',
    '/stream/cmaf/demo/360p/segment-1.m4s': 'video/mp4',
    '/stream/cmaf/demo/audio-en/init.mp4': 'audio/mp4',
    '/stream/cmaf/demo/audio-en/segment-1.m4s': 'audio/mp4',
};
const files = {
    '/stream/progressive/demo': 'video/mp4',
    '/stream/progressive/demo?quality=360p': 'video/mp4',
    '/stream/subtitles/demo/en.vtt': 'text/vtt; charset=utf-8',
    '/stream/thumbnails/demo/poster.jpg': 'image/jpeg',
    '/stream/thumbnails/demo/sprite-0.jpg': 'image/jpeg',
    '/stream/thumbnails/demo/thumbnails.vtt': 'text/vtt; charset=utf-8',
};
const everything = { ...manifests, ...media, ...files };

let server;
before(async () => (server = await demo.startDemoServer({ 'cors.allowed-origins': 'https://player.example' })));
after(() => server?.stop());

test('everything comes with its content type, and a HEAD tells the same without the body', async () => {
    for (const [target, type] of Object.entries(everything)) {
        const full = await server.get(target);
        assert.equal(full.headers['content-type'], type, target);
        assert.equal(Number(full.headers['content-length']), full.body.length, target);
        const head = await server.request(target, { method: 'HEAD' });
        assert.equal(head.status, 200, target);
        assert.equal(head.body.length, 0, target);
        for (const name of ['content-type', 'content-length', 'etag', 'cache-control', 'accept-ranges'])
            assert.equal(head.headers[name], full.headers[name], `${name} of ${target}`);
    }
});

test('whatever has not changed is not sent again', async () => {
    for (const target of Object.keys(everything)) {
        const { headers } = await server.get(target);
        assert.ok(headers.etag, `${target} has an ETag`);
        for (const known of [headers.etag, `"other", ${headers.etag}`, `W/${headers.etag}`, '*']) {
            const again = await server.request(target, { headers: { 'If-None-Match': known } });
            assert.equal(again.status, 304, `${target} with If-None-Match: ${known}`);
            assert.equal(again.body.length, 0);
            assert.equal(again.headers.etag, headers.etag);
            assert.equal(again.headers['cache-control'], headers['cache-control']);
        }
        await server.get(target, { headers: { 'If-None-Match': '"other"' } });
    }
});

test('an entity tag stands for one representation alone', async () => {
    const tags = [];
    for (const target of Object.keys(everything)) tags.push((await server.get(target)).headers.etag);
    assert.equal(new Set(tags).size, tags.length, tags.join(' '));
});

test('ranges of segments are the bytes of the segment', async () => {
    for (const target of Object.keys(media)) {
        const { body, headers } = await server.get(target);
        const middle = Math.floor(body.length / 2);
        const ranges = {
            'bytes=0-0': [0, 1],
            [`bytes=${middle}-`]: [middle, body.length],
            'bytes=-5': [body.length - 5, body.length],
        };
        for (const [range, [first, end]] of Object.entries(ranges)) {
            const part = await server.request(target, { headers: { Range: range, 'If-Range': headers.etag } });
            assert.equal(part.status, 206, `${target} ${range}`);
            assert.equal(part.headers['content-range'], `bytes ${first}-${end - 1}/${body.length}`);
            assert.ok(part.body.equals(body.subarray(first, end)), `${target} ${range}`);
        }
        const beyond = await server.request(target, { headers: { Range: `bytes=${body.length}-` } });
        assert.equal(beyond.status, 416, target);
        assert.equal(beyond.headers['content-range'], `bytes */${body.length}`);
    }
});

test('manifests are compressed for those who ask, and media never is', async () => {
    const headers = { 'Accept-Encoding': 'gzip' };
    for (const target of Object.keys(everything)) {
        const plain = await server.get(target);
        const packed = await server.get(target, { headers });
        const isText = /mpegurl|dash|vtt/.test(plain.headers['content-type']);
        if (isText && plain.body.length >= 1024) {
            assert.equal(packed.headers['content-encoding'], 'gzip', target);
            assert.ok(gunzipSync(packed.body).equals(plain.body), target);
            assert.ok(packed.body.length < plain.body.length, target);
            assert.notEqual(packed.headers.etag, plain.headers.etag, 'other bytes, another strong entity tag');
            assert.match(packed.headers.vary, /Accept-Encoding/);
            assert.match(plain.headers.vary ?? '', /Accept-Encoding/, target);
            const again = { ...headers, 'If-None-Match': packed.headers.etag };
            assert.equal((await server.request(target, { headers: again })).status, 304, target);
        } else {
            assert.equal(packed.headers['content-encoding'], undefined, target);
            assert.ok(packed.body.equals(plain.body), target);
        }
    }
});

test('media is kept for ever by its versioned URL, for an hour without, and never by another version', async () => {
    for (const container of demo.containers)
        for (const track of ['360p', 'audio-en', 'subtitles-en']) {
            const { segments, initialization } = await demo.fetchPlaylist(server, track, container);
            for (const url of [segments[0].url, ...(initialization ? [initialization] : [])]) {
                const cacheControl = async (target) => (await server.get(target)).headers['cache-control'];
                assert.equal(await cacheControl(url), 'public, max-age=31536000, immutable', url);
                const bare = new URL(url);
                bare.searchParams.delete('v');
                assert.equal(await cacheControl(bare.href), 'public, max-age=3600', bare.href);
                bare.searchParams.set('v', '0123456789abcdef');
                assert.equal(await cacheControl(bare.href), 'no-cache', bare.href);
            }
        }
});

test('manifests and the list of videos are asked for again each time', async () => {
    for (const target of [...Object.keys(manifests), '/stream/videos'])
        assert.equal((await server.get(target)).headers['cache-control'], 'no-cache', target);
});

test('a page of an allowed site may read everything, with ranges and their headers', async () => {
    const allowed = { Origin: 'https://player.example' };
    for (const target of [...Object.keys(everything), '/stream/videos', '/stream/nowhere']) {
        const { headers } = await server.request(target, { headers: allowed });
        assert.equal(headers['access-control-allow-origin'], 'https://player.example', target);
        assert.match(headers.vary, /Origin/, target);
        const exposed = headers['access-control-expose-headers'].split(', ');
        for (const name of ['Content-Length', 'Content-Range', 'ETag', 'Date']) assert.ok(exposed.includes(name), name);
        const other = await server.request(target, { headers: { Origin: 'https://other.example' } });
        assert.equal(other.headers['access-control-allow-origin'], undefined, target);
        assert.match(other.headers.vary, /Origin/, target);
    }
    const unchanged = await server.request('/stream/hls/demo/master.m3u8', {
        headers: { ...allowed, 'If-None-Match': '*' },
    });
    assert.equal(unchanged.status, 304);
    assert.equal(unchanged.headers['access-control-allow-origin'], 'https://player.example');
});

test('a preflight allows what players send, and may be remembered', async () => {
    for (const target of Object.keys(everything)) {
        const answer = await server.request(target, {
            method: 'OPTIONS',
            headers: {
                Origin: 'https://player.example',
                'Access-Control-Request-Method': 'GET',
                'Access-Control-Request-Headers': 'range,cmcd-request',
            },
        });
        assert.equal(answer.status, 204, target);
        assert.equal(answer.headers['access-control-allow-origin'], 'https://player.example');
        assert.match(answer.headers['access-control-allow-methods'], /\bGET\b/);
        const allowed = answer.headers['access-control-allow-headers'].toLowerCase().split(', ');
        for (const name of ['range', 'authorization', 'cmcd-request']) assert.ok(allowed.includes(name), name);
        assert.ok(Number(answer.headers['access-control-max-age']) >= 600);
    }
});

test('another method is refused, and the answer says which are there', async () => {
    const answer = await server.request('/stream/hls/demo/master.m3u8', { method: 'DELETE' });
    assertRefusal(answer, 405, 'METHOD_NOT_ALLOWED');
    assert.match(answer.headers.allow, /GET, HEAD/);
});

test('what does not exist is answered 404, and the answer says what does', async () => {
    const cases = {
        '/stream/hls/nobody/master.m3u8': 'VIDEO_NOT_FOUND',
        '/stream/dash/nobody/manifest.mpd': 'VIDEO_NOT_FOUND',
        '/stream/hls/demo/4320p/playlist.m3u8': 'QUALITY_NOT_FOUND',
        '/stream/hls/demo/audio-fi/playlist.m3u8': 'QUALITY_NOT_FOUND',
        '/stream/hls/demo/audio-en/iframes.m3u8': 'QUALITY_NOT_FOUND',
        '/stream/hls/demo/4320p/segment-0.ts': 'QUALITY_NOT_FOUND',
        '/stream/hls/demo/360p/segment-6.ts': 'SEGMENT_NOT_FOUND',
        '/stream/hls/demo/360p/segment-01.ts': 'SEGMENT_NOT_FOUND',
        '/stream/hls/demo/360p/segment--1.ts': 'SEGMENT_NOT_FOUND',
        '/stream/hls/demo/360p/segment-18446744073709551616.ts': 'SEGMENT_NOT_FOUND',
        '/stream/hls/demo/subtitles-en/segment-6.vtt': 'SEGMENT_NOT_FOUND',
        '/stream/hls/demo/subtitles-fi/segment-0.vtt': 'QUALITY_NOT_FOUND',
        '/stream/cmaf/demo/360p/segment-6.m4s': 'SEGMENT_NOT_FOUND',
        '/stream/cmaf/demo/4320p/init.mp4': 'QUALITY_NOT_FOUND',
        '/stream/progressive/nobody': 'VIDEO_NOT_FOUND',
        '/stream/progressive/demo?quality=4320p': 'QUALITY_NOT_FOUND',
        '/stream/subtitles/demo/fi.vtt': 'QUALITY_NOT_FOUND',
        '/stream/thumbnails/demo/sprite-1.jpg': 'SEGMENT_NOT_FOUND',
        '/stream/nowhere': 'NOT_FOUND',
        '/stream/hls/..%2f..%2fetc/master.m3u8': 'NOT_FOUND',
    };
    for (const [target, code] of Object.entries(cases)) assertRefusal(await server.request(target), 404, code);
    const { error } = (await server.request('/stream/hls/demo/4320p/playlist.m3u8')).json;
    for (const name of [...renditions, ...demo.audioTracks]) assert.ok(error.details.available.includes(name));
});
